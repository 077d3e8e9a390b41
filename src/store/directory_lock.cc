#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <string>

#include "store/data_directory_internal.h"
#include "store/directory_lock_internal.h"
#include "store/segment_reader.h"

namespace store {
namespace {

using base::Code;

base::Result<> MakeDirectories(const std::filesystem::path& data_directory) {
  const std::filesystem::path directory = JournalDirectory(data_directory);
  base::Result<> ready = MakeDirectory(data_directory);
  if (ready) ready = CheckOwnerOnly(data_directory.string(), S_IFDIR);
  if (ready) ready = MakeDirectory(directory);
  if (ready) ready = CheckOwnerOnly(directory.string(), S_IFDIR);
  return ready;
}

base::Error Taken(int descriptor, const std::filesystem::path& directory) {
  char text[20];
  const ssize_t count = pread(descriptor, text, sizeof text, 0);
  const std::string holder(text, count > 0 ? static_cast<std::size_t>(count) : 0);
  return {Code::kUnavailable, "another gateway" + (holder.empty() ? "" : " (process " + holder + ")") +
                                  " writes the ledger in " + directory.string() +
                                  ": stop it, or give this one another --data"};
}

}  // namespace

base::Result<DirectoryLock> DirectoryLock::Take(const std::filesystem::path& data_directory) {
  if (auto ready = MakeDirectories(data_directory); !ready) return base::Fail(ready.error());
  const std::filesystem::path directory = JournalDirectory(data_directory);
  const std::string path = (directory / "lock").string();
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return base::Fail(Code::kIo, "cannot open " + path + ": " + Reason(errno));
  DirectoryLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return base::Fail(Taken(descriptor, directory));
    return base::Fail(Code::kIo, "cannot lock " + path + ": " + Reason(errno));
  }
  // The number is for whoever is refused; where a full disk does not take it, the lock holds all the same.
  const std::string holder = std::to_string(getpid());
  if (ftruncate(descriptor, 0) == 0) (void)!pwrite(descriptor, holder.data(), holder.size(), 0);
  return lock;
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace store
