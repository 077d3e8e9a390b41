#include <charconv>
#include <cmath>
#include <cstddef>

#include "base/ascii.h"
#include "sim/topic.h"

namespace sim {
namespace {

constexpr int kBracketsMax = 16;

// expression = term {(+|-) term}; term = factor {(*|/) factor}; factor = number | -factor | (expression)
class SumReader {
 public:
  explicit SumReader(std::string_view text) : text_(text) {}

  std::optional<double> Expression() {
    auto value = Term();
    while (value) {
      const char sign = Sign("+-");
      if (sign == 0) break;
      const auto right = Term();
      if (!right) return std::nullopt;
      *value = sign == '+' ? *value + *right : *value - *right;
    }
    return value;
  }

  std::size_t at() const { return at_; }
  int operators() const { return operators_; }

 private:
  // The operator at hand if it is one of `wanted` and an operand follows; else nothing is read.
  char Sign(std::string_view wanted) {
    std::size_t next = Skip(at_);
    if (next >= text_.size()) return 0;
    char sign = text_[next];
    std::size_t length = 1;
    if (text_.substr(next).starts_with("\xC3\x97")) sign = '*', length = 2;  // multiplication sign
    if (text_.substr(next).starts_with("\xC3\xB7")) sign = '/', length = 2;  // division sign
    if (wanted.find(sign) == std::string_view::npos) return 0;
    next = Skip(next + length);
    if (next >= text_.size() || !(base::IsDigit(text_[next]) || text_[next] == '(' || text_[next] == '-'))
      return 0;
    at_ = next;
    ++operators_;
    return sign;
  }

  std::optional<double> Term() {
    auto value = Factor();
    while (value) {
      const char sign = Sign("*/");
      if (sign == 0) break;
      const auto right = Factor();
      if (!right || (sign == '/' && *right == 0)) return std::nullopt;
      *value = sign == '*' ? *value * *right : *value / *right;
    }
    return value;
  }

  std::optional<double> Factor() {
    at_ = Skip(at_);
    if (at_ >= text_.size() || depth_ > kBracketsMax) return std::nullopt;
    if (text_[at_] == '-') {
      ++at_, ++depth_;
      const auto value = Factor();
      --depth_;
      return value ? std::optional(-*value) : std::nullopt;
    }
    if (text_[at_] == '(') {
      ++at_, ++depth_;
      const auto value = Expression();
      --depth_;
      at_ = Skip(at_);
      if (!value || at_ >= text_.size() || text_[at_] != ')') return std::nullopt;
      ++at_;
      return value;
    }
    double value = 0;
    const auto [end, problem] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (problem != std::errc()) return std::nullopt;
    at_ = static_cast<std::size_t>(end - text_.data());
    if (text_[at_ - 1] == '.') --at_;  // the end of a sentence
    return value;
  }

  std::size_t Skip(std::size_t at) const {
    while (at < text_.size() && text_[at] == ' ') ++at;
    return at;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int operators_ = 0;
};

std::string NumberText(double value) {
  char digits[40];
  if (std::floor(value) == value && std::abs(value) < 1e15) {
    return {digits, std::to_chars(digits, digits + sizeof digits, static_cast<long long>(value)).ptr};
  }
  return {digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, 10).ptr};
}

}  // namespace

std::optional<Sum> FindSum(std::string_view text) {
  text = text.substr(0, 4096);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool start = base::IsDigit(text[i]) || text[i] == '(';
    if (!start || (i > 0 && (base::IsAlnum(text[i - 1]) || text[i - 1] == '.'))) continue;
    SumReader reader(text.substr(i));
    const auto value = reader.Expression();
    if (value && reader.operators() > 0 && std::isfinite(*value)) {
      return Sum{std::string(text.substr(i, reader.at())), NumberText(*value)};
    }
    while (i + 1 < text.size() && base::IsDigit(text[i + 1])) ++i;
  }
  return std::nullopt;
}

}  // namespace sim
