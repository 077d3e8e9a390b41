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
                                     std::span<const Patience> patience,
                                     std::span<const budget::Lease> kept) {
  if (!accounts_.Wait(demands, loop_.WallNow(), waiter_, kept)) co_return waiter_.Take();
  const net::Cancel::Hook hook(cancel_, [this](base::Code) { bell_->Notify(); });
  net::Timer timer(loop_.timers(), [this] { bell_->Notify(); });
  for (;;) {
    Outcome outcome = waiter_.Take();
    if (!std::holds_alternative<std::monostate>(outcome) || cancel_.why()) co_return outcome;
    const auto place = waiter_.InTheWay();
    if (!place) continue;  // it was its turn just now
    const Patience& there = patience[place->demand];
    const base::MonoTime due = std::min(there.until, place->idle_since + there.idle);
    if (loop_.Now() >= due) co_return outcome;
    timer.SetAt(due);
    co_await *bell_;
  }
}

Turn::Outcome Turn::Ask(std::span<const budget::Demand> demands, std::span<const budget::Lease> kept) {
  if (accounts_.Wait(demands, loop_.WallNow(), waiter_, kept)) return {};
  return waiter_.Take();
}

std::optional<std::size_t> Turn::InTheWay() const {
  const auto place = waiter_.InTheWay();
  if (!place) return std::nullopt;
  return place->demand;
}

}  // namespace gateway
