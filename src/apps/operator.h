#pragma once

#include <string>

namespace apps {

// Who gives a command that changes something, for the audit trail: "cli:" and the name of the system's user
// who runs it.
std::string OperatorName();

}  // namespace apps
