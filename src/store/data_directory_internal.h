#pragma once

#include <sys/types.h>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "store/disk.h"

namespace store {

// What the operating system says of an error number.
std::string Reason(int error_number);

// Makes it (0700) with its parents where it is missing. Errors: kIo.
base::Result<> MakeDirectory(const std::filesystem::path& path);

// Makes an empty file (0600) where it is missing, without opening it: closing a descriptor of ours would drop
// the locks that SQLite holds in this process. Errors: kIo.
base::Result<> MakeFile(const std::string& path);

// Refuses what another user could read or change. `want` is S_IFDIR or S_IFREG. Errors: kDenied with what to
// do; kIo: it is something else, or not there.
base::Result<> CheckOwnerOnly(const std::string& path, mode_t want);

// A new name is on the medium when its directory is. Gives back 0 or the error's number.
int SyncDirectory(const std::filesystem::path& path, Disk& disk);

}  // namespace store
