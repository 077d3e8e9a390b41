#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace apps {

// A sentence for each file that the settings name and a gateway could not use at its start or reload: the
// certificate of the data listener with its key, the authorities of providers, issuers and the mail server.
// Reads them all.
std::vector<std::string> UnusableFiles(const config::Settings& settings);

}  // namespace apps
