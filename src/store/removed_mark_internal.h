#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace store {

// "0000000007.removed" in the journal's directory: an empty file whose name says that the segments up to that
// number were removed for their age, so that one that is lost is not taken for one of them. One process
// writes it, any may read it.

// Keeps that in mind, in place of what was said before. Errors: kIo.
base::Result<> MarkRemoved(const std::filesystem::path& data_directory, std::uint64_t segment);

// The number that was marked; 0: none. Read it after the segments were listed: what is removed is marked
// before. Errors: kIo.
base::Result<std::uint64_t> MarkedRemoved(const std::filesystem::path& data_directory);

}  // namespace store
