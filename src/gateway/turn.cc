#include "gateway/turn.h"

#include <algorithm>
#include <variant>

#include "net/timer_wheel.h"

namespace gateway {

Turn::Turn(budget::Accounts& accounts, net::Loop& loop, net::Cancel& cancel)
    : accounts_(accounts),
      loop_(loop),
      cancel_(cancel),
      bell_(std::make_shared<net::Event>()),
      waiter_(accounts, [bell = bell_, &loop] { loop.Post([bell] { bell->Notify(); }); }) {}

net::Task<Turn::Outcome> Turn::Await(std::span<const budget::Demand> demands,
                                     std::chrono::nanoseconds patience, base::MonoTime until) {
  if (!accounts_.Wait(demands, loop_.WallNow(), waiter_)) co_return waiter_.Take();
  const base::MonoTime begun = loop_.Now();
  const net::Cancel::Hook hook(cancel_, [this](base::Code) { bell_->Notify(); });
  net::Timer timer(loop_.timers(), [this] { bell_->Notify(); });
  for (;;) {
    Outcome outcome = waiter_.Take();
    if (!std::holds_alternative<std::monostate>(outcome) || cancel_.why()) co_return outcome;
    const base::MonoTime due = std::min(until, std::max(begun, waiter_.LastCameBack()) + patience);
    if (loop_.Now() >= due) co_return outcome;
    timer.SetAt(due);
    co_await *bell_;
  }
}

Turn::Outcome Turn::Ask(std::span<const budget::Demand> demands) {
  if (accounts_.Wait(demands, loop_.WallNow(), waiter_)) return {};
  return waiter_.Take();
}

}  // namespace gateway
