#include "budget/accounts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "budget/line_internal.h"
#include "budget/ordered_locks_internal.h"
#include "budget/shards_internal.h"
#include "budget/waiter.h"

namespace budget {

using base::Int128;
using base::MutexLock;
using base::WallTime;

Accounts::Accounts(const base::Clock& clock, AccountsOptions options)
    : clock_(clock),
      options_(options),
      shards_(std::make_unique<Shards>(options.accounts_max)),
      line_(std::make_unique<Line>()) {}

Accounts::~Accounts() = default;

namespace {

void CountAsSettled(Int128 kept, AccountView& view) {
  view.settled += kept;
  view.reserved -= kept;
}

}  // namespace

// REQUIRES: the account's lock.
Int128 Accounts::HeldBy(std::span<const Lease> kept, const Account& account) {
  Int128 held = 0;
  for (const Lease& lease : kept) held += lease.HeldOf(account);
  return held;
}

// Why the demand is not met, if it is not; `amount` is it with those before it that ask the same account. A
// waiter stands back only behind those who came before it; who is no waiter behind all of them.
std::optional<Denied> Accounts::Judge(const Demand& demand, Int128 amount, const Account* account,
                                      WallTime now, const Waiter* waiter, std::span<const Lease> kept) const {
  if (account == nullptr) {
    return Denied{.why = DeniedWhy::kTooMany,
                  .demand = 0,
                  .account = {.settled = 0, .reserved = 0, .limit = demand.terms->limit.pico, .span = {}},
                  .opens = {}};
  }
  const Int128 limit = account->Limit(*demand.terms, now);
  const Int128 spent = HeldBy(kept, *account);
  DeniedWhy why = DeniedWhy::kBusy;
  WallTime opens{};
  if (account->settled + spent + amount > limit) {
    why = DeniedWhy::kOver;
    opens = account->OpensFor(*demand.terms, amount, spent, now);
  } else if (account->settled + account->reserved + amount <= limit) {
    const bool behind =
        account->waiting > 0 && (waiter == nullptr || line_->HasOlder(demand.key, waiter->ticket_));
    if (!behind) return std::nullopt;
  }
  AccountView view = account->View(*demand.terms, now);
  CountAsSettled(spent, view);
  return Denied{.why = why, .demand = 0, .account = view, .opens = opens};
}

// All of it or nothing. A waiter that is kept back is counted at the account that does; then the line's lock
// is held, as always with a waiter.
tl::expected<Lease, Denied> Accounts::Try(std::span<const Demand> demands, WallTime now, Waiter* waiter,
                                          std::span<const Lease> kept) {
  std::array<Account*, kDemandsMax> accounts;
  std::size_t found = 0;
  std::optional<Denied> denied;
  Account* busy = nullptr;
  const OrderedLocks<kDemandsMax> locked(
      demands, [this](const AccountKey& key) -> base::Mutex& { return shards_->Of(key).mutex(); });
  for (std::size_t i = 0; i < demands.size(); ++i) {
    const Demand& demand = demands[i];
    Account* const account = shards_->Turned(demand, now, true);
    Int128 amount = demand.amount;
    for (std::size_t j = 0; j < found; ++j) {
      if (accounts[j] == account) amount += demands[j].amount;
    }
    std::optional<Denied> why = Judge(demand, amount, account, now, waiter, kept);
    if (account != nullptr) {
      ++account->holds;  // or making the next one might forget it
      accounts[found++] = account;
    }
    if (!why || (denied && why->why == DeniedWhy::kBusy)) continue;
    why->demand = i;
    denied = why;
    if (why->why != DeniedWhy::kBusy) break;
    busy = account;
  }
  for (std::size_t i = 0; i < found; ++i) --accounts[i]->holds;
  if (denied) {
    if (waiter != nullptr && denied->why == DeniedWhy::kBusy) {
      ++busy->waiting;
      waiter->blocked_by_ = busy->key;
    }
    return tl::unexpected(*denied);
  }
  // Held only now: whoever is refused leaves no trace, and keeps no session alive.
  Lease lease;
  lease.accounts_ = this;
  lease.holds_.reserve(demands.size());
  for (std::size_t i = 0; i < demands.size(); ++i) {
    const Demand& demand = demands[i];
    const WallTime start = accounts[i]->Hold(*demand.terms, demand.amount, now);
    lease.holds_.push_back(
        {.amount = demand.amount, .account = accounts[i], .terms = demand.terms, .start = start});
  }
  return lease;
}

tl::expected<Lease, Denied> Accounts::Reserve(std::span<const Demand> demands, WallTime now,
                                              std::span<const Lease> kept) {
  auto lease = Try(demands, now, nullptr, kept);
  if (lease) return lease;
  if (lease.error().why == DeniedWhy::kTooMany) mishaps_.With([](Mishaps& m) { ++m.too_many; });
  if (lease.error().why != DeniedWhy::kBusy) return lease;
  // Where there is room and only a line is in the way, that room may have come without anybody giving back: a
  // window turned, or a limit was raised. Whoever waits is told now. Where the first in line needs more than
  // that, nothing has come back, and the patience of the line is not renewed by who comes later.
  const Demand& demand = demands[lease.error().demand];
  if (demand.amount > lease.error().account.room()) return lease;
  Serve(demand.key, now, false);
  return Try(demands, now, nullptr, kept);
}

void Accounts::Finish(const Lease::Hold& hold, Int128 cost, WallTime now, AccountView* after) {
  const AccountKey key = hold.account->key;  // stays while it is held
  Shard& shard = shards_->Of(key);
  Int128 over = 0;
  bool waited_for = false;
  {
    MutexLock lock(shard.mutex());
    shard.CutFor(shards_->cut());
    Account& account = *hold.account;
    account.Turn(*hold.terms, now);
    account.Release(*hold.terms, hold.start, hold.amount, cost, now);
    const AccountView view = account.View(*hold.terms, now);
    if (cost > hold.amount) over = std::min(cost - hold.amount, view.settled + view.reserved - view.limit);
    if (after != nullptr) *after = view;
    waited_for = account.waiting > 0;
  }
  if (over > 0) {
    mishaps_.With([&](Mishaps& m) {
      ++m.overshot;
      m.overshot_pico += over;
    });
  }
  if (waited_for) Serve(key, now, cost < hold.amount);
}

void Accounts::Look(std::span<const Demand> demands, WallTime now, std::span<AccountView> views,
                    std::span<const Lease> kept) {
  CHECK(views.size() >= demands.size());
  for (std::size_t i = 0; i < demands.size(); ++i) {
    const Demand& demand = demands[i];
    MutexLock lock(shards_->Of(demand.key).mutex());
    const Account* const account = shards_->Turned(demand, now, false);
    views[i] = account != nullptr ? account->View(*demand.terms, now)
                                  : AccountView{.settled = 0,
                                                .reserved = 0,
                                                .limit = demand.terms->limit.pico,
                                                .span = demand.terms->window.At(now)};
    if (account != nullptr) CountAsSettled(HeldBy(kept, *account), views[i]);
  }
}

template <class F>
bool Accounts::ForAccounts(std::span<const Demand> demands, WallTime started, WallTime now, F&& change) {
  bool all = true;
  for (const Demand& demand : demands) {
    Shard& shard = shards_->Of(demand.key);
    MutexLock lock(shard.mutex());
    shard.CutFor(shards_->cut());
    // A session lives by what happens in it, also when that is told afterwards.
    const bool idle = demand.terms->window.kind() == Window::Kind::kIdle;
    Account* const account = shards_->Turned(demand, idle ? started : now, true);
    if (account != nullptr) change(*account, demand);
    all = all && account != nullptr;
  }
  return all;
}

bool Accounts::Apply(std::span<const Demand> demands, WallTime started, WallTime now) {
  return ForAccounts(demands, started, now, [&](Account& account, const Demand& demand) {
    account.Add(*demand.terms, demand.amount, started, now);
  });
}

bool Accounts::ApplyUnsettled(std::span<const Demand> demands, WallTime started, WallTime now) {
  return ForAccounts(demands, started, now, [&](Account& account, const Demand& demand) {
    account.AddUnsettled(*demand.terms, demand.amount, started, now);
  });
}

void Accounts::Resolve(std::span<const Demand> unsettled, std::span<const Demand> cost, WallTime started,
                       WallTime now) {
  (void)ForAccounts(unsettled, started, now, [&](Account& account, const Demand& demand) {
    account.AddUnsettled(*demand.terms, -demand.amount, started, now);
  });
  (void)Apply(cost, started, now);
  for (const Demand& demand : unsettled) Serve(demand.key, now, true);
}

// Gives back the raise that was there; none: too many accounts.
std::optional<Raise> Accounts::ReplaceRaise(const AccountRaise& raise, WallTime now) {
  MutexLock lock(shards_->Of(raise.account.key).mutex());
  Account* const account = shards_->Turned(raise.account, now, true);
  if (account == nullptr) return std::nullopt;
  return std::exchange(account->Extra().raise, raise.raise);
}

bool Accounts::SetRaises(std::span<const AccountRaise> raises, WallTime now) {
  std::vector<AccountRaise> before;
  for (const AccountRaise& raise : raises) {
    const auto replaced = ReplaceRaise(raise, now);
    if (!replaced) {
      for (const AccountRaise& one : before) (void)ReplaceRaise(one, now);
      return false;
    }
    before.push_back({.account = raise.account, .raise = *replaced});
  }
  for (const AccountRaise& raise : raises) Serve(raise.account.key, now, true);
  return true;
}

bool Accounts::Restore(const SavedAccount& saved, const AccountKey& key, const Terms& terms, WallTime now) {
  const Demand demand{.key = key, .terms = &terms, .value = saved.value, .amount = 0};
  MutexLock lock(shards_->Of(key).mutex());
  Account* const account = shards_->Turned(demand, now, true);
  if (account == nullptr) return false;
  account->Restore(saved);
  account->Turn(terms, now);
  return true;
}

void Accounts::List(const Terms& terms, WallTime now, const std::function<void(const Listed&)>& use) {
  std::vector<Listed> listed;
  for (Shard& shard : shards_->all()) {
    listed.clear();
    {
      MutexLock lock(shard.mutex());
      shard.ForEach([&](Account& account) {
        if (account.key.rule != terms.id) return;
        account.Turn(terms, now);
        listed.push_back({.value = account.value, .view = account.View(terms, now)});
      });
    }
    for (const Listed& one : listed) use(one);
  }
}

void Accounts::ForgetSettled(std::uint64_t rule) {
  for (Shard& shard : shards_->all()) {
    MutexLock lock(shard.mutex());
    shard.CutFor(shards_->cut());
    shard.ForEach([rule](Account& account) {
      if (account.key.rule == rule) account.ForgetSettled();
    });
  }
}

void Accounts::Sweep(WallTime now) {
  for (Shard& shard : shards_->all()) {
    MutexLock lock(shard.mutex());
    shards_->Forgot(shard.Sweep(now));
  }
}

AccountsCounts Accounts::Counts() const {
  const Mishaps mishaps = mishaps_.With([](const Mishaps& m) { return m; });
  MutexLock lock(line_->mutex());
  return {.accounts = shards_->size(),
          .waiting = line_->size(),
          .overshot = mishaps.overshot,
          .overshot_pico = mishaps.overshot_pico,
          .too_many = mishaps.too_many};
}

void Accounts::StartCut() {
  shards_->BeginCut();
}

void Accounts::SaveCut(const std::function<void(std::span<const SavedAccount>)>& use) {
  for (Shard& shard : shards_->all()) {
    std::vector<SavedAccount> copy;
    {
      MutexLock lock(shard.mutex());
      shard.CutFor(shards_->cut());
      copy = shard.TakeCopy();
    }
    use(copy);
  }
}

}  // namespace budget
