#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/disk.h"

namespace store {

// A file that is written beside its old version and takes its place whole: whoever reads finds the one or the
// other, whatever ends the process or the machine. Not thread-safe.
class ReplacedFile {
 public:
  // `disk` outlives it. Errors: kIo with a sentence that names the file.
  static base::Result<ReplacedFile> Begin(const std::filesystem::path& path, Disk& disk);
  ReplacedFile(ReplacedFile&& other) noexcept;
  ReplacedFile& operator=(ReplacedFile&&) = delete;
  ~ReplacedFile();  // what was not committed is removed

  base::Result<> Append(std::string_view bytes);
  // Returns when it is on the medium.
  base::Result<> Commit();

 private:
  ReplacedFile(std::filesystem::path path, int descriptor, Disk& disk);
  base::Result<> Fail(int error) const;

  std::filesystem::path path_;
  int descriptor_;  // -1: committed or moved
  Disk* disk_;
  std::uint64_t end_ = 0;
};

// The whole of a file; none: it is not there. Errors: kIo.
base::Result<std::optional<std::string>> ReadFileIfThere(const std::filesystem::path& path);

}  // namespace store
