#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "store/sqlite_internal.h"

namespace store {

// Opens keys.sqlite, which holds what operators set and the audit trail of it: makes the directory (0700) and
// the file (0600) when they are missing, and brings a file of an older Sluice to this one's format, in one
// transaction. Errors: kDenied: others may write the directory or read the file; kIo as KeyStore says.
base::Result<std::unique_ptr<SqliteDatabase>> OpenKeyFile(const std::filesystem::path& data_directory);

}  // namespace store
