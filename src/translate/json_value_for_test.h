#pragma once

#include <string>
#include <string_view>

namespace translate {

// `json` as one spelling of its value: members sorted by name, no whitespace, one way to escape. Two texts
// mean the same exactly if these are equal; numbers are compared as they are written. What is not JSON comes
// back as "malformed: ...".
std::string ValueOf(std::string_view json);

}  // namespace translate
