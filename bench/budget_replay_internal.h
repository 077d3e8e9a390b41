#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/random.h"
#include "bench/schedule.h"
#include "budget/accounts.h"
#include "budget/waiter.h"
#include "gateway/typical_cost.h"
#include "gateway/worst_case.h"

namespace bench {

struct BudgetReplayOptions {
  std::int64_t share_percent = 50;    // the budget, of what the whole trace would cost
  std::int64_t output_limit = 2'000;  // tokens: max_tokens of each request
  std::int64_t output_floor = 256;    // a useful answer
  std::chrono::nanoseconds reserve_wait = std::chrono::seconds(2);
  bool typical = false;
  std::uint64_t seed = 1;
};

// What became of a budget. Shares are of the budget, in hundredths of a percent.
struct BudgetReplayResult {
  std::uint64_t requests = 0;
  std::uint64_t answered = 0;
  std::uint64_t lowered = 0;  // with a lower output limit
  std::uint64_t waited = 0;   // until others gave back
  std::uint64_t refused = 0;
  std::uint64_t overshot = 0;                  // calls that left it above its limit
  std::int64_t room = 0;                       // for so many worst cases of a mean request
  std::optional<std::int64_t> refused_at_s{};  // when the first one was, since the beginning
  std::int64_t spent_then = 0;                 // settled at that instant
  std::int64_t reserved_then = 0;
  std::int64_t spent_once = 0;  // when all that were under way then had ended, if nobody else had come
  std::int64_t spent_end = 0;   // at the end of the trace
};

// Plays a trace against one budget on a clock of its own, by the rules of the gateway (gateway::Spending and
// Turn): the prompt bound by its bytes, then by its tokens; reserved, waited for as long as something comes
// back, lowered or refused; settled by what it cost. An answer takes 0.4 s and 20 ms a token, a fifth more or
// less. Who is refused does not come again. One thread.
class BudgetReplay {
 public:
  // Everything given here outlives it. REQUIRES: arrivals in order of time.
  BudgetReplay(const BudgetReplayOptions& options, std::span<const Arrival> arrivals);
  BudgetReplayResult Run();

 private:
  enum class Kind : std::uint8_t { kArrives, kGivesUp, kEnds };
  struct Event {
    std::chrono::nanoseconds at;
    std::uint64_t order;
    Kind kind;
    std::size_t request;
    friend bool operator>(const Event& a, const Event& b) {
      return std::pair(a.at, a.order) > std::pair(b.at, b.order);
    }
  };
  struct Request {
    std::int64_t prompt = 0;  // tokens
    std::int64_t answer = 0;  // tokens that it would have
    bool counted = false;     // its prompt's tokens
    gateway::WorstCase worst{};
    budget::Lease lease{};
    std::unique_ptr<budget::Waiter> waiter{};
    base::MonoTime waits_since{};  // when it came into the line
  };

  void Plan(std::chrono::nanoseconds at, Kind kind, std::size_t request);
  void Play(const Event& event);
  void Bound(Request& request) const;
  void Try(std::size_t index);
  void Wait(std::size_t index);
  void OnTold(std::size_t index);
  void GiveUp(std::size_t index);
  bool Lower(Request& request, bool at_most);
  void Grant(std::size_t index, budget::Lease lease);
  void Refuse(std::size_t index);
  void End(std::size_t index);
  base::Int128 AmountOf(const Request& request, std::int64_t output) const;
  base::Int128 CostOf(const Request& request, std::int64_t answer) const;
  budget::Demand DemandOf(const Request& request) const;
  budget::AccountView View();
  std::int64_t ShareOf(base::Int128 amount) const;

  const BudgetReplayOptions options_;
  base::FakeClock clock_;
  base::Random random_;
  budget::Terms terms_;
  budget::Accounts accounts_;
  gateway::TypicalCost typical_;
  std::deque<Request> requests_;  // they do not move
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t order_ = 0;
  std::chrono::nanoseconds now_{0};
  std::vector<std::size_t> told_;
  base::Int128 to_come_ = 0;  // what the calls under way will cost
  BudgetReplayResult result_;
};

}  // namespace bench
