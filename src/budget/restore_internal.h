#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "budget/accounts.h"
#include "budget/checkpoint.h"
#include "budget/policy.h"
#include "budget/scope_hash.h"
#include "budget/spend.h"
#include "store/journal_damage.h"
#include "store/journal_position.h"
#include "store/lease_record.h"

namespace budget {

// Makes sums again from the ledger. One at a time; everything given here outlives it.
class Restore {
 public:
  Restore(Accounts& accounts, const Policy& policy, const ScopeHash& hash,
          std::filesystem::path data_directory, base::WallTime now);

  // Takes the accounts of budgets that still hold, and expects only rows behind it for these.
  void Take(const Checkpoint& checkpoint);
  // What is known of these needs no rows.
  void Skip(const std::set<std::uint64_t>& rules) { known_.insert(rules.begin(), rules.end()); }

  // Reads the rows that are still to be counted, those from `from` on at least, and takes out of `left` the
  // leases whose requests have one. Errors: kIo.
  base::Result<> Read(store::JournalPosition from, std::vector<store::LeftLease>& left,
                      const store::OnDamage& damage);

  std::uint64_t refused() const { return refused_; }  // spends for which there were too many accounts

 private:
  base::Result<store::JournalPosition> Needed(store::JournalPosition from) const;
  void Count(const Spend& spend, store::JournalPosition at);

  Accounts& accounts_;
  const Policy& policy_;
  const ScopeHash& hash_;
  const std::filesystem::path data_directory_;
  const base::WallTime now_;
  std::set<std::uint64_t> known_;  // budgets that need only rows from known_until_ on
  std::optional<store::JournalPosition> known_until_;
  std::uint64_t refused_ = 0;
};

}  // namespace budget
