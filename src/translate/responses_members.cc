#include "translate/responses_members_internal.h"

#include <algorithm>

#include "wire/json_string.h"

namespace translate::internal {

namespace {

constexpr std::size_t kUsual = 16;  // members that most objects do not exceed

}  // namespace

bool Members::Read(std::string_view object, std::size_t max) {
  raw_ = object;
  entries_.clear();
  entries_.reserve(kUsual);
  twice_ = false;
  wire::JsonCursor cursor(object);
  if (!cursor.EnterObject()) {
    problem_ = "must be an object";
    return false;
  }
  while (cursor.NextMember()) {
    if (entries_.size() == max) {
      problem_ = "has too many members";
      return false;
    }
    const std::string_view key = cursor.Key();
    const bool escaped = cursor.KeyHasEscapes();
    entries_.push_back({key, cursor.Take(), escaped, false});
  }
  if (!cursor.Failed()) return true;
  problem_ = "is not well-formed JSON";
  return false;
}

wire::JsonValue Members::Use(std::string_view name) {
  Entry* found = nullptr;
  for (Entry& entry : entries_) {
    if (!entry.escaped) {
      if (entry.key.size() != name.size() || entry.key.front() != name.front() || entry.key != name) continue;
    } else if (!wire::UnescapedEquals(entry.key, name)) {
      continue;
    }
    entry.used = true;
    if (found != nullptr) twice_ = true;
    found = &entry;
  }
  return found == nullptr ? wire::JsonValue() : found->value;
}

void Members::Pass(std::span<const std::string_view> names) {
  for (Entry& entry : entries_) {
    if (!entry.escaped) entry.used |= std::binary_search(names.begin(), names.end(), entry.key);
  }
}

void Members::AppendRest(std::vector<std::string_view>& rest) const {
  for (const Entry& entry : entries_) {
    if (!entry.used && !entry.value.IsNull()) rest.push_back(entry.value.raw);
  }
}

}  // namespace translate::internal
