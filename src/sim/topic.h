#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a question is about, found with a few word lists.

namespace sim {

enum class Kind : std::uint8_t {
  kGreeting,
  kEcho,
  kArithmetic,
  kTranslation,
  kCode,
  kList,
  kYesNo,
  kExplanation
};

struct Topic {
  Kind kind = Kind::kExplanation;
  bool chinese = false;
  std::vector<std::string> words;  // what it is about, in the question's order, at most 4
  std::string argument;  // of kEcho what to say, of kTranslation what to translate, of kArithmetic the sum
  std::string result;    // of kArithmetic

  std::string Joined() const;  // the words as a phrase
};

Topic FindTopic(std::string_view question);

// The first expression of numbers, + - * / and brackets with at least one operator, and its value. None if
// there is none, or it divides by zero.
struct Sum {
  std::string expression;
  std::string value;
};
std::optional<Sum> FindSum(std::string_view text);

// The English words of a text, in order; `lower` for lower case.
std::vector<std::string> WordsOf(std::string_view text, bool lower);

}  // namespace sim
