#include "wire/json_scanner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <charconv>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "base/utf8.h"
#include "wire/byte_scan_internal.h"
#include "wire/json_string.h"

namespace wire {
namespace {

constexpr std::size_t kDepthCeiling = 1024;  // of what a caller may allow: the stack of SkipContainer

constexpr bool IsSpace(char c) {
  if (static_cast<unsigned char>(c) > ' ') return false;
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

constexpr std::array<bool, 256> TokenBytes() {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 128; ++i) {
    const char c = static_cast<char>(i);
    table[i] = base::IsAlnum(c) || c == '+' || c == '-' || c == '.' || c == '_';
  }
  return table;
}
constexpr std::array<bool, 256> kTokenBytes = TokenBytes();

constexpr bool IsHex(char c) {
  const char lower = base::LowerAscii(c);
  return base::IsDigit(c) || (lower >= 'a' && lower <= 'f');
}

// Length of an escape by the byte behind its backslash, 0 for what is none.
constexpr std::array<std::uint8_t, 256> EscapeLengths() {
  std::array<std::uint8_t, 256> table{};
  for (const char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) table[static_cast<unsigned char>(c)] = 2;
  table['u'] = 6;
  return table;
}
constexpr std::array<std::uint8_t, 256> kEscapeLengths = EscapeLengths();

// Length of the escape at `at` (which is a backslash), 0 if it is none.
inline std::size_t EscapeLength(const char* at, const char* end) {
  if (end - at < 2) return 0;
  const std::size_t length = kEscapeLengths[static_cast<unsigned char>(at[1])];
  if (length != 6) return length;
  return end - at >= 6 && IsHex(at[2]) && IsHex(at[3]) && IsHex(at[4]) && IsHex(at[5]) ? 6 : 0;
}

JsonKind KindOf(std::string_view raw) {
  switch (raw.front()) {
    case '{':
      return JsonKind::kObject;
    case '[':
      return JsonKind::kArray;
    case '"':
      return JsonKind::kString;
    case 'n':
      return raw == "null" ? JsonKind::kNull : JsonKind::kNumber;
    case 't':
      return raw == "true" ? JsonKind::kBoolean : JsonKind::kNumber;
    case 'f':
      return raw == "false" ? JsonKind::kBoolean : JsonKind::kNumber;
    default:
      return JsonKind::kNumber;
  }
}

}  // namespace

bool JsonValue::IsEmptyArray() const {
  if (!IsArray()) return false;
  for (const char c : raw.substr(1, raw.size() - 2)) {
    if (!IsSpace(c)) return false;
  }
  return true;
}

std::optional<std::int64_t> JsonValue::Int64() const {
  if (kind != JsonKind::kNumber) return std::nullopt;
  const std::string_view digits = raw.front() == '-' ? raw.substr(1) : raw;
  if (digits.empty() || (digits.front() == '0' && digits.size() > 1)) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (problem != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return value;
}

std::optional<bool> JsonValue::Bool() const {
  if (kind != JsonKind::kBoolean) return std::nullopt;
  return raw.front() == 't';
}

std::string JsonValue::Text() const {
  std::string text;
  AppendUnescaped(text, Inside());
  return text;
}

bool JsonValue::TextIs(std::string_view text) const {
  return IsString() && UnescapedEquals(Inside(), text);
}

JsonCursor::JsonCursor(std::string_view text, std::size_t depth_max)
    : begin_(text.data()), end_(begin_ + text.size()), at_(begin_), depth_max_(depth_max) {
  CHECK(depth_max <= kDepthCeiling);
  SkipSpace();
}

bool JsonCursor::Fail(const char* where, const char* problem) {
  if (problem_ == nullptr) {
    problem_ = problem;
    problem_at_ = where;
    value_at_hand_ = false;
  }
  return false;
}

inline void JsonCursor::SkipSpace() {
  while (at_ != end_ && IsSpace(*at_)) ++at_;
}

// REQUIRES: at a quote.
inline bool JsonCursor::SkipString() {
  string_has_escapes_ = false;
  const char* const inside = at_ + 1;
  if (static_cast<std::size_t>(end_ - inside) >= internal::kBlock) {
    // Most strings are keys and short words: plain ASCII that ends within a block.
    bool non_ascii = false;
    const unsigned stops = internal::StringStops(inside, non_ascii);
    const int first = std::countr_zero(stops);
    if (stops != 0 && inside[first] == '"' && !non_ascii) {
      at_ = inside + first + 1;
      return true;
    }
  }
  return SkipLongString(inside);
}

bool JsonCursor::SkipLongString(const char* inside) {
  bool non_ascii = false;
  const char* const quote = FindQuote(inside, non_ascii);
  if (quote == nullptr) return false;
  if (non_ascii && !base::IsUtf8({inside, static_cast<std::size_t>(quote - inside)})) {
    return Fail(inside - 1, "a string that begins here is not UTF-8");
  }
  at_ = quote + 1;
  return true;
}

// The quote that ends the string whose inside begins at `inside`, or null and an error. `non_ascii` may also
// be set by a byte shortly behind the quote.
inline const char* JsonCursor::FindQuote(const char* inside, bool& non_ascii) {
  const char* at = inside;
  // Blocks, and stop by stop within a block: keys are shorter than one, and code is full of escapes.
  while (static_cast<std::size_t>(end_ - at) >= internal::kBlock) {
    unsigned stops = internal::StringStops(at, non_ascii);
    if (stops == 0) {
      at = internal::StringRun(at + internal::kBlock, end_, non_ascii);
      continue;
    }
    std::size_t passed = internal::kBlock;
    while (stops != 0) {
      const auto stop = static_cast<std::size_t>(std::countr_zero(stops));
      if (at[stop] == '"') return at + stop;
      const std::size_t length = SkippedEscape(at + stop);
      if (length == 0) return nullptr;
      passed = std::max(internal::kBlock, stop + length);
      stops &= passed > internal::kBlock ? 0u : ~0u << (stop + length);
    }
    at += passed;
  }
  for (;;) {
    at = internal::PlainStringRun(at, end_, non_ascii);
    if (at == end_) return Fail(inside - 1, "a string that begins here has no end"), nullptr;
    if (*at == '"') return at;
    const std::size_t length = SkippedEscape(at);
    if (length == 0) return nullptr;
    at += length;
  }
}

// Length of the escape at `at`, or 0 and an error.
inline std::size_t JsonCursor::SkippedEscape(const char* at) {
  const std::size_t length = *at == '\\' ? EscapeLength(at, end_) : 0;
  if (length != 0) {
    string_has_escapes_ = true;
  } else if (*at == '\\') {
    Fail(at, "an unknown or incomplete escape inside a string");
  } else {
    Fail(at, "a control character inside a string must be escaped");
  }
  return length;
}

inline bool JsonCursor::SkipToken() {
  const char* const from = at_;
  while (at_ != end_ && kTokenBytes[static_cast<unsigned char>(*at_)]) ++at_;
  if (at_ != from) return true;
  return Fail(at_, at_ == end_ ? "the text ends where a value should be" : "a value should be here");
}

// A key, the colon and the whitespace around it.
inline bool JsonCursor::SkipKey(std::string_view* key) {
  if (at_ == end_ || *at_ != '"') return Fail(at_, "a key in double quotes should be here");
  const char* const inside = at_ + 1;
  if (!SkipString()) return false;
  *key = {inside, static_cast<std::size_t>(at_ - 1 - inside)};
  SkipSpace();
  if (at_ == end_ || *at_ != ':') return Fail(at_, "a colon should be here");
  ++at_;
  SkipSpace();
  return true;
}

// REQUIRES: at an opening bracket.
bool JsonCursor::SkipContainer() {
  std::bitset<kDepthCeiling + 1> is_object;
  std::size_t depth = depth_;
  std::string_view key;
  for (;;) {
    // A value begins here.
    const char c = at_ == end_ ? '\0' : *at_;
    if (c == '{' || c == '[') {
      if (depth >= depth_max_) return Fail(at_, "objects and arrays are nested too deep");
      is_object[++depth] = c == '{';
      ++at_;
      SkipSpace();
      if (at_ == end_ || *at_ != (c == '{' ? '}' : ']')) {
        if (c == '{' && !SkipKey(&key)) return false;
        continue;
      }
      ++at_;
      --depth;
    } else if (!(c == '"' ? SkipString() : SkipToken())) {
      return false;
    }
    // A value has ended here: so do the containers that close behind it, until a comma brings the next.
    for (;;) {
      if (depth == depth_) return true;
      SkipSpace();
      if (at_ == end_) return Fail(at_, "the text ends inside an object or array");
      const char next = *at_;
      if (next == ',') break;
      if (next != (is_object[depth] ? '}' : ']')) {
        return Fail(at_, is_object[depth] ? "a comma or } should be here" : "a comma or ] should be here");
      }
      ++at_;
      --depth;
    }
    ++at_;
    SkipSpace();
    if (is_object[depth] && !SkipKey(&key)) return false;
  }
}

bool JsonCursor::SkipValue() {
  value_at_hand_ = false;
  if (at_ == end_) return Fail(at_, "the text ends where a value should be");
  if (*at_ == '"') return SkipString();
  return *at_ == '{' || *at_ == '[' ? SkipContainer() : SkipToken();
}

JsonValue JsonCursor::Take() {
  CHECK(value_at_hand_ || Failed());
  const char* const from = at_;
  if (Failed() || !SkipValue()) return {};
  const std::string_view raw(from, static_cast<std::size_t>(at_ - from));
  return {.raw = raw, .kind = KindOf(raw)};
}

bool JsonCursor::Enter(char bracket) {
  if (Peek() != bracket) return false;
  if (depth_ >= depth_max_) return Fail(at_, "objects and arrays are nested too deep");
  ++depth_;
  ++at_;
  value_at_hand_ = false;
  first_ = true;
  return true;
}

bool JsonCursor::EnterObject() {
  return Enter('{');
}
bool JsonCursor::EnterArray() {
  return Enter('[');
}

bool JsonCursor::NextMember() {
  if (Failed() || (value_at_hand_ && !SkipValue())) return false;
  SkipSpace();
  if (at_ == end_) return Fail(at_, "the text ends inside an object");
  const bool first = std::exchange(first_, false);
  if (*at_ == '}') {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) {
    if (*at_ != ',') return Fail(at_, "a comma or } should be here");
    ++at_;
    SkipSpace();
  }
  if (!SkipKey(&key_)) return false;
  key_has_escapes_ = string_has_escapes_;
  value_at_hand_ = true;
  return true;
}

bool JsonCursor::NextElement() {
  if (Failed() || (value_at_hand_ && !SkipValue())) return false;
  SkipSpace();
  if (at_ == end_) return Fail(at_, "the text ends inside an array");
  const bool first = std::exchange(first_, false);
  if (*at_ == ']') {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) {
    if (*at_ != ',') return Fail(at_, "a comma or ] should be here");
    ++at_;
    SkipSpace();
  }
  value_at_hand_ = true;
  return true;
}

bool JsonCursor::EscapedKeyIs(std::string_view name) const {
  return UnescapedEquals(key_, name);
}

base::Result<> JsonCursor::End() {
  if (!Failed() && (!value_at_hand_ || SkipValue())) {
    SkipSpace();
    if (at_ != end_) Fail(at_, "something follows the value");
  }
  if (!Failed()) return {};
  return base::Fail(base::Code::kInvalid, "the JSON is malformed at byte " +
                                              std::to_string(problem_at_ - begin_) + ": " + problem_);
}

base::Result<JsonValue> ScanJson(std::string_view text, std::size_t depth_max) {
  JsonCursor cursor(text, depth_max);
  const JsonValue value = cursor.Take();
  if (auto end = cursor.End(); !end) return base::Fail(std::move(end.error()));
  return value;
}

}  // namespace wire
