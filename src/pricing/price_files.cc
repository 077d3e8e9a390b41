#include "pricing/price_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "pricing/import.h"

namespace pricing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileMax = 32 * base::MiB;
constexpr std::size_t kNameMax = 128;
constexpr std::string_view kUnfinished = ".tmp";  // a file of that name is not there yet

fs::path Folder(const fs::path& data_directory, bool overrides) {
  return data_directory / "prices" / (overrides ? "override" : "fill");
}

tl::unexpected<base::Error> Io(std::string_view what, const fs::path& path) {
  return base::Fail(base::Code::kIo,
                    "cannot " + std::string(what) + " " + path.string() + ": " + std::strerror(errno));
}

// The files of one kind, by name.
std::vector<fs::path> FilesOf(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with('.') && !name.ends_with(kUnfinished)) files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  if (files.size() > kImportsMax) files.resize(kImportsMax);
  return files;
}

base::Result<> MakeFolder(const fs::path& path) {
  if (::mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST) return {};
  return Io("make the folder", path);
}

// What stands under this name in the folder is for good.
base::Result<> SyncFolder(const fs::path& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Io("open", path);
  const bool synced = ::fsync(folder) == 0;
  ::close(folder);
  return synced ? base::Result<>() : Io("write", path);
}

base::Result<> WriteWhole(const fs::path& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return Io("write", path);
  bool good = true;
  while (good && !bytes.empty()) {
    const ssize_t put = ::write(file, bytes.data(), bytes.size());
    good = put > 0 || (put < 0 && errno == EINTR);
    if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  good = good && ::fsync(file) == 0;
  const int why = errno;
  ::close(file);
  errno = why;
  return good ? base::Result<>() : Io("write", path);
}

bool IsFileName(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && !name.starts_with('.') && !name.ends_with(kUnfinished) &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '/'; });
}

void LoadKind(const fs::path& folder, std::vector<Catalogue>& out, std::vector<std::string>& problems) {
  for (const fs::path& path : FilesOf(folder)) {
    const auto bytes = ReadCatalogueFile(path);
    auto import = bytes ? ReadImport(*bytes, path.filename().string()) : base::Fail(bytes.error());
    if (import) {
      out.push_back(std::move(import->catalogue));
    } else {
      problems.push_back("the imported prices " + path.string() + " are left out: " + import.error().detail);
    }
  }
}

}  // namespace

base::Result<std::string> ReadCatalogueFile(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (file < 0) return Io("read", path);
  std::string bytes;
  std::string piece(64 * base::KiB, '\0');
  ssize_t got = 0;
  while (bytes.size() <= kFileMax && (got = ::read(file, piece.data(), piece.size())) > 0) {
    bytes.append(piece, 0, static_cast<std::size_t>(got));
  }
  ::close(file);
  if (got < 0) return Io("read", path);
  if (bytes.size() > kFileMax)
    return base::Fail(base::Code::kTooLarge, path.string() + " is larger than 32MiB");
  return bytes;
}

Imports LoadImports(const fs::path& data_directory) {
  Imports imports;
  LoadKind(Folder(data_directory, true), imports.overrides, imports.problems);
  LoadKind(Folder(data_directory, false), imports.fills, imports.problems);
  return imports;
}

base::Result<> StoreImport(const fs::path& data_directory, std::string_view name, std::string_view bytes,
                           bool overrides) {
  if (!IsFileName(name)) {
    return base::Fail(base::Code::kInvalid,
                      "'" + std::string(name.substr(0, kNameMax)) +
                          "' cannot be the name of an import; rename the file to visible ASCII "
                          "characters without blanks, at most 128");
  }
  const fs::path folder = Folder(data_directory, overrides);
  for (const fs::path& path : {data_directory, data_directory / "prices", folder}) {
    if (auto made = MakeFolder(path); !made) return made;
  }
  const fs::path path = folder / name;
  const std::vector<fs::path> there = FilesOf(folder);
  if (there.size() >= kImportsMax && std::find(there.begin(), there.end(), path) == there.end()) {
    return base::Fail(base::Code::kTooLarge, folder.string() + " holds " + std::to_string(kImportsMax) +
                                                 " imports already; remove one of its files");
  }
  const fs::path unfinished =
      folder / (std::string(name) + "." + std::to_string(::getpid()) + std::string(kUnfinished));
  if (auto written = WriteWhole(unfinished, bytes); !written) {
    ::unlink(unfinished.c_str());
    return written;
  }
  if (::rename(unfinished.c_str(), path.c_str()) != 0) {
    const int why = errno;
    ::unlink(unfinished.c_str());
    errno = why;
    return Io("write", path);
  }
  if (auto synced = SyncFolder(folder); !synced) return synced;
  const fs::path other = Folder(data_directory, !overrides) / name;
  if (::unlink(other.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) return Io("remove", other);
  return {};
}

std::string ImportsStamp(const fs::path& data_directory) {
  std::string stamp;
  for (const bool overrides : {true, false}) {
    for (const fs::path& path : FilesOf(Folder(data_directory, overrides))) {
      struct stat about {};
      if (::stat(path.c_str(), &about) != 0) continue;
      stamp += path.string() + " " + std::to_string(about.st_ino) + " " + std::to_string(about.st_size) +
               " " + std::to_string(about.st_mtim.tv_sec) + "." + std::to_string(about.st_mtim.tv_nsec) +
               "\n";
    }
  }
  return stamp;
}

}  // namespace pricing
