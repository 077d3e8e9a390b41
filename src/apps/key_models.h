#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace apps {

// For whoever makes a key that may use these models only: which of them nobody can ask this config for, with
// the nearest name that it has. One line each, with its end; empty where all are good, and where the config
// has no aliases, so that only providers know what there is. A warning: the config may come after the key.
std::string WarnOfUnknownModels(const std::vector<std::string>& models, const config::Settings& settings);

}  // namespace apps
