#include <algorithm>
#include <unordered_set>
#include <utility>

#include "budget/restore_internal.h"
#include "budget/row_spends.h"
#include "budget/spend_demands.h"
#include "store/journal_reader.h"
#include "store/segment_reader.h"

namespace budget {
namespace {

using base::WallTime;
using store::JournalPosition;

// How long a session may have lasted that still counts after a start without a checkpoint.
constexpr std::chrono::nanoseconds kSessionMost = std::chrono::hours(24 * 7);

// By how much the times of rows may differ from the order in which they were written.
constexpr std::chrono::nanoseconds kClocksDiffer = std::chrono::minutes(5);

// The first instant that still counts in a window now.
WallTime CountsFrom(const Window& window, WallTime now) {
  switch (window.kind()) {
    case Window::Kind::kCalendar:
      return window.At(now).start;
    case Window::Kind::kRolling:
      return window.At(now - window.length()).start;
    case Window::Kind::kIdle:
      return now - window.length() - kSessionMost;
  }
  return now;
}

// The beginning of the last segment whose first row was written by then: what was sent at that time or later
// has its row in it or behind it. (When a segment was made does not tell: it is made ahead.)
base::Result<JournalPosition> SegmentAt(const std::filesystem::path& data_directory, WallTime then) {
  const auto files = store::ListSegments(data_directory);
  if (!files) return base::Fail(files.error());
  JournalPosition position;
  for (const store::SegmentFile& file : *files) {
    const auto reader = store::SegmentReader::Open(file);
    if (!reader && reader.error().code == base::Code::kNotFound) continue;
    if (!reader) return base::Fail(reader.error());
    base::Result<const store::JournalRecord*> record = (*reader)->Next();
    while (record && *record != nullptr && (*record)->row == nullptr) record = (*reader)->Next();
    if (!record) return base::Fail(record.error());
    if (*record == nullptr) continue;
    if ((*record)->row->completed > then - kClocksDiffer) break;
    position = {.segment = file.number, .offset = 0};
  }
  return position;
}

}  // namespace

Restore::Restore(Accounts& accounts, const Policy& policy, const ScopeHash& hash,
                 std::filesystem::path data_directory, WallTime now)
    : accounts_(accounts),
      policy_(policy),
      hash_(hash),
      data_directory_(std::move(data_directory)),
      now_(now) {}

void Restore::Take(const Checkpoint& checkpoint) {
  known_until_ = checkpoint.header.position;
  known_.insert(checkpoint.header.rules.begin(), checkpoint.header.rules.end());
  for (const SavedAccount& saved : checkpoint.accounts) {
    const BudgetRule* const rule = policy_.FindBudget(saved.rule);
    if (rule == nullptr || !known_.contains(saved.rule)) continue;
    const AccountKey key{.rule = saved.rule, .value = hash_(saved.value)};
    if (!accounts_.Restore(saved, key, rule->terms, now_)) ++refused_;
  }
}

// Where reading must begin.
base::Result<JournalPosition> Restore::Needed(JournalPosition from) const {
  std::optional<WallTime> then;
  for (const BudgetRule& rule : policy_.budgets()) {
    if (known_.contains(rule.terms.id)) {
      if (known_until_) from = std::min(from, *known_until_);
      continue;
    }
    const WallTime counts = CountsFrom(rule.terms.window, now_);
    then = std::min(then.value_or(counts), counts);
  }
  if (!then) return from;
  const auto segment = SegmentAt(data_directory_, *then);
  if (!segment) return segment;
  return std::min(from, *segment);
}

void Restore::Count(const Spend& spend, JournalPosition at) {
  std::vector<Demand> demands = DemandsOf(policy_, spend);
  std::erase_if(demands, [&](const Demand& demand) {
    return known_.contains(demand.key.rule) && (!known_until_ || at < *known_until_);
  });
  if (!accounts_.Apply(demands, spend.started, now_)) ++refused_;
}

base::Result<> Restore::Read(JournalPosition from, std::vector<store::LeftLease>& left,
                             const store::OnDamage& damage) {
  const auto needed = Needed(from);
  if (!needed) return base::Fail(needed.error());
  std::unordered_set<std::string> waited_for;
  for (const store::LeftLease& lease : left) waited_for.emplace(lease.record().request_id);
  std::unordered_set<std::string> found;
  store::JournalReader reader(data_directory_, *needed);
  RowSpends spends;
  for (;;) {
    const auto record = reader.Next(damage);
    if (!record) return base::Fail(record.error());
    if (*record == nullptr) break;
    if ((*record)->row == nullptr) continue;
    const store::LedgerRow& row = *(*record)->row;
    if (!waited_for.empty()) {
      std::string id(row.request_id);
      if (waited_for.contains(id)) found.insert(std::move(id));
    }
    spends.ForEach(row, [&](const Spend& spend) { Count(spend, (*record)->at); });
  }
  std::erase_if(left, [&](const store::LeftLease& lease) {
    return found.contains(std::string(lease.record().request_id));
  });
  return {};
}

}  // namespace budget
