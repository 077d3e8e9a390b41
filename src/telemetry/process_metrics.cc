#include "telemetry/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

namespace telemetry {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size_pages = 0;
  std::uint64_t resident_pages = 0;
  if (!(statm >> size_pages >> resident_pages)) return kUnknown;
  return static_cast<double>(resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double OpenDescriptors() {
  std::error_code failed;
  double count = 0;
  std::filesystem::directory_iterator entry("/proc/self/fd", failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) ++count;
  return failed ? kUnknown : count - 1;  // the directory itself was open while we counted
}

double CpuSeconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return kUnknown;
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Seconds since 1970: the boot time plus field 22 of stat, the clock ticks from boot to our start. Field 2 is
// the program's name in parentheses and may hold blanks, so fields are counted from its closing one.
double StartSeconds() {
  std::ifstream boot("/proc/stat");
  std::string word;
  double boot_seconds = 0;
  while (boot >> word && word != "btime") {
  }
  if (!(boot >> boot_seconds)) return kUnknown;

  std::ifstream file("/proc/self/stat");
  std::string stat;
  std::getline(file, stat);
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return kUnknown;
  std::istringstream fields(stat.substr(name_end + 1));
  for (int field = 3; field < 22; ++field) fields >> word;
  double ticks = 0;
  if (!(fields >> ticks)) return kUnknown;
  return boot_seconds + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

void AddProcessMetrics(Registry& registry) {
  using Kind = Registry::Kind;
  registry.AddCallback(Kind::kGauge, "process_resident_memory_bytes", "Resident memory size in bytes.",
                       ResidentBytes);
  registry.AddCallback(Kind::kGauge, "process_open_fds", "Number of open file descriptors.", OpenDescriptors);
  registry.AddCallback(Kind::kCounter, "process_cpu_seconds_total",
                       "User and system CPU time spent in seconds.", CpuSeconds);
  registry.AddCallback(Kind::kGauge, "process_start_time_seconds",
                       "Start of the process in seconds since 1970.",
                       [started = StartSeconds()] { return started; });
}

}  // namespace telemetry
