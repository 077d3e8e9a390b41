#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "store/contribution_internal.h"

namespace store {

// A group as the index names it: one byte for its level (1: coarse), then the texts of kSummed, or those of
// the coarse dimensions, each behind its length. `texts` are views of `key`. False: it is none.
bool ParseGroupKey(std::string_view key, SummedTexts& texts);
bool IsCoarse(std::string_view key);

// The sums of a batch of rows by hour and group, before those of the index grow by them: a row costs one
// look-up here, and a group of an hour is written once a batch. Not thread-safe.
class PendingSums {
 public:
  void Add(const LedgerRow& row);
  void Clear() { sums_.clear(); }

  // Gives the sums of each hour (counted since 1970) and group, fine ones and then coarse ones, until one
  // fails.
  using Use =
      std::function<base::Result<>(std::int64_t hour, std::string_view group, const LedgerSums& sums)>;
  base::Result<> ForEach(const Use& use) const;

 private:
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };
  // By the hour's eight bytes and the group's key.
  using Sums = std::unordered_map<std::string, LedgerSums, KeyHash, std::equal_to<>>;

  std::string_view KeyOf(std::int64_t hour, const SummedTexts& texts);

  Sums sums_;          // of fine groups: coarse ones are theirs together
  std::string key_;    // room for one
  std::string model_;  // room for ForEachContribution
};

}  // namespace store
