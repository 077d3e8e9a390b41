#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/money.h"
#include "budget/restrictions.h"
#include "budget/terms.h"

namespace budget {

// A step was taken, or taken back.
struct Crossing {
  bool taken = true;
  std::uint64_t rule = 0;  // Terms::id
  std::uint64_t step = 0;  // Step::id
  std::string scope;       // "team/support"
  std::string value;       // "support"
  Step::Action action = Step::Action::kAlert;
  bool forecast = false;
  config::Percent at;
  config::AlertAddress alert;  // of kAlert: where it is told
  base::Money used;            // settled
  base::Money limit;
  base::WallTime window_start;
  base::WallTime window_end;
  std::string reason;  // one sentence
};

using CrossingSink = std::function<void(Crossing)>;

// A step that is taken, as it is written down.
struct SavedStep {
  std::uint64_t rule = 0;
  std::uint64_t step = 0;
  std::string value;
  base::WallTime window_start;
  base::WallTime window_end;
  base::Int128 limit = 0;

  friend bool operator==(const SavedStep&, const SavedStep&) = default;
};

struct CrossingsOptions {
  std::size_t accounts_max = 100'000;  // that have a step taken; of further ones nothing is told
};

// Notices when what is settled reaches a step of a budget or falls below it again, and tells it once each
// time. A step that was taken is taken back when its window is over or the limit was raised; in a rolling
// window, and of a forecast, when the share is a hundredth of the limit below it, so that what goes up and
// down at the edge is told once. Those who note need not do so in the order in which they settled.
//
// Thread-safe; a lock for each of many parts, and none while no account has reached its first step. The sink
// is called without a lock, by whoever notes.
class Crossings {
 public:
  explicit Crossings(CrossingSink sink, CrossingsOptions options = {})
      : sink_(std::move(sink)), options_(options) {}

  // After something was settled, or a forecast was made.
  void Note(const Standing& standing);

  // It had to refuse a request for want of money. Where nine tenths are settled its steps at 100% are taken
  // until the window is over: strict budgets hardly ever come out to the last digit.
  void NoteExhausted(const Standing& standing);

  // Takes back what belongs to windows that are over at `now`, and forgets steps of budgets that are not in
  // the policy any more, without a word.
  void Sweep(const Policy& policy, base::WallTime now);

  // Accounts of rolling windows with a step taken, which fall below it without anything being settled.
  struct Watched {
    std::uint64_t rule;
    std::uint64_t value_hash;
    std::string value;
  };
  std::vector<Watched> Rolling() const;

  // What is taken, to be written down, and what was, before anything is noted.
  std::vector<SavedStep> Save() const;
  void Restore(std::span<const SavedStep> saved, const ScopeHash& hash);

  // What share of an account's limit will be spent when its window ends, in basis points; none where nobody
  // has looked ahead. Worth asking only for budgets that forecast. SetForecasts replaces all of them.
  using Forecasts = std::unordered_map<AccountKey, std::uint64_t, AccountKeyHash>;
  std::optional<std::uint64_t> ForecastOf(const AccountKey& account) const;
  void SetForecasts(Forecasts forecasts);

  std::uint64_t missed() const { return missed_.load(std::memory_order_relaxed); }  // for want of accounts
  // Goes up whenever Save() would say something else.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  struct Account {
    std::string value;
    base::WallTime start;
    base::WallTime end;      // of a rolling window the end of time
    base::Int128 limit = 0;  // when it was last looked at
    bool exhausted = false;
    std::vector<std::uint64_t> taken;  // Step::id
  };
  using Shard = std::unordered_map<AccountKey, Account, AccountKeyHash>;

  static constexpr std::size_t kShards = 64;

  base::Guarded<Shard>& Of(const AccountKey& key) {
    return shards_[AccountKeyHash()(key) >> 48 & (kShards - 1)];
  }
  void Look(const Standing& standing, bool exhausted);
  Account* FindIn(Shard& shard, const Standing& standing, bool make);
  void LookAt(Account& account, const Standing& standing, bool exhausted, std::vector<Crossing>& told);
  static bool HasFallen(const Account& account, const Step& step, const Standing& standing);
  static void TakeBack(Account& account, const Standing& standing, std::vector<Crossing>& told);
  void Tell(std::vector<Crossing>& told);

  const CrossingSink sink_;
  const CrossingsOptions options_;
  std::array<base::Guarded<Shard>, kShards> shards_;
  base::Snapshot<Forecasts> forecasts_{std::make_shared<const Forecasts>()};
  std::atomic<std::size_t> accounts_{0};
  std::atomic<std::uint64_t> missed_{0};
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace budget
