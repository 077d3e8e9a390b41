#include "apps/arguments.h"

#include <algorithm>
#include <iostream>

#include "config/problem.h"

namespace apps {

namespace {

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

base::Result<Arguments> Arguments::Parse(const std::vector<std::string>& given,
                                         const std::vector<std::string>& options, const ArgumentKinds& more) {
  std::vector<std::string> known = options;
  known.insert(known.end(), more.flags.begin(), more.flags.end());
  known.insert(known.end(), more.repeatable.begin(), more.repeatable.end());
  Arguments arguments;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string& word = given[i];
    if (word.size() < 2 || word[0] != '-') {
      arguments.words_.push_back(word);
      continue;
    }
    const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const std::string name = word.substr(0, equals);
    if (!Holds(known, name)) {
      const auto nearest = config::Nearest(name, known);
      return base::Fail(
          base::Code::kInvalid,
          "there is no option " + name + (nearest ? "; did you mean " + *nearest + "?" : "; see --help"));
    }
    std::vector<std::string>& values = arguments.values_[name];
    if (!values.empty() && !Holds(more.repeatable, name))
      return base::Fail(base::Code::kInvalid, name + " is given twice");
    if (Holds(more.flags, name)) {
      if (equals != std::string::npos) return base::Fail(base::Code::kInvalid, name + " takes no value");
      values.emplace_back();
      continue;
    }
    if (equals == std::string::npos && i + 1 == given.size()) {
      return base::Fail(base::Code::kInvalid, name + " needs a value");
    }
    values.push_back(equals == std::string::npos ? given[++i] : word.substr(equals + 1));
  }
  return arguments;
}

std::optional<std::string> Arguments::Find(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::nullopt : std::optional(found->second.front());
}

std::string Arguments::Get(std::string_view option, std::string fallback) const {
  return Find(option).value_or(std::move(fallback));
}

const std::vector<std::string>& Arguments::All(std::string_view option) const {
  static const std::vector<std::string> kNone;
  const auto found = values_.find(option);
  return found == values_.end() ? kNone : found->second;
}

bool AsksForHelp(const std::vector<std::string>& given) {
  return Holds(given, "--help") || Holds(given, "-h");
}

int Complain(int code, std::string_view sentence) {
  std::cerr << "sluice: " << sentence << '\n';
  return code;
}

int Complain(const base::Error& error) {
  const int code = error.code == base::Code::kInvalid    ? kWrongUsage
                   : error.code == base::Code::kNotFound ? kNo
                                                         : kEnvironment;
  return Complain(code, error.detail);
}

}  // namespace apps
