#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/block_allocator.h"
#include "base/random.h"
#include "budget/policy.h"
#include "budget/rate_limits.h"
#include "config/reader.h"

// What budgets and limits cost a request. The promises: to find the accounts of five scopes below a
// microsecond, and that a key which is at its limit costs the others nothing.

namespace {

using base::BlockVector;

std::shared_ptr<const budget::Policy> MakePolicy(int others) {
  std::string text = "providers: { d: { dialect: deepseek, key: k } }\nbudgets:\n";
  for (const char* scope : {"org", "team/*", "key/*", "user/*", "model/*"}) {
    text += "  - { scope: \"" + std::string(scope) + "\", limit: 5 USD, window: month }\n";
  }
  for (int i = 0; i < others; ++i) {
    text += "  - { scope: team/t" + std::to_string(i) + ", limit: 5 USD, window: day }\n";
  }
  const auto settings = config::ReadText(text, "f", [](std::string_view) { return std::nullopt; });
  return budget::Policy::Compile(**settings, budget::ScopeHash());
}

void BM_MatchFiveScopes(benchmark::State& state) {
  const auto policy = MakePolicy(static_cast<int>(state.range(0)));
  const budget::Spender spender{.org = "acme",
                                .team = "support",
                                .project = "bot",
                                .key_id = "key_0123456789ab",
                                .user = "someone@example.com",
                                .session = {},
                                .tags = {},
                                .provider = "d",
                                .model = "d/deepseek-flash",
                                .asked_model = "assistant"};
  for (auto _ : state) {
    BlockVector<budget::BudgetMatch> matches;
    policy->MatchBudgets(spender, budget::Part::kAll, matches);
    benchmark::DoNotOptimize(matches.data());
  }
}
BENCHMARK(BM_MatchFiveScopes)->Arg(0)->Arg(990);

const budget::LimitTerms kRequests{
    .id = 1, .kind = budget::LimitKind::kRequests, .most = 600, .per = std::chrono::minutes(1)};
const budget::LimitTerms kTokens{
    .id = 2, .kind = budget::LimitKind::kTokens, .most = 2'000'000, .per = std::chrono::minutes(1)};
const budget::LimitTerms kInFlight{.id = 3, .kind = budget::LimitKind::kInFlight, .most = 50};

std::array<budget::LimitDemand, 3> DemandsOf(std::uint64_t key) {
  return {{{.key = {1, key}, .terms = &kRequests},
           {.key = {2, key}, .terms = &kTokens, .value = {}, .amount = 1'000},
           {.key = {3, key}, .terms = &kInFlight}}};
}

// A key's three limits, in and out; every key at 300 calls in the last minute.
void BM_EnterAndSettle(benchmark::State& state) {
  budget::RateLimits limits;
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  base::Random random(1);
  base::MonoTime now{std::chrono::hours(1)};
  const auto step = std::chrono::nanoseconds(std::chrono::minutes(1)) / (300 * keys);
  for (auto _ : state) {
    now += step;
    auto pass = limits.Enter(DemandsOf(random.Below(keys) * 0x9e3779b97f4a7c15), now);
    if (pass) pass->Settle(700);
  }
}
BENCHMARK(BM_EnterAndSettle)->Arg(1)->Arg(1'000)->Arg(100'000);

// One thread has a key of its own; the others are refused at another one all the time (or do nothing).
void BM_BesideOneAtItsLimit(benchmark::State& state) {
  static std::unique_ptr<budget::RateLimits> limits;
  if (state.thread_index() == 0) limits = std::make_unique<budget::RateLimits>();
  base::MonoTime now{std::chrono::hours(1)};
  const bool is_own = state.thread_index() == 0;
  std::uint64_t refused = 0;
  for (auto _ : state) {
    now += std::chrono::milliseconds(is_own ? 200 : 0);
    auto pass = limits->Enter(DemandsOf(is_own ? 77 : 78 * 0x9e3779b97f4a7c15), now);
    refused += pass ? 0 : 1;
    if (pass) pass->Settle(700);
  }
  state.counters["refused"] = static_cast<double>(refused);
}
BENCHMARK(BM_BesideOneAtItsLimit)->Threads(1)->Threads(2);

}  // namespace
