#include <benchmark/benchmark.h>
#include <malloc.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "budget/accounts.h"
#include "budget/scope_hash.h"

// What a request's reservation and its settlement cost over five scopes, and what an account takes. The
// promises are 2 us and 200 bytes with a million accounts, with no lock that all threads share.

namespace {

constexpr std::size_t kScopes = 5;
constexpr std::size_t kDrawn = 65'536;  // requests, more than a processor cache remembers the accounts of

std::size_t HeapBytes() {
  const struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

// Budgets for all, each team, each project, each key and each user; the last two have most of the accounts.
class World {
 public:
  explicit World(std::size_t accounts) {
    const std::array<std::size_t, kScopes> counts{1, 100, 1'000, accounts / 2, accounts / 2};
    for (std::size_t scope = 0; scope < kScopes; ++scope) {
      terms_[scope] = {.id = base::Random(scope + 1).Next(),
                       .window = budget::Window::Calendar(budget::Window::Unit::kMonth, {}),
                       .limit = {.pico = base::Int128{base::kPico} * 1'000'000, .currency = {}},
                       .carry_most = 0};
      for (std::size_t i = 0; i < counts[scope]; ++i) names_[scope].push_back("name-" + std::to_string(i));
    }
    const std::size_t before = HeapBytes();
    accounts_ = std::make_unique<budget::Accounts>(clock_, budget::AccountsOptions());
    for (std::size_t scope = 0; scope < kScopes; ++scope) {
      for (std::size_t i = 0; i < counts[scope]; ++i) {
        const budget::Demand demand = DemandOf(scope, i);
        benchmark::DoNotOptimize(accounts_->Apply({&demand, 1}, now(), now()));
      }
    }
    bytes_ = HeapBytes() - before;
  }

  std::vector<std::array<budget::Demand, kScopes>> Draw(std::uint64_t seed) const {
    base::Random random(seed);
    std::vector<std::array<budget::Demand, kScopes>> drawn(kDrawn);
    for (auto& demands : drawn) {
      for (std::size_t scope = 0; scope < kScopes; ++scope) {
        demands[scope] = DemandOf(scope, random.Below(names_[scope].size()));
      }
    }
    return drawn;
  }

  budget::Accounts& accounts() { return *accounts_; }
  base::WallTime now() const { return clock_.WallNow(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return accounts_->Counts().accounts; }

 private:
  budget::Demand DemandOf(std::size_t scope, std::size_t at) const {
    return {.key = {.rule = terms_[scope].id, .value = hash_(names_[scope][at])},
            .terms = &terms_[scope],
            .value = names_[scope][at],
            .amount = 1'000'000};
  }

  const base::SystemClock clock_;
  const budget::ScopeHash hash_;
  std::array<budget::Terms, kScopes> terms_;
  std::array<std::vector<std::string>, kScopes> names_;
  std::unique_ptr<budget::Accounts> accounts_;
  std::size_t bytes_ = 0;
};

void BM_ReserveAndSettle(benchmark::State& state) {
  static std::unique_ptr<World> world;  // of all threads of a run
  if (state.thread_index() == 0) world = std::make_unique<World>(static_cast<std::size_t>(state.range(0)));
  std::vector<std::array<budget::Demand, kScopes>> drawn;
  base::WallTime now{};
  std::size_t next = 0;
  constexpr std::array<base::Int128, kScopes> kCosts{400'000, 400'000, 400'000, 400'000, 400'000};
  for (auto _ : state) {
    if (drawn.empty()) {  // behind the barrier that threads begin at
      state.PauseTiming();
      drawn = world->Draw(static_cast<std::uint64_t>(state.thread_index()) + 1);
      now = world->now();
      state.ResumeTiming();
    }
    auto lease = world->accounts().Reserve(drawn[next], now);
    lease->Settle(kCosts, now);
    next = (next + 1) % kDrawn;
  }
  if (state.thread_index() == 0) {
    const auto count = static_cast<double>(world->size());
    state.counters["accounts"] = count;
    state.counters["bytes_each"] = static_cast<double>(world->bytes()) / count;
  }
}
BENCHMARK(BM_ReserveAndSettle)->Arg(1'000)->Arg(1'000'000);
BENCHMARK(BM_ReserveAndSettle)->Arg(1'000'000)->Threads(2)->UseRealTime();

void BM_HashValue(benchmark::State& state) {
  const budget::ScopeHash hash;
  const std::string value = "name-123456";
  for (auto _ : state) benchmark::DoNotOptimize(hash(value));
}
BENCHMARK(BM_HashValue);

}  // namespace
