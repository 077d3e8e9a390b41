#include "budget/row_spends.h"
#include "simulation/budget_world.h"
#include "store/journal_reader.h"

// What must hold, whatever has happened.

namespace simulation {

using base::Int128;
using base::WallTime;
using budget::AccountView;
using budget::Demand;
using budget::PlayedCall;
using budget::Window;

AccountView BudgetWorld::Look(const AccountName& name, const Account& account) {
  const Demand demand{.key = {.rule = name.first, .value = played_.hash()(name.second)},
                      .terms = account.terms,
                      .value = name.second,
                      .amount = 0};
  AccountView view;
  played_.books().accounts().Look({&demand, 1}, clock_.WallNow(), {&view, 1});
  return view;
}

// No account is above its limit, or it was before this event, by no less: a limit was lowered, or a raise
// ended.
void BudgetWorld::CheckLimits() {
  for (auto& [name, account] : accounts_) {
    if (account.terms == nullptr) continue;
    const AccountView view = Look(name, account);
    const Int128 used = view.settled + view.reserved;
    if (used > view.limit && used > account.used) {
      Fault(name.second + " is above its limit by " + base::PrintPico(used - view.limit));
    }
    account.used = used;
    if (account.terms->window.kind() == Window::Kind::kCalendar && account.start != view.span.start) {
      if (account.start != WallTime()) ++tally_.windows_turned;
      if (account.denied) tally_.unused.push_back(account.unused);
      account.denied = false;
      account.start = view.span.start;
    }
    account.unused = view.limit <= view.settled
                         ? 0
                         : static_cast<double>(view.limit - view.settled) / static_cast<double>(view.limit);
  }
  if (played_.books().accounts().Counts().overshot > 0) Fault("a call has cost more than its worst case");
}

// What is reserved is what calls under way have reserved in their windows.
void BudgetWorld::CheckReserved() {
  std::map<AccountName, Int128> expected;
  const WallTime now = clock_.WallNow();
  const auto add = [&](const Call* call) {
    if (call == nullptr || !call->lease.holds()) return;
    for (const Demand& demand : call->demands) {
      const Window& window = demand.terms->window;
      const WallTime at = call->call.started;
      const bool counts =
          window.kind() == Window::Kind::kIdle ||
          (window.kind() == Window::Kind::kCalendar ? window.At(now).Has(at)
                                                    : window.At(at).end > now - window.length());
      if (counts) expected[{demand.key.rule, std::string(demand.value)}] += demand.amount;
    }
  };
  for (const auto& [number, request] : requests_) {
    if (request.waiter == nullptr) add(request.call.get());
    add(request.hedge.get());
    for (const auto& [call, cost] : request.ended) add(call.get());
  }
  for (const auto& [name, account] : accounts_) {
    if (account.terms == nullptr) continue;
    const AccountView view = Look(name, account);
    if (view.reserved != expected[name]) {
      Fault(name.second + " has reserved " + base::PrintPico(view.reserved) + ", calls under way " +
            base::PrintPico(expected[name]));
    }
  }
}

// What is settled is what the ledger's rows in the window say, and the worst case of calls that were cut off.
void BudgetWorld::CheckLedger() {
  ++tally_.ledger_checks;
  const WallTime now = clock_.WallNow();
  std::map<AccountName, Int128> expected;
  const auto add = [&](const budget::Spend& spend) {
    for (const Demand& demand : budget::DemandsOf(played_.policy(), spend)) {
      const Window& window = demand.terms->window;
      const bool counts = window.kind() == Window::Kind::kCalendar
                              ? window.At(now).Has(spend.started)
                              : window.At(spend.started).end > now - window.length();
      const auto passed = not_counted_.find(demand.key.rule);
      if (!counts) continue;
      if (passed != not_counted_.end() && spend.started <= passed->second.until &&
          passed->second.requests.contains(std::string(spend.request_id))) {
        continue;
      }
      expected[{demand.key.rule, std::string(demand.value)}] += demand.amount;
    }
  };
  store::JournalReader reader(directory_.path());
  budget::RowSpends spends;
  for (;;) {
    const auto record = reader.Next();
    if (!record) return Fault(record.error().detail);
    if (*record == nullptr) break;
    if ((*record)->row != nullptr) spends.ForEach(*(*record)->row, add);
  }
  for (auto& [id, calls] : cut_off_) {
    for (PlayedCall& call : calls) add(call.AsSpend(call.worst.pico));
  }
  for (const auto& [name, account] : accounts_) {
    if (account.terms == nullptr || account.terms->window.kind() == Window::Kind::kIdle) continue;
    const AccountView view = Look(name, account);
    if (view.settled != expected[name]) {
      Fault(name.second + " has settled " + base::PrintPico(view.settled) + ", the ledger says " +
            base::PrintPico(expected[name]));
    }
  }
}

}  // namespace simulation
