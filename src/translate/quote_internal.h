#pragma once

#include <string_view>

#include "translate/losses.h"
#include "wire/json_scanner.h"

namespace translate::internal {

// A page that Messages cites becomes the place in the answer that is about it, its address and its title.
// Names what `citation` says beside, if anything: the words that were quoted, and where they stand.
inline void NameQuote(std::string_view citation, Losses& losses) {
  wire::JsonCursor cursor(citation);
  if (!cursor.EnterObject()) return;
  while (cursor.NextMember()) {
    const bool quotes = cursor.KeyIs("cited_text") || cursor.KeyIs("encrypted_index");
    const wire::JsonValue value = cursor.Take();
    if (quotes && value.IsString() && !value.Inside().empty()) losses.Ignored(value.raw);
  }
}

}  // namespace translate::internal
