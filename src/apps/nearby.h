#pragma once

#include <filesystem>
#include <string>

#include "config/environment.h"

namespace apps {

// For whoever changes keys and has named neither a config nor a data directory, so that the default one is
// taken: which that is and, where a sluice.yaml above `here` or under `etc` keeps its data elsewhere, that it
// does. Some lines, each with its end.
std::string WarnOfDefaultData(const std::filesystem::path& here, const std::filesystem::path& etc,
                              const config::Environment& environment);

}  // namespace apps
