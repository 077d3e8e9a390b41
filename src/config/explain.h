#pragma once

#include <string>

#include "config/settings.h"

namespace config {

// What checked settings will make the gateway do, in words, one fact per line; for `sluice check`. Never
// holds a key, a token or a header's value.
std::string Explain(const Settings& settings);

}  // namespace config
