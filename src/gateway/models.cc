#include "gateway/models.h"

#include <memory>
#include <utility>

#include "base/bytes.h"
#include "upstream/attempt.h"
#include "wire/models_list.h"

namespace gateway {
namespace {

using base::Code;

constexpr std::uint64_t kListBytesMax = 4 * base::MiB;

struct ListCall {
  std::string_view path;
  std::string_view fields;
};

// How a list is asked for where it is one page.
ListCall ListOf(chat::Dialect dialect) {
  switch (dialect) {
    case chat::Dialect::kOpenai:
    case chat::Dialect::kResponses:
      return {"/models", {}};
    case chat::Dialect::kAnthropic:
      return {"/models?limit=1000", "anthropic-version: 2023-06-01\r\n"};
  }
  return {};
}

// The provider's own list. Errors: why it cannot be had, in one sentence.
net::Task<base::Result<std::vector<std::string>>> AskProvider(std::shared_ptr<upstream::Provider> provider,
                                                              upstream::Pools& pools, net::Loop& loop,
                                                              net::Cancel& cancel) {
  auto place = co_await provider->Enter(loop, cancel);
  if (!place) co_return base::Fail(std::move(place).error());
  upstream::Attempt attempt(provider, pools.For(provider), std::move(*place), cancel);
  const config::ProviderSettings& settings = provider->settings();
  upstream::Request request;
  request.method = "GET";
  request.dialect = config::NativeDialect(settings.dialect);
  const ListCall list = ListOf(request.dialect);
  std::string path = settings.base_url.path;
  path.append(config::DialectPath(settings.dialect, request.dialect)).append(list.path);
  request.path = path;
  request.fields = list.fields;
  const routing::Outcome outcome = co_await attempt.Start(request);
  if (outcome != routing::Outcome::kAnswered) co_return base::Fail(Code::kUnavailable, attempt.detail());
  if (attempt.status() != 200) {
    co_return base::Fail(Code::kUnavailable, "it answered with status " + std::to_string(attempt.status()));
  }
  base::Buffer body;
  const auto read = co_await attempt.call().ReadAll(body, kListBytesMax);
  if (!read && !cancel.why()) {
    attempt.Broke(base::Name(read.error().code), "its list broke off: " + read.error().detail);
  }
  if (!read) co_return base::Fail(read.error());
  auto listed = wire::ReadModelIds(body.view());
  if (listed) {
    attempt.Worked();
  } else {
    attempt.Broke("not_json", "its list of models cannot be read");
    co_return base::Fail(Code::kUnavailable, attempt.detail());
  }
  co_return listed;
}

}  // namespace

net::Task<ModelsFound> FindModels(const config::Settings& settings, const upstream::Directory& directory,
                                  upstream::Pools& pools, net::Loop& loop, net::Cancel& cancel) {
  ModelsFound found;
  for (const auto& [alias, unused] : settings.models) found.models.push_back({alias, "sluice"});
  if (!settings.models.empty()) co_return found;
  for (const auto& [name, provider] : settings.providers) {
    if (cancel.why()) break;
    if (!provider.models.empty()) {
      for (const std::string& id : provider.models) found.models.push_back({id, name});
      continue;
    }
    auto ids = co_await AskProvider(directory.Find(name), pools, loop, cancel);
    if (!ids) {
      found.missing += (found.missing.empty() ? "" : "; ") + name + ": " + ids.error().detail;
      continue;
    }
    for (std::string& id : *ids) found.models.push_back({std::move(id), name});
  }
  co_return found;
}

}  // namespace gateway
