#include "apps/arguments.h"

#include <algorithm>
#include <iostream>

#include "config/problem.h"

namespace apps {

base::Result<Arguments> Arguments::Parse(const std::vector<std::string>& given,
                                         const std::vector<std::string>& options) {
  Arguments arguments;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string& word = given[i];
    if (word.size() < 2 || word[0] != '-') {
      arguments.words_.push_back(word);
      continue;
    }
    const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const std::string name = word.substr(0, equals);
    if (std::find(options.begin(), options.end(), name) == options.end()) {
      const auto nearest = config::Nearest(name, options);
      return base::Fail(
          base::Code::kInvalid,
          "there is no option " + name + (nearest ? "; did you mean " + *nearest + "?" : "; see --help"));
    }
    if (equals == std::string::npos && i + 1 == given.size()) {
      return base::Fail(base::Code::kInvalid, name + " needs a value");
    }
    const std::string value = equals == std::string::npos ? given[++i] : word.substr(equals + 1);
    if (!arguments.values_.emplace(name, value).second) {
      return base::Fail(base::Code::kInvalid, name + " is given twice");
    }
  }
  return arguments;
}

std::optional<std::string> Arguments::Find(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::string Arguments::Get(std::string_view option, std::string fallback) const {
  return Find(option).value_or(std::move(fallback));
}

int Complain(int code, std::string_view sentence) {
  std::cerr << "sluice: " << sentence << '\n';
  return code;
}

}  // namespace apps
