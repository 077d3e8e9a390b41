#include "bench/process_stats.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.h"

namespace bench {
namespace {

// The whole of a small /proc file; empty when it is gone, which is how a process that ended looks.
std::string ReadProc(const std::string& path) {
  std::string text;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  std::array<char, 4096> piece;
  for (ssize_t n = 0; (n = read(fd, piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(n));
  }
  close(fd);
  return text;
}

// The next decimal number in `text`, which loses it and what stands before it; 0 when there is none.
std::uint64_t NextNumber(std::string_view& text) {
  while (!text.empty() && !base::IsDigit(text.front())) text.remove_prefix(1);
  std::uint64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// Calls `f` with the path of each thread of a process, "/proc/1/task/1".
template <class F>
void ForEachThread(pid_t pid, F&& f) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/task";
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), &closedir);
  if (!dir) return;
  while (const dirent* entry = readdir(dir.get())) {
    if (base::IsDigit(entry->d_name[0])) f(folder + "/" + entry->d_name);
  }
}

std::uint64_t StatusField(std::string_view status, std::string_view name) {
  const std::size_t at = status.find(name);
  if (at == std::string_view::npos) return 0;
  std::string_view rest = status.substr(at + name.size());
  return NextNumber(rest);
}

}  // namespace

std::vector<pid_t> ProcessTree(pid_t root) {
  std::vector<pid_t> tree;
  if (access(("/proc/" + std::to_string(root)).c_str(), F_OK) != 0) return tree;
  tree.push_back(root);
  for (std::size_t i = 0; i < tree.size(); ++i) {
    ForEachThread(tree[i], [&](const std::string& thread) {
      const std::string text = ReadProc(thread + "/children");
      std::string_view rest = text;
      while (const std::uint64_t child = NextNumber(rest)) tree.push_back(static_cast<pid_t>(child));
    });
  }
  return tree;
}

std::uint64_t CpuNanoseconds(pid_t root) {
  std::uint64_t sum = 0;
  for (const pid_t pid : ProcessTree(root)) {
    ForEachThread(pid, [&](const std::string& thread) {
      const std::string text = ReadProc(thread + "/schedstat");
      std::string_view rest = text;
      sum += NextNumber(rest);
    });
  }
  return sum;
}

Memory MemoryOf(pid_t root) {
  Memory memory;
  for (const pid_t pid : ProcessTree(root)) {
    const std::string status = ReadProc("/proc/" + std::to_string(pid) + "/status");
    memory.rss_kb += StatusField(status, "VmRSS:");
    memory.peak_kb += StatusField(status, "VmHWM:");
  }
  return memory;
}

std::uint64_t MachineBusyNanoseconds() {
  const std::string text = ReadProc("/proc/stat");
  std::string_view rest = std::string_view(text).substr(0, text.find('\n'));
  std::uint64_t busy = 0;
  for (int field = 0; field < 8; ++field) {
    const std::uint64_t ticks = NextNumber(rest);
    const bool idle = field == 3 || field == 4;  // idle, iowait
    if (!idle) busy += ticks;
  }
  return busy * (1'000'000'000 / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK)));
}

}  // namespace bench
