#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "config/settings.h"

namespace config {

inline std::string Plural(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// The lines of the page.
class Page {
 public:
  void Add(const std::string& line) { text_ += line + "\n"; }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

void ExplainBudgets(Page& page, const Settings& settings);

}  // namespace config
