#pragma once

#include <cstddef>
#include <string_view>

namespace store {

inline constexpr std::size_t kPriceDefinitionBytesMax = 16 * 1024;

// All that a price version says, in whatever text the room that makes prices reads back: it is kept beside
// the rows that use it, so that an old row can be explained and priced again for ever. Both are borrowed.
struct PriceDefinition {
  std::string_view version;  // its id, as LedgerPrice::version names it; at most kRowTextBytesMax
  std::string_view text;     // at most kPriceDefinitionBytesMax
};

}  // namespace store
