#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/task.h"
#include "upstream/directory.h"

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

// What GET /v1/models shows: the aliases; without any, each provider's models, those that its settings list
// or else those that it names itself at this moment. A provider that does not answer is left out and named.
// When `cancel` fires, the rest is not asked any more. Everything given outlives the task.
net::Task<ModelsFound> FindModels(const config::Settings& settings, const upstream::Directory& directory,
                                  upstream::Pools& pools, net::Loop& loop, net::Cancel& cancel);

}  // namespace gateway
