#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "store/bill_maker_internal.h"
#include "store/index_internal.h"
#include "store/journal_reader.h"
#include "store/ledger.h"
#include "store/removed_mark_internal.h"
#include "store/row_hash.h"

// `sluice ledger verify`.

namespace store {

using std::chrono::ceil;
using std::chrono::hours;

// One state of the index, to hold the journal against.
struct IndexForCheck {
  JournalPosition next;
  std::set<JournalPosition> twins;
  LedgerQuery period;  // behind what was removed for its age, of which only sums are left
  std::vector<BillRow> total;
};

namespace {

JournalDamage Missing(std::uint64_t first, std::uint64_t count) {
  return {.at = {first, 0},
          .why = count == 1 ? "the segment is missing"
                            : "the " + std::to_string(count) + " segments from this one on are missing"};
}

// Every row before `next`, those apart that count for nothing.
base::Result<> ForEachCounted(const std::filesystem::path& data_directory, const IndexForCheck& index,
                              const OnDamage& damage, const std::function<void(const JournalRecord&)>& use) {
  JournalReader reader(data_directory);
  for (;;) {
    const auto record = reader.Next(damage);
    if (!record) return base::Fail(record.error());
    if (*record == nullptr || (*record)->at >= index.next) return {};
    if ((*record)->row != nullptr && !index.twins.contains((*record)->at)) use(**record);
  }
}

// Those that stand in it more than once, in their order.
std::vector<std::uint64_t> Repeated(std::vector<std::uint64_t> hashes) {
  std::sort(hashes.begin(), hashes.end());
  std::vector<std::uint64_t> repeated;
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    if (hashes[i] == hashes[i - 1]) repeated.push_back(hashes[i]);
  }
  return repeated;
}

}  // namespace

base::Result<LedgerCheck> Ledger::VerifyNow() {
  LedgerCheck check;
  if (auto checked = CheckSegments(check); !checked) return base::Fail(checked.error());
  if (const auto caught_up = CatchUp(); !caught_up) return base::Fail(caught_up.error());
  if (auto begun = index_->Begin(false); !begun) return base::Fail(begun.error());
  IndexForCheck index;
  const auto looked = LookForCheck(index);
  const auto done = index_->Commit();
  if (!looked) return base::Fail(looked.error());
  if (!done) return base::Fail(done.error());
  if (auto checked = CheckRows(index, check); !checked) return base::Fail(checked.error());
  return check;
}

// What is missing at either end: before the first segment what was not removed for its age, behind the last
// one what the index has rows of. (Before the index catches up: it would forget them.)
base::Result<> Ledger::CheckSegments(LedgerCheck& check) {
  if (auto followed = FollowIndex(); !followed) return followed;
  const auto progress = index_->Progress();
  if (!progress) return base::Fail(progress.error());
  const auto files = ListSegments(data_directory_);
  if (!files) return base::Fail(files.error());
  const auto removed = MarkedRemoved(data_directory_);
  if (!removed) return base::Fail(removed.error());
  for (const SegmentFile& file : *files) {
    check.segments += file.has_records() ? 1 : 0;
    check.bytes += file.bytes;
  }
  if (!files->empty() && files->front().number > *removed + 1)
    check.damage.push_back(Missing(*removed + 1, files->front().number - *removed - 1));
  const std::uint64_t last = files->empty() ? *removed : files->back().number;
  if (progress->last.segment > last) check.damage.push_back(Missing(last + 1, progress->last.segment - last));
  return {};
}

base::Result<> Ledger::LookForCheck(IndexForCheck& index) {
  const auto view = View();
  if (!view) return base::Fail(view.error());
  index.next = view->progress.next;
  for (const SegmentRows& segment : view->segments) {
    const bool removed = view->files.empty() || segment.number < view->files.front().number;
    const base::WallTime behind = ceil<hours>(segment.last) + hours(1);
    if (removed) index.period.from = std::max(index.period.from.value_or(behind), behind);
    const auto offsets = index_->Twins(segment.number);
    if (!offsets) return base::Fail(offsets.error());
    for (const std::uint64_t offset : *offsets) index.twins.insert({segment.number, offset});
  }
  BillMaker maker(index.period);
  std::set<std::int64_t> none;
  if (auto added = AddSums(index.period, maker, none); !added) return added;
  index.total = maker.Finish().total;
  return {};
}

base::Result<> Ledger::CheckRows(const IndexForCheck& index, LedgerCheck& check) {
  BillMaker maker(index.period);
  std::vector<std::uint64_t> hashes;
  const auto read = ForEachCounted(
      data_directory_, index, [&](const JournalDamage& damage) { check.damage.push_back(damage); },
      [&](const JournalRecord& record) {
        ++check.rows;
        hashes.push_back(RowHash(record.row->request_id));
        if (InPeriod(index.period, record.row->started)) maker.Add(*record.row);
      });
  if (!read) return read;
  check.index_agrees = index.total == maker.Finish().total;
  return CheckTwins(index, std::move(hashes), check);
}

base::Result<> Ledger::CheckTwins(const IndexForCheck& index, std::vector<std::uint64_t> hashes,
                                  LedgerCheck& check) {
  const std::vector<std::uint64_t> repeated = Repeated(std::move(hashes));
  if (repeated.empty()) return {};
  std::set<std::string, std::less<>> seen;
  return ForEachCounted(data_directory_, index, {}, [&](const JournalRecord& record) {
    const std::string_view id = record.row->request_id;
    if (!std::binary_search(repeated.begin(), repeated.end(), RowHash(id))) return;
    if (seen.emplace(id).second) return;
    ++check.twins_counted;
    if (check.twins.size() < kTwinsNamedMax) check.twins.push_back({std::string(id), record.at});
  });
}

}  // namespace store
