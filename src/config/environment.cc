#include "config/environment.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/bytes.h"
#include "config/problem.h"

namespace config {
namespace {

constexpr std::size_t kResultMax = 64 * base::KiB;
constexpr std::size_t kVariableMax = 256;

bool IsVariable(std::string_view name) {
  return !name.empty() && name.size() <= kVariableMax && !base::IsDigit(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return base::IsAlnum(c) || c == '_'; });
}

}  // namespace

Parsed<std::string> Substitute(std::string_view text, const Environment& environment) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find("${");
    if (open == std::string_view::npos) break;
    if (open > 0 && text[open - 1] == '$') {
      out += text.substr(0, open - 1);
      out += "${";
      text.remove_prefix(open + 2);
      continue;
    }
    out += text.substr(0, open);
    text.remove_prefix(open + 2);
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos) {
      return Refuse("a ${ is never closed", "write ${NAME}, or $${ where you mean the two characters");
    }
    const std::string_view name = text.substr(0, close);
    if (!IsVariable(name)) {
      return Refuse("what stands inside ${ } is not the name of an environment variable",
                    "write ${NAME} with letters, digits and _, or $${ where you mean the two characters");
    }
    const std::optional<std::string> value = environment(name);
    if (!value) {
      return Refuse("the environment variable " + std::string(name) + " is not set",
                    "set " + std::string(name) + " before the start, or write the value here");
    }
    out += *value;
    text.remove_prefix(close + 1);
    if (out.size() > kResultMax) break;
  }
  out += text;
  if (out.size() > kResultMax)
    return Refuse("the value is longer than 64KiB", "check what the variables hold");
  return out;
}

}  // namespace config
