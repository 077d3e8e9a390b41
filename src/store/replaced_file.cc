#include "store/replaced_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "store/data_directory_internal.h"

namespace store {
namespace {

using base::Code;
namespace fs = std::filesystem;

fs::path Beside(const fs::path& path) {
  return path.string() + ".new";
}

}  // namespace

ReplacedFile::ReplacedFile(fs::path path, int descriptor, Disk& disk)
    : path_(std::move(path)), descriptor_(descriptor), disk_(&disk) {}

ReplacedFile::ReplacedFile(ReplacedFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      disk_(other.disk_),
      end_(other.end_) {}

ReplacedFile::~ReplacedFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(Beside(path_).c_str());
}

base::Result<> ReplacedFile::Fail(int error) const {
  return base::Fail(Code::kIo, "cannot write " + path_.string() + ": " + Reason(error));
}

base::Result<ReplacedFile> ReplacedFile::Begin(const fs::path& path, Disk& disk) {
  const int descriptor =
      open(Beside(path).c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return base::Fail(Code::kIo, "cannot make " + path.string() + ": " + Reason(errno));
  return ReplacedFile(path, descriptor, disk);
}

base::Result<> ReplacedFile::Append(std::string_view bytes) {
  if (const int error = disk_->Write(descriptor_, bytes, end_); error != 0) return Fail(error);
  end_ += bytes.size();
  return {};
}

base::Result<> ReplacedFile::Commit() {
  int error = disk_->Sync(descriptor_);
  if (error == 0 && rename(Beside(path_).c_str(), path_.c_str()) != 0) error = errno;
  if (error != 0) return Fail(error);
  close(std::exchange(descriptor_, -1));
  error = SyncDirectory(path_.parent_path(), *disk_);
  return error == 0 ? base::Result<>() : Fail(error);
}

base::Result<std::optional<std::string>> ReadFileIfThere(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0 && errno == ENOENT) return std::nullopt;
  if (descriptor < 0) return base::Fail(Code::kIo, "cannot open " + path.string() + ": " + Reason(errno));
  struct stat info {};
  std::string bytes;
  int error = fstat(descriptor, &info) == 0 ? 0 : errno;
  if (error == 0) bytes.resize(static_cast<std::size_t>(info.st_size));
  std::size_t size = 0;
  while (error == 0 && size < bytes.size()) {
    const ssize_t got = pread(descriptor, bytes.data() + size, bytes.size() - size, static_cast<off_t>(size));
    if (got == 0) break;
    if (got > 0) size += static_cast<std::size_t>(got);
    if (got < 0 && errno != EINTR) error = errno;
  }
  close(descriptor);
  if (error != 0) return base::Fail(Code::kIo, "cannot read " + path.string() + ": " + Reason(error));
  bytes.resize(size);
  return bytes;
}

}  // namespace store
