#include "apps/places.h"

#include <unistd.h>
#include <filesystem>
#include <system_error>

namespace apps {
namespace {

namespace fs = std::filesystem;

fs::path FolderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

bool MayWrite(const fs::path& path, int how) {
  return access(path.c_str(), how) == 0;
}

// What keeps a directory from being used, or made with all that it stands in; empty: nothing.
std::string WhyNotDirectory(const fs::path& directory) {
  std::error_code none;
  fs::path there = directory;
  while (!fs::exists(there, none) && there.has_relative_path()) there = FolderOf(there);
  if (!fs::is_directory(there, none)) return there.string() + " is no directory";
  return MayWrite(there, W_OK | X_OK) ? "" : "this user may not write in " + there.string();
}

// The same of a file whose folder must be there.
std::string WhyNotFile(const fs::path& file) {
  std::error_code none;
  const fs::path folder = FolderOf(file);
  if (fs::is_directory(file, none)) return file.string() + " is a directory";
  if (fs::exists(file, none)) return MayWrite(file, W_OK) ? "" : "this user may not write " + file.string();
  if (!fs::is_directory(folder, none)) return "there is no directory " + folder.string();
  return MayWrite(folder, W_OK | X_OK) ? "" : "this user may not write in " + folder.string();
}

}  // namespace

std::vector<std::string> UnwritablePlaces(const std::string& data, const std::string& log) {
  std::vector<std::string> sentences;
  if (const std::string why = WhyNotDirectory(data); !why.empty())
    sentences.push_back("a gateway could not keep its data in " + data + ": " + why);
  if (log == "off" || log == "stderr") return sentences;
  if (const std::string why = WhyNotFile(log); !why.empty())
    sentences.push_back("a gateway could not write its log " + log + ": " + why);
  return sentences;
}

}  // namespace apps
