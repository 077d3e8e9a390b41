#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wire {

inline constexpr std::size_t kJsonDepthMax = 256;

enum class JsonKind : std::uint8_t {
  kObject,
  kArray,
  kString,
  kBoolean,
  kNull,
  kNumber,  // any other scalar. Only its characters are checked: 1e999, 01 and NaN pass
};

// One value where it stands in the text: brackets and quotes included, no whitespace around.
struct JsonValue {
  std::string_view raw;
  JsonKind kind = JsonKind::kNull;

  bool IsNull() const { return kind == JsonKind::kNull; }
  bool IsObject() const { return kind == JsonKind::kObject; }
  bool IsArray() const { return kind == JsonKind::kArray; }
  bool IsString() const { return kind == JsonKind::kString; }
  bool IsEmptyArray() const;
  bool IsEmptyString() const { return IsString() && raw.size() == 2; }

  // The number if it is an integer as JSON spells one (no fraction, exponent, plus sign or leading zero) that
  // fits; else none.
  std::optional<std::int64_t> Int64() const;
  std::optional<bool> Bool() const;

  // Between the quotes, escapes as they are. REQUIRES: IsString().
  std::string_view Inside() const { return raw.substr(1, raw.size() - 2); }
  // The text that the string means. REQUIRES: IsString().
  std::string Text() const;
  // Whether the string means `text`, whatever escapes it uses. False for what is not a string.
  bool TextIs(std::string_view text) const;
};

// A pull scanner over one JSON text that checks the structure of every byte it passes: brackets, commas,
// colons, strings that end, no raw control character, known escapes, well-formed UTF-8. It goes over the text
// once, copies nothing, allocates nothing and needs no padding behind the text. Belongs to one thread.
//
//   JsonCursor cursor(body);
//   if (cursor.EnterObject()) {
//     while (cursor.NextMember()) {
//       if (cursor.KeyIs("model")) model = cursor.Take();   // what is neither taken nor entered is passed
//       over
//     }
//   }
//   if (const auto end = cursor.End(); !end) return base::Fail(end.error());
//
// The first error stays: from then on every step answers false, so loops end and one look at End() is enough.
// The text must outlive the cursor and everything it hands out.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text, std::size_t depth_max = kJsonDepthMax);

  // The value at hand, told by its first byte.
  bool AtObject() const { return Peek() == '{'; }
  bool AtArray() const { return Peek() == '['; }
  bool AtString() const { return Peek() == '"'; }

  // Passes the value at hand and returns it. After an error: an empty null.
  JsonValue Take();

  // Goes inside the value at hand; false (and nothing moves) if it is of another kind. An object or array
  // that was entered must be walked until Next...() is false, which leaves it.
  bool EnterObject();
  bool EnterArray();
  bool NextMember();   // to the next member of the object entered last; its value is then at hand
  bool NextElement();  // to the next element of the array entered last

  // The key of the member at hand, between its quotes, escapes as they are.
  std::string_view Key() const { return key_; }
  bool KeyIs(std::string_view name) const { return key_has_escapes_ ? EscapedKeyIs(name) : key_ == name; }
  bool KeyHasEscapes() const { return key_has_escapes_; }

  // Bytes of the text before the place where it is.
  std::size_t Passed() const { return static_cast<std::size_t>(at_ - begin_); }

  bool Failed() const { return problem_ != nullptr; }

  // Passes what is left of the value and checks that nothing but whitespace follows. Error: kInvalid, with
  // the byte where the text went wrong.
  base::Result<> End();

 private:
  bool EscapedKeyIs(std::string_view name) const;
  char Peek() const { return value_at_hand_ && at_ != end_ ? *at_ : '\0'; }
  bool Fail(const char* where, const char* problem);
  void SkipSpace();
  bool SkipString();
  bool SkipLongString(const char* inside);
  const char* FindQuote(const char* inside, bool& non_ascii);
  std::size_t SkippedEscape(const char* at);
  bool SkipToken();
  bool SkipKey(std::string_view* key);
  bool SkipContainer();
  bool SkipValue();
  bool Enter(char bracket);

  const char* const begin_;
  const char* const end_;
  const char* at_;
  const std::size_t depth_max_;
  std::size_t depth_ = 0;
  bool value_at_hand_ = true;
  bool first_ = false;               // nothing of the container entered last has been seen
  bool string_has_escapes_ = false;  // of the string passed last
  bool key_has_escapes_ = false;
  std::string_view key_;
  const char* problem_ = nullptr;
  const char* problem_at_ = nullptr;
};

// Checks a whole text and returns its only value. Error: kInvalid.
base::Result<JsonValue> ScanJson(std::string_view text, std::size_t depth_max = kJsonDepthMax);

}  // namespace wire
