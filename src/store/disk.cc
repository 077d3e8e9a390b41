#include "store/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <cerrno>

namespace store {

int SystemDisk::Reserve(int descriptor, std::uint64_t bytes) {
  struct stat file {};
  struct statvfs system {};
  if (fstat(descriptor, &file) != 0 || fstatvfs(descriptor, &system) != 0) return errno;
  // Asked first: a try that fails half-way takes all that is left from everybody for a moment.
  const auto has = static_cast<std::uint64_t>(file.st_blocks) * 512;
  const auto left = static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize;
  if (has < bytes && left < bytes - has) return ENOSPC;
  if (fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) return 0;
  return errno == EOPNOTSUPP || errno == ENOSYS ? 0 : errno;
}

int SystemDisk::Write(int descriptor, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0 ? ENOSPC : errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return 0;
}

int SystemDisk::Sync(int descriptor) {
  return fdatasync(descriptor) == 0 ? 0 : errno;
}

}  // namespace store
