#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "translate/form.h"
#include "translate/json_text.h"
#include "wire/json_scanner.h"

// What the readers of Anthropic Messages share: members of objects, and content blocks, which are spelled the
// same in a request, an answer, a tool result and at the beginning of a stream's block.

namespace translate::internal {

// One body while it is read. What nobody models goes to `others`; the first thing that is malformed stays.
struct MessagesReading {
  std::string_view body;
  std::vector<std::string_view>& others;
  std::optional<base::Error> error{};

  // Notes that `where`, a view into the body, is wrong: `what` completes "'<name>' ...". Always false.
  bool Fail(std::string_view where, std::string_view what);
  // A member that is neither modelled nor null.
  void Other(const wire::JsonValue& value) {
    if (!value.raw.empty() && !value.IsNull()) others.push_back(value.raw);
  }
};

// The members of `object` by the position of their name in `names`; absent and null ones stay unset, which is
// an empty `raw`. All others are noted. False, and an error: it is no object or malformed, or a known member
// is there twice. What it hands out is well formed.
template <std::size_t N>
bool ReadMembers(MessagesReading& reading, const wire::JsonValue& object, const std::string_view (&names)[N],
                 wire::JsonValue (&values)[N]) {
  wire::JsonCursor cursor(object.raw);
  if (!cursor.EnterObject()) return reading.Fail(object.raw, "must be an object");
  while (cursor.NextMember()) {
    std::size_t i = 0;
    while (i < N && !cursor.KeyIs(names[i])) ++i;
    const wire::JsonValue value = cursor.Take();
    if (i == N) {
      reading.Other(value);
    } else if (!values[i].raw.empty()) {
      return reading.Fail(value.raw, "is there twice");
    } else if (!value.IsNull()) {
      values[i] = value;
    }
  }
  if (const auto end = cursor.End(); !end)
    return reading.Fail(object.raw, "is no JSON: " + end.error().detail);
  return true;
}

// Into `text`, which stays as it is when the value is unset. False, and an error: it is no string.
bool ReadText(MessagesReading& reading, const wire::JsonValue& value, JsonText& text);

// The same for a member of `owner` that must be there; `name` is what it is called.
bool NeedText(MessagesReading& reading, const wire::JsonValue& owner, std::string_view name,
              const wire::JsonValue& value, JsonText& text);

// Where content stands: a result of a tool holds no further results.
enum class Within : std::uint8_t { kTurn, kResult };

// One content block. A type that is not in the shared form becomes Part::kOther.
bool ReadBlock(MessagesReading& reading, const wire::JsonValue& block, Part& part,
               Within within = Within::kTurn);

// `content` as it stands in a message, a tool result or `system`: one text or an array of blocks.
bool ReadContent(MessagesReading& reading, const wire::JsonValue& content, std::vector<Part>& parts,
                 Within within = Within::kTurn);

}  // namespace translate::internal
