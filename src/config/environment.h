#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "config/complaint.h"

namespace config {

// The value of an environment variable, if it is set. Passed in, so that only main() reads the process's.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// `text` with every ${NAME} replaced by the variable's value and every $${ by a plain ${. What a variable
// holds is not looked at again. Refused: a variable that is not set, a malformed ${, more than 64 KiB of
// result.
Parsed<std::string> Substitute(std::string_view text, const Environment& environment);

}  // namespace config
