#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pricing/catalogue.h"

// Imported catalogues in a data directory, as the bytes that were given: DATA/prices/fill/NAME fills in what
// the shipped catalogue lacks, DATA/prices/override/NAME wins over it. Several processes may use one data
// directory at once: a file appears and changes as a whole.

namespace pricing {

inline constexpr std::size_t kImportsMax = 32;  // files of each kind

// The bytes of a catalogue's file, at most 32 MiB. Errors: kIo, kTooLarge, with the path.
base::Result<std::string> ReadCatalogueFile(const std::filesystem::path& path);

// What a data directory holds. Files that cannot be read are left out, with a sentence each.
struct Imports {
  std::vector<Catalogue> overrides;  // by name
  std::vector<Catalogue> fills;
  std::vector<std::string> problems;
};
Imports LoadImports(const std::filesystem::path& data_directory);

// Keeps `bytes` under `name` (a file's own name, without folders), instead of what was imported by that name
// before. Makes the folders (0700) and the file (0600), both for good when it returns. Errors: kInvalid: no
// name for a file; kTooLarge: there are kImportsMax; kIo with the path.
base::Result<> StoreImport(const std::filesystem::path& data_directory, std::string_view name,
                           std::string_view bytes, bool overrides);

// Another text whenever the imports are others. Costs a few system calls.
std::string ImportsStamp(const std::filesystem::path& data_directory);

}  // namespace pricing
