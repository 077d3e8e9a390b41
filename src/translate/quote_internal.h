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

// A citation of Messages belongs to the whole of its text. Names where in the text `citation`, of chat or
// Responses, says that it belongs.
inline void NamePlace(std::string_view citation, Losses& losses) {
  wire::JsonCursor cursor(citation);
  if (!cursor.EnterObject()) return;
  while (cursor.NextMember()) {
    const bool deeper = cursor.KeyIs("url_citation");  // where chat has the members
    const bool place = cursor.KeyIs("start_index") || cursor.KeyIs("end_index");
    const wire::JsonValue value = cursor.Take();
    if (place && !value.IsNull()) losses.Ignored(value.raw);
    if (!deeper || !value.IsObject()) continue;
    wire::JsonCursor inner(value.raw);
    inner.EnterObject();
    while (inner.NextMember()) {
      const bool inside = inner.KeyIs("start_index") || inner.KeyIs("end_index");
      if (const wire::JsonValue index = inner.Take(); inside && !index.IsNull()) losses.Ignored(index.raw);
    }
  }
}

}  // namespace translate::internal
