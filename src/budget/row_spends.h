#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "budget/spend.h"
#include "store/lease_record.h"
#include "store/ledger_row.h"

namespace budget {

// Reads rows of the ledger as the money that each call of a request cost: its answer, and those of its failed
// attempts that cost something. What nobody knows the price of counts as what was held for it. Not
// thread-safe; a spend is valid during its call.
class RowSpends {
 public:
  void ForEach(const store::LedgerRow& row, const std::function<void(const Spend&)>& use);

 private:
  std::vector<std::string> tags_;
  std::vector<std::string_view> tag_views_;
  std::string model_;
};

// A lease of the log as what it may have cost, and the other way round. Of the same bytes.
Spend SpendOf(const store::LeaseRecord& lease);
store::LeaseRecord LeaseOf(const Spend& spend);

}  // namespace budget
