#pragma once

#include <string_view>

namespace translate {

// One documented field of a dialect's requests or answers, for tests that ask what becomes of each of them
// and for the table in docs/translation.md that is made the same way.
struct Probe {
  std::string_view field;    // as its documentation would write it: messages[].content[].cache_control
  std::string_view with;     // a whole body, as small as can be, in which it is set to what no default is
  std::string_view without;  // the same body without it; empty: what every probe of the dialect begins with
};

}  // namespace translate
