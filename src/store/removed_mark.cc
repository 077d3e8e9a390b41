#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

#include "store/data_directory_internal.h"
#include "store/removed_mark_internal.h"
#include "store/segment_reader.h"

namespace store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".removed";
constexpr std::size_t kDigits = 10;

fs::path MarkPath(const fs::path& data_directory, std::uint64_t segment) {
  const std::string digits = std::to_string(segment);
  const std::string zeros(kDigits - std::min(kDigits, digits.size()), '0');
  return JournalDirectory(data_directory) / (zeros + digits + std::string(kSuffix));
}

std::uint64_t NumberOf(std::string_view name) {
  std::uint64_t number = 0;
  if (!name.ends_with(kSuffix)) return 0;
  name.remove_suffix(kSuffix.size());
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

}  // namespace

// A mark that is there is renamed, which needs no space on a full disk.
base::Result<> MarkRemoved(const fs::path& data_directory, std::uint64_t segment) {
  const auto before = MarkedRemoved(data_directory);
  if (!before) return base::Fail(before.error());
  if (*before >= segment) return {};
  const fs::path mark = MarkPath(data_directory, segment);
  if (*before == 0) return MakeFile(mark.string());
  std::error_code failed;
  fs::rename(MarkPath(data_directory, *before), mark, failed);
  if (!failed) return {};
  return base::Fail(base::Code::kIo, "cannot make " + mark.string() + ": " + failed.message());
}

base::Result<std::uint64_t> MarkedRemoved(const fs::path& data_directory) {
  const fs::path directory = JournalDirectory(data_directory);
  std::uint64_t marked = 0;
  std::error_code failed;
  fs::directory_iterator entry(directory, failed);
  if (failed == std::errc::no_such_file_or_directory) return marked;
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    marked = std::max(marked, NumberOf(entry->path().filename().native()));
  }
  if (!failed) return marked;
  return base::Fail(base::Code::kIo, "cannot list " + directory.string() + ": " + failed.message());
}

}  // namespace store
