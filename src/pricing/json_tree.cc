#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/utf8.h"
#include "pricing/json_tree_internal.h"

namespace pricing {
namespace {

using config::Node;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  base::Result<Node> Run() {
    Node root;
    if (Value(root, 0)) {
      SkipBlanks();
      if (at_ != text_.size()) Fail("something follows behind the end");
    }
    if (error_) return base::Fail(std::move(*error_));
    return root;
  }

 private:
  bool Fail(std::string_view why, base::Code code = base::Code::kInvalid) {
    if (error_) return false;
    const config::Position at = Here();
    error_ = base::Error{code, std::to_string(at.line) + ":" + std::to_string(at.column) +
                                   ": the JSON cannot be read from here on: " + std::string(why)};
    return false;
  }

  config::Position Here() const { return {line_, static_cast<int>(at_ - line_begin_) + 1}; }

  void SkipBlanks() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_, line_begin_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  bool Eat(char c) {
    SkipBlanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool Value(Node& node, std::size_t depth) {
    SkipBlanks();
    node.at = Here();
    if (++values_ > kJsonValuesMax) return Fail("there are too many values", base::Code::kTooLarge);
    if (depth == kJsonDepthMax) return Fail("it is nested too deep", base::Code::kTooLarge);
    if (at_ == text_.size()) return Fail("it ends too early");
    switch (text_[at_]) {
      case '{':
        return Object(node, depth);
      case '[':
        return Array(node, depth);
      case '"':
        node.kind = Node::Kind::kText;
        return String(node.text);
      default:
        return Bare(node);
    }
  }

  bool Object(Node& node, std::size_t depth) {
    node.kind = Node::Kind::kMap;
    ++at_;
    if (Eat('}')) return true;
    do {
      SkipBlanks();
      Node::Entry entry;
      entry.at = Here();
      if (at_ == text_.size() || text_[at_] != '"') return Fail("a key in quotes is expected");
      if (!String(entry.key)) return false;
      if (!Eat(':')) return Fail("a colon is expected");
      if (!Value(entry.value, depth + 1)) return false;
      node.entries.push_back(std::move(entry));
    } while (Eat(','));
    if (!Eat('}')) return Fail("a comma or } is expected");
    return KeysDiffer(node);
  }

  bool KeysDiffer(const Node& node) {
    std::vector<std::string_view> keys;
    for (const Node::Entry& entry : node.entries) keys.push_back(entry.key);
    std::sort(keys.begin(), keys.end());
    if (std::adjacent_find(keys.begin(), keys.end()) == keys.end()) return true;
    return Fail("a key is written twice in what ends here");
  }

  bool Array(Node& node, std::size_t depth) {
    node.kind = Node::Kind::kList;
    ++at_;
    if (Eat(']')) return true;
    do {
      if (!Value(node.items.emplace_back(), depth + 1)) return false;
    } while (Eat(','));
    return Eat(']') || Fail("a comma or ] is expected");
  }

  bool Bare(Node& node) {
    std::size_t end = at_;
    while (end < text_.size() &&
           (base::IsAlnum(text_[end]) || text_[end] == '-' || text_[end] == '+' || text_[end] == '.'))
      ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    if (word != "null" && word != "true" && word != "false" && !IsNumber(word))
      return Fail("a value is expected");
    at_ = end;
    if (word == "null") return true;
    node.kind = Node::Kind::kText;
    node.text = word;
    return true;
  }

  static bool IsNumber(std::string_view word) {
    const auto digits = [&word] {
      std::size_t count = 0;
      while (count < word.size() && base::IsDigit(word[count])) ++count;
      word.remove_prefix(count);
      return count;
    };
    const auto eat = [&word](std::string_view any) {
      const bool there = !word.empty() && any.find(word[0]) != std::string_view::npos;
      if (there) word.remove_prefix(1);
      return there;
    };
    eat("-");
    const bool zero = word.starts_with('0');
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) return false;
    if (eat(".") && digits() == 0) return false;
    if (eat("eE")) {
      eat("+-");
      if (digits() == 0) return false;
    }
    return word.empty();
  }

  bool String(std::string& out) {
    for (++at_; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!Escape(out)) return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) return Fail("a control character stands in a text");
      const std::size_t length = base::Utf8SequenceLength(text_.substr(at_));
      if (length == 0) return Fail("a byte is not UTF-8");
      out.append(text_, at_, length);
      at_ += length;
    }
    return Fail("a text is not closed");
  }

  bool Escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    if (++at_ == text_.size()) return Fail("it ends too early");
    if (text_[at_] == 'u') return Unicode(out);
    const std::size_t which = kNames.find(text_[at_]);
    if (which == std::string_view::npos) return Fail("this escape does not exist");
    out += kMeant[which];
    ++at_;
    return true;
  }

  std::optional<std::uint32_t> FourDigits() {
    if (text_.size() - at_ < 5) return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : text_.substr(at_ + 1, 4)) {
      const char small = base::LowerAscii(c);
      if (!base::IsDigit(c) && (small < 'a' || small > 'f')) return std::nullopt;
      value = value * 16 + static_cast<std::uint32_t>(base::IsDigit(c) ? c - '0' : small - 'a' + 10);
    }
    at_ += 5;
    return value;
  }

  bool Unicode(std::string& out) {
    const auto first = FourDigits();
    if (!first) return Fail("this escape does not exist");
    std::uint32_t code = *first;
    if (code >= 0xd800 && code < 0xe000) {
      if (code >= 0xdc00 || !text_.substr(at_).starts_with("\\u")) return Fail("half a character is escaped");
      ++at_;
      const auto second = FourDigits();
      if (!second || *second < 0xdc00 || *second > 0xdfff) return Fail("half a character is escaped");
      code = 0x10000 + ((code - 0xd800) << 10) + (*second - 0xdc00);
    }
    base::AppendUtf8(out, code);
    return true;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::size_t line_begin_ = 0;
  std::size_t values_ = 0;
  std::optional<base::Error> error_;
};

}  // namespace

base::Result<Node> ParseJson(std::string_view text) {
  if (text.size() > kJsonBytesMax) return base::Fail(base::Code::kTooLarge, "the file is larger than 32MiB");
  return Parser(text).Run();
}

}  // namespace pricing
