#pragma once

#include <filesystem>
#include <utility>

#include "base/result.h"

namespace store {

// The mark of the one writer of a data directory's journal: held as long as this lives, whatever ends the
// process.
class DirectoryLock {
 public:
  // Makes the directories where they are missing. Errors: kUnavailable: another process has it (the sentence
  // names it); kDenied, kIo.
  static base::Result<DirectoryLock> Take(const std::filesystem::path& data_directory);
  DirectoryLock(DirectoryLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace store
