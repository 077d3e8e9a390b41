#include "gateway/models.h"

#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

#include "gateway/names.h"

namespace gateway {
namespace {

using upstream::ModelList;

net::Task<void> AskOne(std::shared_ptr<upstream::Provider> provider, upstream::Pools& pools, net::Loop& loop,
                       net::Cancel& cancel, ModelList::Age age_max, std::function<void()> on_end) {
  [[maybe_unused]] const auto names =
      co_await provider->model_list().Get(provider, pools.For(provider), loop, cancel, age_max);
  on_end();
}

net::Task<void> RenewOne(std::shared_ptr<upstream::Provider> provider, std::shared_ptr<net::Pool> pool,
                         net::Loop& loop, std::shared_ptr<net::Cancel> cancel) {
  [[maybe_unused]] const auto names = co_await provider->model_list().Get(
      provider, std::move(pool), loop, *cancel, {.names = kListKept, .failure = kListAgain});
}

void AddMissing(const std::string& provider, const upstream::ModelNames& list, std::string& missing) {
  const std::string why = list.missing().empty() ? "it was not asked" : list.missing();
  missing += (missing.empty() ? "" : "; ") + provider + ": " + why;
}

}  // namespace

net::Task<void> LearnModels(const config::Settings& settings, const upstream::Directory& directory,
                            upstream::Pools& pools, net::Loop& loop, net::Cancel& cancel,
                            ModelList::Age age_max) {
  std::size_t open = 1;  // this one too, so that nobody is the last before all are asked
  net::Event over;
  const auto end_one = [&open, &over] {
    if (--open == 0) over.Notify();
  };
  for (const auto& [name, provider] : settings.providers) {
    if (!provider.models.empty()) continue;
    ++open;
    net::Spawn(AskOne(directory.Find(name), pools, loop, cancel, age_max, end_one));
  }
  end_one();
  co_await over;
}

void RenewModels(const config::Settings& settings, const upstream::Directory& directory,
                 upstream::Pools& pools, net::Loop& loop, const std::shared_ptr<net::Cancel>& cancel) {
  for (const auto& [name, written] : settings.providers) {
    if (!written.models.empty()) continue;
    const std::shared_ptr<upstream::Provider>& provider = directory.Find(name);
    if (provider->model_list().asking()) continue;
    net::Spawn(RenewOne(provider, pools.For(provider), loop, cancel));
  }
}

net::Task<ModelsFound> FindModels(const config::Settings& settings, const upstream::Directory& directory,
                                  upstream::Pools& pools, net::Loop& loop, net::Cancel& cancel) {
  ModelsFound found;
  for (const auto& [alias, unused] : settings.models) found.models.push_back({alias, "sluice"});
  if (!settings.models.empty()) co_return found;
  const ModelList::Age age_max{.names = kListKept, .failure = std::chrono::nanoseconds(0)};
  co_await LearnModels(settings, directory, pools, loop, cancel, age_max);
  const auto listed = ListedIn(directory);
  std::unordered_map<std::string, std::size_t> places;  // of the names in found.models
  const auto add = [&](const std::string& id, const std::string& provider) {
    const auto [place, is_new] = places.emplace(id, found.models.size());
    if (is_new) {
      found.models.push_back({id, provider});
    } else if (const auto target = routing::Resolve(settings, id, listed)) {
      found.models[place->second].owner = target->provider;
    }
  };
  for (const auto& [name, provider] : settings.providers) {
    for (const std::string& id : provider.models) add(id, name);
    if (!provider.models.empty()) continue;
    const auto list = directory.Find(name)->model_list().Known();
    for (const std::string& id : list->ids()) add(id, name);
    if (!list->known()) AddMissing(name, *list, found.missing);
  }
  co_return found;
}

net::Task<ModelFound> FindModel(std::string_view name, const config::Settings& settings,
                                const upstream::Directory& directory, upstream::Pools& pools, net::Loop& loop,
                                net::Cancel& cancel) {
  ModelFound found;
  if (settings.models.find(name) != settings.models.end()) {
    found.model = {std::string(name), "sluice"};
    co_return found;
  }
  if (NeedOfLists(settings, directory, loop.Now(), name) == ListsNeed::kAsking) {
    const ModelList::Age age_max{.names = kListAgain, .failure = std::chrono::nanoseconds(0)};
    co_await LearnModels(settings, directory, pools, loop, cancel, age_max);
  }
  if (const auto target = routing::Resolve(settings, name, ListedIn(directory))) {
    found.model = {std::string(name), target->provider};
    co_return found;
  }
  for (const auto& [provider, written] : settings.providers) {
    if (!settings.models.empty() || !written.models.empty()) continue;
    const auto list = directory.Find(provider)->model_list().Known();
    if (!list->known()) AddMissing(provider, *list, found.missing);
  }
  co_return found;
}

}  // namespace gateway
