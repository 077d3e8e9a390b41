#pragma once

#include "wire/json_scanner.h"

namespace translate::internal {

// Whether `caller` of a call says that the model itself made it, which is no news.
inline bool IsDirectCaller(const wire::JsonValue& caller) {
  wire::JsonCursor cursor(caller.raw);
  bool direct = false;
  for (const bool inside = cursor.EnterObject(); inside && cursor.NextMember();) {
    const bool type = cursor.KeyIs("type");
    direct |= cursor.Take().TextIs("direct") && type;
  }
  return direct;
}

// Whether `callers`, who may call a tool, are the model itself and nobody else: so it is everywhere.
inline bool AreDirectCallers(const wire::JsonValue& callers) {
  wire::JsonCursor cursor(callers.raw);
  bool any = false;
  for (const bool inside = cursor.EnterArray(); inside && cursor.NextElement();) {
    if (!cursor.Take().TextIs("direct")) return false;
    any = true;
  }
  return any;
}

}  // namespace translate::internal
