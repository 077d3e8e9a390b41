#pragma once

#include <string>

#include "config/settings.h"

namespace apps {

// What a person wants to know once the gateway listens: who answers, and a command to try. Some lines, each
// with its end. `settings` are checked and have the port that was really bound; `file` is the config, empty
// without one.
std::string Welcome(const config::Settings& settings, const std::string& file);

}  // namespace apps
