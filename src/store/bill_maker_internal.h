#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/contribution_internal.h"
#include "store/ledger_query.h"
#include "store/ledger_row.h"

namespace store {

bool InPeriod(const LedgerQuery& query, base::WallTime started);

// Whether a row passes the query's filters, with what it was itself or with a failed attempt that used
// something; `model` is room for the call.
bool Passes(const LedgerQuery& query, const LedgerRow& row, std::string& model);

// Puts a bill together from what is added to it. The query outlives it. Not thread-safe.
class BillMaker {
 public:
  // REQUIRES: at most kDimensionsMax dimensions.
  explicit BillMaker(const LedgerQuery& query, std::size_t rows_max = kBillRowsMax);

  // Whether the query can be answered from sums by hour, and from how many of kSummed's dimensions.
  bool from_sums() const { return from_sums_; }
  bool from_coarse_sums() const { return from_coarse_sums_; }
  // Whether an hour, given by its beginning, lies in one hour of the person's clock.
  bool HourIsWhole(base::WallTime hour) const;
  // Whether sums of such a group say all that the query asks for: those of an older Sluice know no usage
  // source.
  bool Suffices(const SummedTexts& texts) const {
    return !by_usage_source_ || !texts[kSummedAt<Dimension::kUsageSource>].empty();
  }

  // A group of sums, by its texts; whoever adds many sums of it keeps it. None: the filters leave it out.
  struct Group {
    std::array<std::uint32_t, kDimensionsMax> values{};
    std::uint32_t currency = 0;

    friend bool operator==(const Group&, const Group&) = default;
  };
  std::optional<Group> GroupOf(const SummedTexts& texts);
  void Add(const Group& group, base::WallTime at, const LedgerSums& sums);

  // A row started in the period: all that it adds.
  void Add(const LedgerRow& row);

  // Whether it would have more rows than it may; then it lacks some.
  bool too_large() const { return too_large_; }

  Bill Finish();

 private:
  struct GroupHash {
    std::size_t operator()(const Group& group) const;
  };
  // The values of one dimension, each with a number.
  class Values {
   public:
    std::uint32_t Number(std::string_view text);
    const std::string& text(std::uint32_t number) const { return *texts_[number]; }
    std::vector<std::uint32_t> Ranks() const;  // of each number in the order of the texts

   private:
    std::map<std::string, std::uint32_t, std::less<>> numbers_;
    std::vector<const std::string*> texts_;
  };

  void SetTimes(Group& group, base::WallTime at);
  bool Passes(const SummedTexts& texts) const;

  const LedgerQuery& query_;
  const std::size_t rows_max_;
  bool too_large_ = false;
  bool from_sums_ = true;
  bool from_coarse_sums_ = true;
  bool has_times_ = false;
  bool by_usage_source_ = false;
  std::array<Values, kDimensionsMax> values_;
  Values currencies_;
  std::unordered_map<Group, LedgerSums, GroupHash> groups_;
  std::string model_;                     // room for ForEachContribution
  std::optional<std::int64_t> times_of_;  // the second that `times_` are of
  Group times_;
};

}  // namespace store
