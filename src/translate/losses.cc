#include "translate/losses.h"

#include <algorithm>
#include <functional>

#include "base/ascii.h"
#include "wire/json_scanner.h"
#include "wire/json_string.h"

namespace translate {
namespace {

constexpr std::size_t kNameBytesMax = 64;                  // of one member's name in a path
constexpr std::size_t kLookUpsMax = 4 * kDroppedNamesMax;  // each passes over the body

bool Lies(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> before;
  return before(whole.data(), part.data()) && before(part.data(), whole.data() + whole.size());
}

// A member's name as it can stand in a header and a log line.
std::string CleanName(std::string_view inside) {
  std::string plain;
  wire::AppendUnescaped(plain, inside);
  if (plain.size() > kNameBytesMax) plain.resize(kNameBytesMax);
  for (char& c : plain) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7f || c == ',' || c == '"' || c == '\\') c = '_';
  }
  return plain;
}

// One step inwards: the member or element of `value` that `where` lies in. False when there is none.
bool Descend(std::string_view where, std::string_view& value, std::string& path) {
  wire::JsonCursor cursor(value);
  if (cursor.EnterObject()) {
    while (cursor.NextMember()) {
      const std::string_view key = cursor.Key();
      const std::string_view inner = cursor.Take().raw;
      if (!Lies(where, inner) || where.data() == inner.data() + inner.size()) continue;
      if (!path.empty()) path += '.';
      path += CleanName(key);
      value = inner;
      return true;
    }
    return false;
  }
  if (!cursor.EnterArray()) return false;
  for (std::size_t i = 0; cursor.NextElement(); ++i) {
    const std::string_view inner = cursor.Take().raw;
    if (!Lies(where, inner) || where.data() == inner.data() + inner.size()) continue;
    path += '[' + std::to_string(i) + ']';
    value = inner;
    return true;
  }
  return false;
}

}  // namespace

std::string PathOf(std::string_view body, std::string_view where) {
  std::string path;
  if (!Lies(where, body)) return "$";
  std::string_view value = body;
  while (Descend(where, value, path)) {
    if (value.data() == where.data()) break;  // not into what it begins with
  }
  return path.empty() ? "$" : path;
}

base::Error Losses::Refusal(std::string_view body, std::string_view target) const {
  const Entry& first = unsayable_.front();
  std::string text = "'" + PathOf(body, first.where) + "' cannot be said to " + std::string(target);
  if (!first.why.empty()) text += ": " + std::string(first.why);
  if (unsayable_.size() > 1) text += " (nor can " + std::to_string(unsayable_.size() - 1) + " more)";
  text +=
      "; leave it out, ask for a model of a provider that knows it, or let the gateway leave such fields out "
      "(translation.unsayable: drop)";
  return {base::Code::kInvalid, std::move(text)};
}

std::string Losses::FirstName(std::string_view body) const {
  return PathOf(body, unsayable_.front().where);
}

std::vector<std::string> Losses::Names(std::string_view body) const {
  std::vector<std::string> names;
  std::size_t look_ups = 0;
  const auto add = [&](const Entry& entry) {
    if (names.size() > kDroppedNamesMax || look_ups > kLookUpsMax) return;
    const bool enough = names.size() == kDroppedNamesMax || look_ups++ == kLookUpsMax;
    std::string name = enough ? "..." : PathOf(body, entry.where);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  };
  for (const Entry& entry : unsayable_) add(entry);
  for (const Entry& entry : ignored_) add(entry);
  return names;
}

}  // namespace translate
