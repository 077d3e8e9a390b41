#pragma once

#include <cstdint>
#include <optional>

#include "chat/usage.h"
#include "wire/json_scanner.h"
#include "wire/usage_reader.h"

// What the readers of `usage` objects share, whatever their dialect's spelling.

namespace wire::internal {

using Count = std::optional<std::int64_t>;

// Takes the value at hand into `slot`, null as nothing. The first number stays. False, a contradiction: it is
// no integer in [0, kTokensMax], or differs from the number that is there.
inline bool TakeCount(JsonCursor& cursor, Count& slot) {
  const JsonValue value = cursor.Take();
  if (value.IsNull()) return true;
  const Count number = value.Int64();
  if (!number || *number < 0 || *number > kTokensMax) return false;
  if (slot) return *slot == *number;
  slot = number;
  return true;
}

// Takes the object at hand: how often tools that the provider runs itself were used. False: a contradiction.
inline bool TakeServerTools(JsonCursor& cursor, Count& searches, Count& fetches) {
  bool good = true;
  if (!cursor.EnterObject()) return good;
  while (cursor.NextMember()) {
    if (cursor.KeyIs("web_search_requests")) {
      good &= TakeCount(cursor, searches);
    } else if (cursor.KeyIs("web_fetch_requests")) {
      good &= TakeCount(cursor, fetches);
    }
  }
  return good;
}

// What of `whole` is in none of its parts, or 0 and a contradiction.
inline std::int64_t Rest(std::int64_t whole, std::int64_t parts, chat::Usage& usage) {
  if (whole >= parts) return whole - parts;
  usage.inconsistent = true;
  return 0;
}

// Of Messages: the same as ReadMessagesUsage for any number of objects, the elements of the array `list`.
std::optional<chat::Usage> ReadMessagesUsages(std::string_view list);

}  // namespace wire::internal
