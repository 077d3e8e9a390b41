#include "gateway/models.h"

#include <memory>
#include <utility>

#include "base/bytes.h"
#include "upstream/attempt.h"
#include "wire/models_list.h"

namespace gateway {
namespace {

constexpr std::uint64_t kListBytesMax = 4 * base::MiB;

// The provider's own list; empty when it cannot be had.
net::Task<std::vector<std::string>> AskProvider(std::shared_ptr<upstream::Provider> provider,
                                                upstream::Pools& pools, net::Loop& loop,
                                                net::Cancel& cancel) {
  std::vector<std::string> ids;
  auto place = co_await provider->Enter(loop, cancel);
  if (!place) co_return ids;
  upstream::Attempt attempt(provider, pools.For(provider), std::move(*place), cancel);
  const std::string path = provider->settings().base_url.path + "/models";
  upstream::Request request;
  request.method = "GET";
  request.path = path;
  const routing::Outcome outcome = co_await attempt.Start(request);
  if (outcome != routing::Outcome::kAnswered || attempt.status() != 200) co_return ids;
  base::Buffer body;
  const auto read = co_await attempt.call().ReadAll(body, kListBytesMax);
  if (!read) co_return ids;
  attempt.Worked();
  auto listed = wire::ReadModelIds(body.view());
  if (listed) ids = std::move(*listed);
  co_return ids;
}

}  // namespace

net::Task<std::vector<ModelName>> FindModels(const config::Settings& settings,
                                             const upstream::Directory& directory, upstream::Pools& pools,
                                             net::Loop& loop, net::Cancel& cancel) {
  std::vector<ModelName> models;
  for (const auto& [alias, unused] : settings.models) models.push_back({alias, "sluice"});
  if (!settings.models.empty()) co_return models;
  for (const auto& [name, provider] : settings.providers) {
    std::vector<std::string> ids = provider.models;
    if (ids.empty()) ids = co_await AskProvider(directory.Find(name), pools, loop, cancel);
    for (std::string& id : ids) models.push_back({std::move(id), name});
  }
  co_return models;
}

}  // namespace gateway
