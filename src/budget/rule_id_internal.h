#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace budget {

// A number for a rule that is the same in every process and after every reload: of the words that make it
// what it is, in order.
std::uint64_t RuleId(std::initializer_list<std::string_view> words);

}  // namespace budget
