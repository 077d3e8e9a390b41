#include <cstddef>

#include "base/ascii.h"
#include "base/utf8.h"
#include "store/json_check_internal.h"

namespace store {
namespace {

constexpr int kDepthMax = 64;

class Checker {
 public:
  explicit Checker(std::string_view text) : rest_(text) {}

  bool Whole() {
    const bool value = Value(0);
    Blanks();
    return value && rest_.empty();
  }

 private:
  bool Value(int depth) {
    Blanks();
    if (rest_.empty() || depth > kDepthMax) return false;
    switch (rest_.front()) {
      case '{':
        return Members(depth, '}');
      case '[':
        return Members(depth, ']');
      case '"':
        return String();
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number();
    }
  }

  bool Members(int depth, char closer) {
    rest_.remove_prefix(1);
    Blanks();
    if (Take(closer)) return true;
    do {
      Blanks();
      if (closer == '}' && !(String() && (Blanks(), Take(':')))) return false;
      if (!Value(depth + 1)) return false;
      Blanks();
    } while (Take(','));
    return Take(closer);
  }

  bool String() {
    if (!Take('"')) return false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !Escape()) return false;
    }
    return false;
  }

  bool Escape() {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      if (rest_.empty() ||
          std::string_view("0123456789abcdefABCDEF").find(rest_.front()) == std::string_view::npos) {
        return false;
      }
      rest_.remove_prefix(1);
    }
    return true;
  }

  bool Number() {
    Take('-');
    if (!Take('0') && Digits() == 0) return false;
    if (Take('.') && Digits() == 0) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      if (Digits() == 0) return false;
    }
    return true;
  }

  std::size_t Digits() {
    std::size_t count = 0;
    for (; !rest_.empty() && base::IsDigit(rest_.front()); rest_.remove_prefix(1)) ++count;
    return count;
  }

  bool Word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void Blanks() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_.front()) != std::string_view::npos) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
};

}  // namespace

bool IsJson(std::string_view text) {
  return Checker(text).Whole() && base::IsUtf8(text);
}

}  // namespace store
