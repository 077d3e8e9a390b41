#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/sqlite_internal.h"

namespace store {

// Where a data directory has its index, and where one that was damaged is left to be looked at.
std::filesystem::path IndexPath(const std::filesystem::path& data_directory);
std::filesystem::path DamagedIndexPath(const std::filesystem::path& data_directory);

// Whether this process may change the index, or make it where it is missing.
bool MayWriteIndex(const std::filesystem::path& data_directory);

// Renames the index that `database` has open, if it is still the one at its path: of several processes that
// meet one damaged index, the first sets it aside and the others find what that one has made. What was set
// aside before is replaced. Whoever still has the file open sees by SqliteDatabase::Moved that it is another
// one's turn. Errors: kIo.
base::Result<> SetIndexAside(SqliteDatabase& database, const std::filesystem::path& data_directory);

}  // namespace store
