#pragma once

// Weeks of traffic against the books of a data directory, on a fake clock: no network, and nothing that
// waits.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "budget/books_for_test.h"
#include "budget/waiter.h"
#include "pricing/book.h"
#include "store/directory_for_test.h"
#include "store/played_disk_for_test.h"

namespace simulation {

// What happened in one run, and what it shows.
struct BudgetTally {
  std::uint64_t events = 0;
  std::uint64_t requests = 0;
  std::uint64_t granted = 0;  // calls
  std::uint64_t lowered = 0;  // with a lower output limit
  std::uint64_t waited = 0;   // and then served
  std::uint64_t gave_up = 0;  // after the wait
  std::uint64_t denied = 0;
  std::uint64_t retried = 0;
  std::uint64_t hedged = 0;
  std::uint64_t aborted = 0;
  std::uint64_t crossed_a_price = 0;  // began at one price and ended at another
  std::uint64_t windows_turned = 0;
  std::uint64_t restarts = 0;
  std::uint64_t crashes = 0;
  std::uint64_t cut_off = 0;  // calls
  std::uint64_t reloads = 0;
  std::uint64_t raises = 0;
  std::uint64_t ledger_checks = 0;
  std::vector<double> unused;  // shares of budgets, each of a window in which a request was denied for it
};

class BudgetWorld {
 public:
  BudgetWorld(std::uint64_t seed, base::WallTime start);

  // Plays until `end` and lets what is under way end.
  void Run(base::WallTime end);

  const BudgetTally& tally() const { return tally_; }
  const std::vector<std::string>& faults() const { return faults_; }  // at most 20

 private:
  using Call = budget::PlayedBooks::UnderWay;
  enum class Kind : std::uint8_t {
    kArrivals,
    kCallEnds,
    kGivesUp,
    kOperator,
    kRestart,
    kReload,
    kRaise,
    kCheckpoint,
    kLedgerCheck
  };
  struct Event {
    base::WallTime at;
    std::uint64_t order;
    Kind kind;
    std::uint64_t request = 0;
    friend bool operator>(const Event& a, const Event& b) {
      return std::pair(a.at, a.order) > std::pair(b.at, b.order);
    }
  };
  struct Request {
    std::uint64_t number = 0;
    std::vector<std::pair<std::shared_ptr<Call>, base::Int128>> ended;  // attempts with what they cost
    std::shared_ptr<Call> call;                                         // under way, or waiting
    std::shared_ptr<Call> hedge;
    std::unique_ptr<budget::Waiter> waiter;
    std::int64_t input_bound = 0;
    std::int64_t output_max = 0;
    std::int64_t output_limit = 0;
    int attempts = 0;
  };
  using AccountName = std::pair<std::uint64_t, std::string>;  // rule, value
  struct Account {
    const budget::Terms* terms = nullptr;
    base::Int128 used = 0;
    base::WallTime start;
    bool denied = false;  // in this window
    double unused = 0;    // of it, when it was last looked at
  };

  void Plan(std::chrono::nanoseconds in, Kind kind, std::uint64_t request = 0);
  void Play(const Event& event);
  void Arrive();
  void AskOne(std::uint64_t burst_of);
  void Try(Request& request);
  bool Lower(Request& request);
  void Granted(Request& request);
  void Refused(Request& request, const budget::Denied& denied);
  void Served();
  void GiveUp(std::uint64_t number);
  void EndCall(std::uint64_t number);
  void Close(Request& request);
  void Restart();
  void Reload();
  void RaiseOne();
  void Resolve();

  budget::PlayedCall MakeCall(std::uint64_t number, std::uint64_t burst_of);
  base::Int128 Price(const budget::PlayedCall& call, std::int64_t input, std::int64_t cached,
                     std::int64_t output, base::WallTime completed);
  base::Int128 Worst(const budget::PlayedCall& call, std::int64_t input, std::int64_t output) const;
  base::Int128 CostOf(const Request& request, const Call& call, bool aborted);
  bool OneIn(std::uint64_t count) { return random_.Below(count) == 0; }

  void Meet(const std::vector<budget::Demand>& demands);
  budget::AccountView Look(const AccountName& name, const Account& account);
  void CheckLimits();
  void CheckReserved();
  void CheckLedger();
  void Fault(const std::string& what);

  base::Random random_;
  base::FakeClock clock_;
  store::PlayedDisk disk_;
  const store::TemporaryDirectory directory_;
  std::shared_ptr<const pricing::Book> prices_;
  budget::PlayedBooks played_;

  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t order_ = 0;
  base::WallTime end_;
  std::map<std::uint64_t, Request> requests_;  // under way
  std::vector<std::uint64_t> served_;          // told by waiters
  std::uint64_t next_request_ = 0;
  std::uint64_t session_ = 0;
  std::size_t budgets_ = 0;  // which of the configurations is in force
  base::WallTime reloaded_;  // since when

  std::map<AccountName, Account> accounts_;
  std::deque<AccountName> sessions_;                                // those of accounts_, oldest first
  std::map<std::string, std::vector<budget::PlayedCall>> cut_off_;  // by request
  // Requests that were under way when a budget was new, by rule; their calls until then do not count in it.
  struct NotCounted {
    base::WallTime until;
    std::set<std::string> requests;
  };
  std::map<std::uint64_t, NotCounted> not_counted_;
  BudgetTally tally_;
  std::vector<std::string> faults_;
};

}  // namespace simulation
