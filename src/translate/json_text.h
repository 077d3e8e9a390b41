#pragma once

#include <string>
#include <string_view>

#include "wire/json_string.h"

namespace translate {

// The inside of a JSON string as it stands in some JSON text, escapes and all. Dialects agree on JSON, so
// what one of them wrote between its quotes is written between the other's as it is.
struct JsonText {
  std::string_view inside;

  bool empty() const { return inside.empty(); }
  bool Is(std::string_view text) const { return wire::UnescapedEquals(inside, text); }
  std::string Plain() const {
    std::string out;
    wire::AppendUnescaped(out, inside);
    return out;
  }
  friend bool operator==(JsonText, JsonText) = default;
};

}  // namespace translate
