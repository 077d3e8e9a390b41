#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/settings.h"

namespace config {

// Where each setting that was written stands, by its path (models.assistant.ladder[1]), and which of them
// could not be read.
class Places {
 public:
  void Put(std::string path, Position at) { places_.insert_or_assign(std::move(path), at); }
  bool Has(std::string_view path) const { return places_.contains(path); }
  Position Near(std::string_view path) const;  // its own, else that of the nearest setting around it

  // A setting with a problem of its own has not the value that was meant: what is said of it beyond that
  // would only mislead. True for the path, what is around it and what is under it.
  void Spoil(std::string path) { spoiled_.insert(std::move(path)); }
  bool Spoiled(std::string_view path) const;

 private:
  std::map<std::string, Position, std::less<>> places_;
  std::set<std::string, std::less<>> spoiled_;
};

// Gives what may be left out its value: each provider's base_url, each alias's default.
void Complete(Settings& settings);

// The rules that need more than one setting to be seen at once; those that would look at a spoiled one are
// left out, so that it can be asked beside the reader's own problems. Run it again on a copy that was
// changed, for example by the command line. The problems have no file; without `places` they have no
// position.
std::vector<Problem> Check(const Settings& settings, const Places& places = {});

}  // namespace config
