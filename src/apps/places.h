#pragma once

#include <string>
#include <vector>

namespace apps {

// A sentence for each of the places where a gateway writes, its data directory and its log (`off`, `stderr`
// or a path), that it could not write to if this user started it. Looks only, and makes nothing.
std::vector<std::string> UnwritablePlaces(const std::string& data, const std::string& log);

}  // namespace apps
