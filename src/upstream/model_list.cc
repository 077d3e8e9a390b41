#include "upstream/model_list.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/bytes.h"
#include "upstream/attempt.h"
#include "upstream/directory.h"
#include "wire/models_list.h"

namespace upstream {
namespace {

using base::Code;
using Names = base::Result<std::vector<std::string>>;

constexpr std::uint64_t kListBytesMax = 4 * base::MiB;
constexpr std::size_t kNameBytesMax = 256;

struct ListCall {
  std::string_view path;
  std::string_view fields;
};

// How a list is asked for where it is one page.
ListCall ListOf(chat::Dialect dialect) {
  if (dialect == chat::Dialect::kAnthropic) {
    return {"/models?limit=1000", "anthropic-version: 2023-06-01\r\n"};
  }
  return {"/models", {}};
}

// The provider's own list. Errors: why it cannot be had, in one sentence.
net::Task<Names> AskProvider(std::shared_ptr<Provider> provider, std::shared_ptr<net::Pool> pool,
                             net::Loop& loop, net::Cancel& cancel) {
  auto place = co_await provider->Enter({}, loop, cancel);
  if (!place) co_return base::Fail(std::move(place).error());
  const config::ProviderSettings& settings = provider->settings();
  Request request;
  request.method = "GET";
  request.dialect = config::NativeDialect(settings.dialect);
  const ListCall list = ListOf(request.dialect);
  std::string path = settings.base_url.path;
  path.append(config::DialectPath(settings.dialect, request.dialect)).append(list.path);
  request.path = path;
  request.fields = list.fields;
  request.lists_models = true;
  Attempt attempt(provider, std::move(pool), std::move(*place), cancel);
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
  if (!listed) {
    attempt.Broke("not_json", "its list of models cannot be read");
    co_return base::Fail(Code::kUnavailable, attempt.detail());
  }
  attempt.Worked();
  std::erase_if(*listed, [](const std::string& id) { return id.empty() || id.size() > kNameBytesMax; });
  co_return listed;
}

// "-20250929" and "-2025-09-29".
bool IsDate(std::string_view text) {
  constexpr std::string_view kPlain = "-dddddddd";
  constexpr std::string_view kDashed = "-dddd-dd-dd";
  const auto fits = [text](std::string_view form) {
    return text.size() == form.size() &&
           std::equal(form.begin(), form.end(), text.begin(),
                      [](char wanted, char c) { return wanted == 'd' ? base::IsDigit(c) : wanted == c; });
  };
  return fits(kPlain) || fits(kDashed);
}

}  // namespace

ModelNames::ModelNames(base::Result<std::vector<std::string>> said, base::MonoTime at,
                       const ModelNames& before)
    : asked_at_(at) {
  if (!said) {
    missing_ = said.error().detail;
    ids_ = before.ids_;
    sorted_ = before.sorted_;
    return;
  }
  ids_ = std::move(*said);
  sorted_ = ids_;
  std::sort(sorted_.begin(), sorted_.end());
}

bool ModelNames::Has(std::string_view name) const {
  if (std::binary_search(sorted_.begin(), sorted_.end(), name)) return true;
  for (const std::string_view end : {"-latest", "-0"}) {
    if (name.ends_with(end)) name.remove_suffix(end.size());
  }
  for (auto at = std::lower_bound(sorted_.begin(), sorted_.end(), name);
       at != sorted_.end() && at->starts_with(name); ++at) {
    if (IsDate(std::string_view(*at).substr(name.size()))) return true;
  }
  return false;
}

// Holds the right to ask, and passes it on.
class ModelList::Turn {
 public:
  explicit Turn(ModelList& list) : list_(list) {}
  ~Turn() { list_.EndAsking(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  ModelList& list_;
};

std::shared_ptr<ModelList::Waiter> ModelList::AskOrWait(net::Loop& loop) {
  return state_.With([&](State& state) -> std::shared_ptr<Waiter> {
    if (!std::exchange(state.asking, true)) return nullptr;
    return state.waiters.emplace_back(std::make_shared<Waiter>(loop));
  });
}

void ModelList::EndAsking() {
  const auto waiters = state_.With([](State& state) {
    state.asking = false;
    return std::exchange(state.waiters, {});
  });
  for (const std::shared_ptr<Waiter>& waiter : waiters) {
    waiter->loop->Post([waiter] { Tell(waiter); });
  }
}

void ModelList::Tell(const std::shared_ptr<Waiter>& waiter) {
  if (!std::exchange(waiter->told, true)) waiter->event.Notify();
}

bool ModelList::asking() {
  return state_.With([](const State& state) { return state.asking; });
}

net::Task<std::shared_ptr<const ModelNames>> ModelList::Get(std::shared_ptr<Provider> provider,
                                                            std::shared_ptr<net::Pool> pool, net::Loop& loop,
                                                            net::Cancel& cancel, Age age_max) {
  while (true) {
    const auto known = Known();
    const auto limit = known->known() ? age_max.names : age_max.failure;
    if (cancel.why() || (known->asked_at() && loop.Now() - *known->asked_at() <= limit)) co_return known;
    if (const auto waiter = AskOrWait(loop)) {
      const net::Cancel::Hook hook(cancel, [&waiter](Code) { Tell(waiter); });
      co_await waiter->event;
      continue;
    }
    const Turn turn(*this);
    if (Known() != known) continue;  // somebody has asked between the look and the turn
    net::Cancel patience;
    const net::Cancel::Hook hook(cancel, [&patience](Code why) { patience.Fire(why); });
    net::Timer timer(loop.timers(), [&patience] { patience.Fire(Code::kTimeout); });
    timer.SetAfter(kPatience);
    Names said = co_await AskProvider(provider, pool, loop, patience);
    if (cancel.why()) co_return known;  // whoever waits asks in its stead
    if (patience.why()) said = base::Fail(Code::kTimeout, "it did not list its models in time");
    const auto names = std::make_shared<const ModelNames>(std::move(said), loop.Now(), *known);
    known_.Store(names);
    co_return names;
  }
}

}  // namespace upstream
