#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/settings.h"

namespace config {

// Where each setting that was written stands, by its path: models.assistant.ladder[1].
class Places {
 public:
  void Put(std::string path, Position at) { places_.insert_or_assign(std::move(path), at); }
  bool Has(std::string_view path) const { return places_.contains(path); }
  Position Near(std::string_view path) const;  // its own, else that of the nearest setting around it

 private:
  std::map<std::string, Position, std::less<>> places_;
};

// Gives what may be left out its value: each provider's base_url, each alias's default.
void Complete(Settings& settings);

// The rules that need more than one setting to be seen at once. Run it again on a copy that was changed, for
// example by the command line. The problems have no file; without `places` they have no position.
std::vector<Problem> Check(const Settings& settings, const Places& places = {});

}  // namespace config
