#include "store/live_ledger.h"

#include <string>
#include <utility>

#include "base/check.h"

namespace store {

base::Result<std::unique_ptr<LiveLedger>> LiveLedger::Start(Journal& journal, LiveLedgerOptions options) {
  CHECK(options.wait);
  auto feeding = Ledger::Open(journal.data_directory(), {.note = options.note});
  if (!feeding) return base::Fail(feeding.error());
  auto looking = Ledger::Open(journal.data_directory(), {.note = options.note});
  if (!looking) return base::Fail(looking.error());
  const auto indexed = (*feeding)->Indexed();
  if (!indexed) return base::Fail(indexed.error());
  return std::unique_ptr<LiveLedger>(
      new LiveLedger(journal, std::move(options), std::move(*feeding), std::move(*looking), *indexed));
}

LiveLedger::LiveLedger(Journal& journal, LiveLedgerOptions options, std::unique_ptr<Ledger> feeding,
                       std::unique_ptr<Ledger> looking, JournalPosition indexed)
    : journal_(journal),
      options_(std::move(options)),
      feeding_(std::move(feeding)),
      looking_(std::move(looking)),
      indexed_(indexed),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

LiveLedger::~LiveLedger() = default;

base::Result<bool> LiveLedger::Find(std::string_view request_id, const UseRow& use) {
  const JournalPosition indexed = indexed_.With([](const JournalPosition& position) { return position; });
  if (const auto recent = journal_.FindRecent(request_id, indexed)) {
    auto found = Ledger::ReadAt(journal_.data_directory(), *recent, request_id, use);
    if (!found || *found) return found;
  }
  return looking_.With([&](const std::unique_ptr<Ledger>& ledger) { return ledger->Find(request_id, use); });
}

void LiveLedger::Run(const std::stop_token& stop) {
  while (options_.wait(stop)) {
    const auto taken = TakeAll(stop);
    if (!taken && !failing_ && options_.note) options_.note("ledger_index_failed", taken.error().detail);
    failing_ = !taken;
  }
}

base::Result<> LiveLedger::TakeAll(const std::stop_token& stop) {
  std::uint64_t taken = Ledger::kBatchRows;
  while (taken == Ledger::kBatchRows && !stop.stop_requested()) {
    const auto batch = feeding_->CatchUp(
        [this](const JournalDamage& damage) {
          if (options_.note) options_.note("ledger_damaged", "the ledger is damaged: " + Print(damage));
        },
        1);
    if (!batch) return base::Fail(batch.error());
    taken = *batch;
    const auto indexed = feeding_->Indexed();
    if (!indexed) return base::Fail(indexed.error());
    indexed_.With([&](JournalPosition& position) { position = *indexed; });
    journal_.SetIndexed(*indexed);
  }
  return {};
}

}  // namespace store
