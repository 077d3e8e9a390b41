#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/task.h"
#include "upstream/directory.h"
#include "upstream/model_list.h"

namespace gateway {

// A model that may be asked for, and who has it.
struct ModelName {
  std::string id;
  std::string owner;
};

struct ModelsFound {
  std::vector<ModelName> models;
  std::string missing;  // whose models are not among them, and why; empty: nobody's
};

// One model that may be asked for by `name`: by an alias, a name that a provider lists, or provider/model,
// which nobody need list. It is found exactly where a request that generates would be. A list that the name
// needs is asked for first; where it is in none, `missing` says whose could not be had. Everything given
// outlives the task.
struct ModelFound {
  std::optional<ModelName> model;
  std::string missing;
};
net::Task<ModelFound> FindModel(std::string_view name, const config::Settings& settings,
                                const upstream::Directory& directory, upstream::Pools& pools, net::Loop& loop,
                                net::Cancel& cancel);

// What GET /v1/models shows: the aliases; without any, each provider's models, those that its settings list
// or else those that it lists itself. A name that several have is there once, as the one's that would be
// asked. A provider that does not answer is left out and named. Everything given outlives the task.
net::Task<ModelsFound> FindModels(const config::Settings& settings, const upstream::Directory& directory,
                                  upstream::Pools& pools, net::Loop& loop, net::Cancel& cancel);

// Asks the providers that list their models themselves, all at once, where what is known of them is not as
// young as `age_max`, and waits until all have answered or `cancel` fires. Everything given outlives the
// task.
net::Task<void> LearnModels(const config::Settings& settings, const upstream::Directory& directory,
                            upstream::Pools& pools, net::Loop& loop, net::Cancel& cancel,
                            upstream::ModelList::Age age_max);

// Has the lists that are due asked for again, except where somebody is asking already, and waits for none.
// What is under way outlives everything given but the loop, which it leaves soon after `cancel` has fired.
void RenewModels(const config::Settings& settings, const upstream::Directory& directory,
                 upstream::Pools& pools, net::Loop& loop, const std::shared_ptr<net::Cancel>& cancel);

}  // namespace gateway
