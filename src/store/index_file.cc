#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <cerrno>
#include <string>
#include <system_error>

#include "store/data_directory_internal.h"
#include "store/index_file_internal.h"

namespace store {

using base::Code;

std::filesystem::path IndexPath(const std::filesystem::path& data_directory) {
  return data_directory / "index.sqlite";
}

std::filesystem::path DamagedIndexPath(const std::filesystem::path& data_directory) {
  return data_directory / "index.sqlite.damaged";
}

bool MayWriteIndex(const std::filesystem::path& data_directory) {
  const auto may = [](const std::filesystem::path& path) {
    return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0 || errno == ENOENT;
  };
  return may(data_directory) && may(IndexPath(data_directory));
}

base::Result<> SetIndexAside(SqliteDatabase& database, const std::filesystem::path& data_directory) {
  const int descriptor = open(data_directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || flock(descriptor, LOCK_EX) != 0) {
    const std::string reason = Reason(errno);
    if (descriptor >= 0) close(descriptor);
    return base::Fail(Code::kIo, "cannot lock " + data_directory.string() + ": " + reason);
  }
  std::error_code failed;
  if (!database.Moved()) {
    const std::filesystem::path index = IndexPath(data_directory);
    // The log goes first: beside a new file it would be taken for that one's.
    for (const char* const suffix : {"-wal", "-shm"}) {
      if (!failed) std::filesystem::remove(index.string() + suffix, failed);
    }
    if (!failed) std::filesystem::rename(index, DamagedIndexPath(data_directory), failed);
  }
  close(descriptor);
  if (!failed) return {};
  return base::Fail(Code::kIo, "cannot set the damaged index in " + data_directory.string() +
                                   " aside: " + failed.message());
}

}  // namespace store
