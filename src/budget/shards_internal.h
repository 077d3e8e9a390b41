#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "budget/account_internal.h"
#include "budget/saved_account.h"
#include "budget/terms.h"

namespace budget {

// One part of the table of accounts: accounts that stay where they are, and an index from keys to them. All
// of it is guarded by its lock.
class alignas(64) Shard {
 public:
  base::Mutex& mutex() { return mutex_; }

  Account* Find(const AccountKey& key, std::size_t hash);
  // REQUIRES: it is not there.
  Account& Make(const AccountKey& key, std::size_t hash, std::string_view value);
  // Gives back how many it has forgotten.
  std::size_t Sweep(base::WallTime now);

  // Copies what a checkpoint keeps, if it has not for the cut of that number.
  void CutFor(std::uint64_t cut);
  std::vector<SavedAccount> TakeCopy() { return std::move(copy_); }

  template <class F>
  void ForEach(F&& use) {
    for (const std::uint32_t place : index_) {
      if (place != 0) use(At(place - 1));
    }
  }

 private:
  static constexpr std::size_t kChunk = 16;

  Account& At(std::uint32_t number) { return (*chunks_[number / kChunk])[number % kChunk]; }
  void Insert(std::uint32_t number, std::size_t hash);
  void Rebuild(std::size_t places);

  base::Mutex mutex_;
  std::vector<std::uint32_t> index_;  // 1 + number of the account; 0: none. A power of two of them
  std::vector<std::unique_ptr<std::array<Account, kChunk>>> chunks_;
  std::vector<std::uint32_t> free_;  // numbers that are not in use, the next one last
  std::size_t size_ = 0;
  std::uint64_t cut_ = 0;
  std::vector<SavedAccount> copy_;
};

// The table of accounts.
class Shards {
 public:
  explicit Shards(std::size_t accounts_max) : accounts_max_(accounts_max) {}

  Shard& Of(const AccountKey& key) { return shards_[AccountKeyHash()(key) % kShards]; }

  // The account of the demand, turned; null: there are as many as there may be, or with `make` false there is
  // none. REQUIRES: its shard is locked.
  Account* Turned(const Demand& demand, base::WallTime now, bool make);

  std::span<Shard> all() { return shards_; }
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }
  void Forgot(std::size_t count) { size_.fetch_sub(count, std::memory_order_relaxed); }

  std::uint64_t cut() const { return cut_.load(std::memory_order_acquire); }
  void BeginCut() { cut_.fetch_add(1, std::memory_order_release); }

 private:
  static constexpr std::size_t kShards = 1024;

  const std::size_t accounts_max_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::uint64_t> cut_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace budget
