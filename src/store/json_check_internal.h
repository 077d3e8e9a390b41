#pragma once

#include <string_view>

namespace store {

// Whether `text` is one whole JSON value (RFC 8259) in UTF-8, nested at most 64 deep.
bool IsJson(std::string_view text);

}  // namespace store
