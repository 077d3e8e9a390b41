#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace config {

// The settings that a running process keeps until it is started again, as they are called in the file.
std::vector<std::string> RestartSettings();

// Those of them that differ.
std::vector<std::string> NeedsRestart(const Settings& before, const Settings& after);

}  // namespace config
