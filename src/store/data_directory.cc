#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

#include "store/data_directory_internal.h"

namespace store {

using base::Code;

std::string Reason(int error_number) {
  return std::generic_category().message(error_number);
}

base::Result<> MakeFile(const std::string& path) {
  if (mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) == 0 || errno == EEXIST) return {};
  return base::Fail(Code::kIo, "cannot make " + path + ": " + Reason(errno));
}

base::Result<> MakeDirectory(const std::filesystem::path& path) {
  std::error_code failed;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failed);
  if (mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST) return {};
  return base::Fail(Code::kIo, "cannot make the data directory " + path.string() + ": " + Reason(errno));
}

base::Result<> CheckOwnerOnly(const std::string& path, mode_t want) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return base::Fail(Code::kIo, "cannot look at " + path + ": " + Reason(errno));
  }
  const bool directory = want == S_IFDIR;
  if ((info.st_mode & S_IFMT) != want) {
    return base::Fail(Code::kIo, path + (directory ? " is not a directory" : " is not a regular file"));
  }
  if (info.st_uid != geteuid() && geteuid() != 0) {
    return base::Fail(Code::kDenied,
                      path + " belongs to another user: run as its owner, or use another --data");
  }
  // A directory that was there before may be listed by others: what we put into it is the owner's alone.
  const mode_t forbidden = directory ? S_IWGRP | S_IWOTH : S_IRWXG | S_IRWXO;
  if ((info.st_mode & forbidden) != 0) {
    return base::Fail(Code::kDenied,
                      path + " is open to other users: chmod " + (directory ? "700 " : "600 ") + path);
  }
  return {};
}

int SyncDirectory(const std::filesystem::path& path, Disk& disk) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int error = disk.Sync(descriptor);
  close(descriptor);
  return error;
}

}  // namespace store
