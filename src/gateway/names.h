#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/settings.h"
#include "routing/names.h"
#include "store/key_record.h"
#include "upstream/directory.h"

namespace gateway {

// How long a provider's list of its models is taken as it is, and how soon it is asked for again for a name
// that it lacks or because it could not be had.
inline constexpr std::chrono::minutes kListKept{5};
inline constexpr std::chrono::seconds kListAgain{10};

// What is known at this moment of the models that providers list themselves: a name in the last list that
// came is one, and one that is not is none only if that list is still what the provider says. `directory`
// outlives it.
routing::Listed ListedIn(const upstream::Directory& directory);

// What has to happen to the lists for a name.
enum class ListsNeed {
  kNothing,  // a list that is young enough has it, or no list matters
  kRenewal,  // only older lists have it: they answer, and are asked for again meanwhile
  kAsking,   // no list has it: they are asked for first
};

// Costs a look at one list where the name is in it.
ListsNeed NeedOfLists(const config::Settings& settings, const upstream::Directory& directory,
                      base::MonoTime now, std::string_view name);

// The models that one key may use. Its list is compared by what the names mean: where bare names are models
// of providers, `deepseek/deepseek-flash` and `deepseek-flash` are the same. For one request; everything
// given outlives it.
class Allowed {
 public:
  // `key` may be null: every model.
  Allowed(const store::KeyRecord* key, const config::Settings& settings, const routing::Listed& listed)
      : key_(key), settings_(settings), listed_(listed) {}

  bool Has(std::string_view name);
  bool Has(const config::ModelRef& target);  // which was not asked for by an alias

  // The names of `candidates` that come nearest to `name` and may be used, as " did you mean 'a' or 'b'?";
  // empty when none does.
  std::string Hint(std::string_view name, const std::vector<std::string>& candidates);

 private:
  const store::KeyRecord* const key_;
  const config::Settings& settings_;
  const routing::Listed& listed_;
  std::optional<std::vector<config::ModelRef>> meant_;  // by the key's names, once it is asked for
};

// The names that can be asked for, as far as they are known; for a name with an unknown provider also the
// same model of the providers with the nearest names.
std::vector<std::string> KnownNames(const config::Settings& settings, const upstream::Directory& directory,
                                    std::string_view near);

// What to say to a caller of a name that nothing has, with the nearest names that this caller may use.
std::string WhyNoModel(const std::string& name, const config::Settings& settings,
                       const upstream::Directory& directory, Allowed& allowed);

}  // namespace gateway
