#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "store/ledger_query.h"
#include "store/ledger_row.h"

namespace store {

// The dimensions that the index sums by hour, in the order of their texts in it. Those of Level::kCoarse come
// first.
inline constexpr std::array kSummed = {
    Dimension::kTeam,         Dimension::kAskedModel, Dimension::kModel,      Dimension::kProvider,
    Dimension::kCurrency,     Dimension::kOrg,        Dimension::kProject,    Dimension::kKey,
    Dimension::kRung,         Dimension::kOperation,  Dimension::kStatus,     Dimension::kStream,
    Dimension::kPriceVersion, Dimension::kPricePhase, Dimension::kUsageSource};
inline constexpr std::size_t kCoarseDimensions = 5;

// Where a dimension stands in kSummed; its size where it does not.
constexpr std::size_t SummedAt(Dimension dimension) {
  std::size_t at = 0;
  while (at < kSummed.size() && kSummed[at] != dimension) ++at;
  return at;
}

template <Dimension kDimension>
inline constexpr std::size_t kSummedAt = SummedAt(kDimension);

using SummedTexts = std::array<std::string_view, kSummed.size()>;

// What a row adds to the sums: itself, and each of its failed attempts that used something, with the model
// and the price of that. The texts are views of the row or of literals, and of `model`.
struct Contribution {
  SummedTexts texts;
  LedgerSums sums;
};

// Those of the row itself. `model` is room that the caller keeps as long as them.
SummedTexts TextsOf(const LedgerRow& row, std::string& model);

// Gives one after the other to `use`; `model` is room that a caller keeps from row to row.
void ForEachContribution(const LedgerRow& row, std::string& model,
                         const std::function<void(const Contribution&)>& use);

}  // namespace store
