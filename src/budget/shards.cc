#include <algorithm>
#include <utility>

#include "budget/shards_internal.h"

namespace budget {
namespace {

constexpr std::size_t kPlacesMin = 8;
// The low bits of a hash choose the shard.
constexpr unsigned kShardBits = 10;

}  // namespace

Account* Shard::Find(const AccountKey& key, std::size_t hash) {
  if (index_.empty()) return nullptr;
  const std::size_t mask = index_.size() - 1;
  for (std::size_t at = hash >> kShardBits & mask;; at = (at + 1) & mask) {
    if (index_[at] == 0) return nullptr;
    Account& account = At(index_[at] - 1);
    if (account.key == key) return &account;
  }
}

Account& Shard::Make(const AccountKey& key, std::size_t hash, std::string_view value) {
  if ((size_ + 1) * 4 > index_.size() * 3) Rebuild(std::max(kPlacesMin, index_.size() * 2));
  if (free_.empty()) {
    const auto first = static_cast<std::uint32_t>(chunks_.size() * kChunk);
    chunks_.push_back(std::make_unique<std::array<Account, kChunk>>());
    for (std::uint32_t i = kChunk; i-- > 0;) free_.push_back(first + i);
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  Account& account = At(number);
  account.key = key;
  account.value = value;
  Insert(number, hash);
  ++size_;
  return account;
}

void Shard::Insert(std::uint32_t number, std::size_t hash) {
  const std::size_t mask = index_.size() - 1;
  std::size_t at = hash >> kShardBits & mask;
  while (index_[at] != 0) at = (at + 1) & mask;
  index_[at] = number + 1;
}

void Shard::Rebuild(std::size_t places) {
  const std::vector<std::uint32_t> old = std::exchange(index_, std::vector<std::uint32_t>(places));
  for (const std::uint32_t place : old) {
    if (place != 0) Insert(place - 1, AccountKeyHash()(At(place - 1).key));
  }
}

std::size_t Shard::Sweep(base::WallTime now) {
  std::size_t forgotten = 0;
  for (std::uint32_t& place : index_) {
    if (place == 0 || !At(place - 1).Forgettable(now)) continue;
    At(place - 1) = Account();
    free_.push_back(place - 1);
    place = 0;
    ++forgotten;
  }
  size_ -= forgotten;
  if (forgotten > 0) Rebuild(index_.size());
  return forgotten;
}

void Shard::CutFor(std::uint64_t cut) {
  if (cut_ == cut) return;
  cut_ = cut;
  copy_.clear();
  ForEach([this](const Account& account) {
    if (account.WorthSaving()) copy_.push_back(account.Save());
  });
}

Account* Shards::Turned(const Demand& demand, base::WallTime now, bool make) {
  const std::size_t hash = AccountKeyHash()(demand.key);
  Shard& shard = shards_[hash % kShards];
  Account* account = shard.Find(demand.key, hash);
  if (account == nullptr) {
    if (!make) return nullptr;
    if (size_.fetch_add(1, std::memory_order_relaxed) >= accounts_max_) {
      Forgot(shard.Sweep(now));
      if (size() > accounts_max_) {
        Forgot(1);
        return nullptr;
      }
    }
    account = &shard.Make(demand.key, hash, demand.value);
  }
  account->Turn(*demand.terms, now);
  return account;
}

}  // namespace budget
