#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/check.h"

namespace config {

// Collects the problems of one pass over settings. Both outlive it.
class Inspection {
 public:
  Inspection(const Settings& settings, const Places& places) : s_(settings), places_(places) {}

 protected:
  void Add(std::string_view path, std::string what, std::string why, std::string instead) {
    problems_.push_back({"", places_.Near(path), std::move(what), std::move(why), std::move(instead)});
  }

  // The path of an item of a list of maps, where each counts, whether it could be read or not.
  static std::string Item(const std::string& list, std::size_t index) {
    return list + "[" + std::to_string(index) + "]";
  }

  // Whether all of these can be relied on.
  bool Sound(std::initializer_list<std::string_view> paths) const {
    return std::none_of(paths.begin(), paths.end(),
                        [this](std::string_view path) { return places_.Spoiled(path); });
  }

  std::optional<std::string> NearestProvider(const std::string& provider) const {
    std::vector<std::string> names;
    for (const auto& [name, unused] : s_.providers) names.push_back(name);
    return Nearest(provider, names);
  }

  // That there is such a provider. `before` stands before its name where it is written, as in "model/".
  void CheckKnown(const std::string& here, const ModelRef& of, const std::string& before = "") {
    if (s_.providers.contains(of.provider) || !Sound({"providers." + of.provider})) return;
    const std::optional<std::string> near = NearestProvider(of.provider);
    const std::string rest = of.model.empty() ? "" : "/" + of.model;
    Add(here, here + " is " + Quote(before + of.provider + rest),
        "there is no provider " + Quote(of.provider) + " under providers",
        near ? "write " + before + *near + rest : "add that provider, or name one that is there");
  }

  std::vector<Problem> TakeProblems() { return std::move(problems_); }

  const Settings& s_;
  const Places& places_;

 private:
  std::vector<Problem> problems_;
};

// The rules of budgets, limits and exchange.
std::vector<Problem> CheckBudgets(const Settings& settings, const Places& places);

}  // namespace config
