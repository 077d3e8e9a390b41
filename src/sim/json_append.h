#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

// Numbers for answers that are written by hand.

namespace sim {

template <class Int>
void AppendNumber(std::string& out, Int value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// "name":value
inline void AppendCount(std::string& out, std::string_view name, std::size_t value) {
  out += '"';
  out += name;
  out += "\":";
  AppendNumber(out, value);
}

}  // namespace sim
