#pragma once

#include <charconv>
#include <cstddef>
#include <string_view>

namespace translate::internal {

// Tells when the arguments of a call that come piece by piece, as insides of JSON strings, are one whole JSON
// object or list: then nothing but blanks can follow. Looks at each byte once and keeps none. A piece never
// ends inside an escape.
class ArgumentsEnd {
 public:
  void Take(std::string_view piece) {
    for (std::size_t i = 0; i < piece.size(); ++i) {
      char c = piece[i];
      if (c == '\\' && i + 1 < piece.size()) c = Unescaped(piece, ++i);
      Step(c);
    }
  }
  bool whole() const { return begun_ && depth_ == 0; }
  // They are no object so far, and more than blanks.
  bool cut() const { return any_ && !(object_ && depth_ == 0); }

 private:
  // What the escape whose letter stands at `at` means, as far as brackets and quotes go; moves `at` to its
  // last byte.
  static char Unescaped(std::string_view piece, std::size_t& at) {
    constexpr std::size_t kDigits = 4;
    if (piece[at] != 'u' || at + kDigits >= piece.size()) {
      return std::string_view("bfnrt").find(piece[at]) == std::string_view::npos ? piece[at] : ' ';
    }
    unsigned code = 0;
    std::from_chars(piece.data() + at + 1, piece.data() + at + 1 + kDigits, code, 16);
    at += kDigits;
    return code < 0x80 ? static_cast<char>(code) : 'x';
  }

  void Step(char c) {
    if (!any_) {
      any_ = c != ' ' && c != '\n' && c != '\t' && c != '\r';
      object_ = c == '{';
    }
    if (in_string_) {
      if (after_backslash_) {
        after_backslash_ = false;
      } else if (c == '\\') {
        after_backslash_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
      begun_ = true;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      --depth_;
    }
  }

  std::size_t depth_ = 0;
  bool any_ = false;     // something but blanks has come
  bool object_ = false;  // and it was the beginning of an object
  bool begun_ = false;
  bool in_string_ = false;
  bool after_backslash_ = false;
};

}  // namespace translate::internal
