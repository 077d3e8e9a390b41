#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include <tl/expected.hpp>

#include "base/block_allocator.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "budget/limit_terms.h"
#include "budget/sliding_window.h"

namespace budget {

class Pass;

// Why a request may not pass, and when it may.
struct Limited {
  std::size_t demand = 0;  // which of those that were asked for; of several the one that lasts longest
  bool too_many = false;   // there are as many accounts as there may be, and this needs another
  std::uint64_t used = 0;  // what counts at the moment
  // Who waits that long gets in, if nobody else takes the room before: at most the length of the limit. Of
  // what is in flight nobody knows when it ends: a second.
  std::chrono::nanoseconds retry_after{0};
};

struct RateLimitsOptions {
  std::size_t accounts_max = 1'000'000;
  std::size_t runs_max = 2'048;         // of one account: calls that are counted one by one are half of it
  std::size_t runs_total = 16'000'000;  // of all, 16 bytes each; beyond, an account grows by 64 only
};

// How much each account of every limit had in the last time.
//
// Thread-safe: a hash table in many parts, each with a lock of its own that is held for a fraction of a
// microsecond (while a refusal looks for its time, a few); who needs several takes them in one order. Who is
// at a limit costs others nothing, unless they share an account. Nothing blocks. Outlives its passes.
//
// Requests and tokens count on a window that slides (SlidingWindow): exactly, up to runs_max / 2 calls in the
// window, and beyond up to a runs_max / 2-th of its length too long. A request of more tokens than its limit
// counts as the limit while it runs: it gets in when nothing else counts, so that a limit keeps nobody out
// for longer than its window.
class RateLimits {
 public:
  explicit RateLimits(RateLimitsOptions options);
  RateLimits() : RateLimits(RateLimitsOptions()) {}
  RateLimits(const RateLimits&) = delete;
  RateLimits& operator=(const RateLimits&) = delete;
  ~RateLimits();

  static constexpr std::size_t kDemandsMax = 64;  // of one request

  // Admits to all of it or to nothing. A time before an earlier call's is taken for that one. REQUIRES: at
  // most kDemandsMax demands.
  tl::expected<Pass, Limited> Enter(std::span<const LimitDemand> demands, base::MonoTime now);

  // What counts of one account at the moment; 0 where there is none.
  std::uint64_t Used(const LimitDemand& demand, base::MonoTime now);

  // All accounts of one limit, in no order. `use` is called without any lock; each lock is held while its
  // part of the table is copied, some tenths of a millisecond where there are a million accounts.
  struct Listed {
    std::string value;
    std::uint64_t used = 0;
  };
  void List(const LimitTerms& terms, base::MonoTime now, const std::function<void(const Listed&)>& use);

  struct Counts {
    std::size_t accounts = 0;
    std::size_t runs = 0;        // what is kept of calls that were admitted, 16 bytes each
    std::uint64_t too_many = 0;  // requests refused for want of accounts
  };
  Counts counts() const;

 private:
  friend class Pass;

  struct Account {
    SlidingWindow window;
    std::chrono::nanoseconds length{0};
    std::uint64_t in_flight = 0;
    std::uint32_t open = 0;  // passes that know it, and those that are being made
    std::string value;
  };
  struct alignas(64) Shard {
    base::Mutex mutex;
    std::unordered_map<AccountKey, Account, AccountKeyHash> accounts;
    std::size_t sweep_at = 32;  // accounts: as many, and those that count nothing are looked for
  };

  static constexpr std::size_t kShards = 256;
  static constexpr std::size_t kRunsWhenShort = 64;

  Shard& Of(const AccountKey& key);
  Account* Find(Shard& shard, const LimitDemand& demand, base::MonoTime now);
  std::uint64_t UsedOf(Account& account, LimitKind kind, base::MonoTime now);
  void Sweep(Shard& shard, base::MonoTime now);
  std::optional<Limited> Judge(const LimitDemand& demand, Account& account, base::MonoTime now);
  void Take(const LimitDemand& demand, Account& account, base::MonoTime now, Pass& pass);
  void GiveBack(const AccountKey& key, Account& account, LimitKind kind, SlidingWindow::Number number,
                std::int64_t correction);
  void NoteRuns(std::size_t before, std::size_t after);

  const RateLimitsOptions options_;
  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> accounts_{0};
  std::atomic<std::size_t> runs_{0};
  std::atomic<std::uint64_t> too_many_{0};
};

// What one request was admitted to. Belongs to one thread at a time; the limits outlive it.
class [[nodiscard]] Pass {
 public:
  Pass() = default;  // holds nothing
  Pass(Pass&& other) noexcept;
  Pass& operator=(Pass&& other) noexcept;
  ~Pass();

  bool holds() const { return limits_ != nullptr; }

  // The request is over and has used so many tokens; they count from when it was admitted.
  void Settle(std::uint64_t tokens);
  // It is over and has used none. It stays counted as a request.
  void Leave() { Settle(0); }

 private:
  friend class RateLimits;
  struct Hold {
    AccountKey key;
    RateLimits::Account* account;  // stays where it is while it is held
    LimitKind kind;
    SlidingWindow::Number number;
    std::uint64_t amount;
  };

  RateLimits* limits_ = nullptr;  // null: holds nothing
  base::BlockVector<Hold> holds_;
};

}  // namespace budget
