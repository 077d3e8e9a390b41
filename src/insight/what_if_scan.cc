#include "insight/what_if_scan.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "base/guarded.h"
#include "insight/row_filter.h"
#include "store/journal_reader.h"
#include "store/ledger.h"
#include "store/segment_reader.h"

namespace insight {
namespace {

using store::JournalDamage;
using store::SegmentFile;

// Where a segment has rows that stand in the journal before, under the same id: they do not count.
using TwinsOfSegment = std::map<std::uint64_t, std::set<std::uint64_t>>;

constexpr std::uint64_t kProgressBytes = 8 * 1024 * 1024;

// What the threads of one scan share.
class Scan {
 public:
  Scan(std::vector<SegmentFile> files, TwinsOfSegment twins, const Supposition& supposition,
       const ScanOptions& options)
      : files_(std::move(files)), twins_(std::move(twins)), supposition_(supposition), options_(options) {
    for (const SegmentFile& file : files_) bytes_ += file.bytes;
  }

  // Takes segments until there are none left.
  void Work() {
    Repricer repricer(supposition_);
    std::uint64_t rows = 0;
    for (std::size_t at = next_++; at < files_.size() && !failed_; at = next_++) {
      if (auto read = ReadSegment(files_[at], at + 1 < files_.size(), repricer, rows); !read)
        Fail(read.error());
    }
    shared_.With([&](Shared& shared) {
      shared.result.what_if += repricer.result();
      shared.result.rows += rows;
    });
  }

  base::Result<ScanResult> Take() {
    return shared_.With([](Shared& shared) -> base::Result<ScanResult> {
      if (shared.error) return base::Fail(*std::move(shared.error));
      return std::move(shared.result);
    });
  }

 private:
  struct Shared {
    ScanResult result{};
    std::optional<base::Error> error{};
  };

  base::Result<> ReadSegment(const SegmentFile& file, bool finished, Repricer& repricer,
                             std::uint64_t& rows) {
    auto opened = store::SegmentReader::Open(file);
    if (!opened && opened.error().code == base::Code::kNotFound) return {};  // its time had come
    if (!opened) return base::Fail(opened.error());
    store::SegmentReader& reader = **opened;
    const auto tell = [this](const JournalDamage& damage) { Note(damage); };
    const auto twins = twins_.find(file.number);
    std::uint64_t told = 0;
    for (;;) {
      const auto record = reader.Next(tell);
      if (!record) return base::Fail(record.error());
      if (*record == nullptr) break;
      if ((*record)->row == nullptr) {
        repricer.Define((*record)->price);
        continue;
      }
      ++rows;
      const store::LedgerRow& row = *(*record)->row;
      const bool counts = twins == twins_.end() || !twins->second.contains((*record)->at.offset);
      if (counts && options_.period.Has(row.started) && Passes(row, options_.filters)) repricer.Take(row);
      if (reader.offset() - told < kProgressBytes) continue;
      Tell(reader.offset() - told);
      told = reader.offset();
      if (failed_) return {};
    }
    Tell(file.bytes - std::min(told, file.bytes));
    if (!finished) return {};
    const auto rest = reader.Rest();
    if (!rest) return base::Fail(rest.error());
    if (*rest) Note(**rest);
    return {};
  }

  void Tell(std::uint64_t more) {
    done_ += more;
    if (!options_.progress) return;
    shared_.With([&](Shared&) { options_.progress(std::min(done_.load(), bytes_), bytes_); });
  }
  void Note(const JournalDamage& damage) {
    shared_.With([&](Shared& shared) {
      ++shared.result.damages;
      if (shared.result.damage.size() < kDamageMax) shared.result.damage.push_back(damage);
    });
  }
  void Fail(const base::Error& error) {
    failed_ = true;
    shared_.With([&](Shared& shared) {
      if (!shared.error) shared.error = error;
    });
  }

  const std::vector<SegmentFile> files_;
  const TwinsOfSegment twins_;
  const Supposition& supposition_;
  const ScanOptions& options_;
  std::uint64_t bytes_ = 0;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> failed_{false};
  base::Guarded<Shared> shared_;
};

base::Result<TwinsOfSegment> FindTwins(const std::filesystem::path& data_directory,
                                       const ScanOptions& options) {
  const auto ledger = store::Ledger::Open(data_directory, {.note = options.note});
  if (!ledger) return base::Fail(ledger.error());
  const auto parts = (*ledger)->Parts({});
  if (!parts) return base::Fail(parts.error());
  TwinsOfSegment twins;
  for (const store::LedgerPart& part : *parts) {
    if (!part.twins.empty()) twins[part.file.number] = {part.twins.begin(), part.twins.end()};
  }
  return twins;
}

}  // namespace

base::Result<ScanResult> ScanWhatIf(const std::filesystem::path& data_directory,
                                    const Supposition& supposition, const ScanOptions& options) {
  auto files = store::ListSegments(data_directory);
  if (!files) return base::Fail(files.error());
  const std::size_t workers = std::min<std::size_t>(std::max(1U, options.threads), files->size());
  auto twins = FindTwins(data_directory, options);
  if (!twins) return base::Fail(twins.error());
  const auto kept = store::KeptFrom(data_directory);
  if (!kept) return base::Fail(kept.error());
  Scan scan(std::move(*files), std::move(*twins), supposition, options);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers; ++i) threads.emplace_back([&scan] { scan.Work(); });
    scan.Work();
  }
  auto result = scan.Take();
  if (result && *kept && (!options.period.from || *options.period.from < **kept))
    result->missing_before = *kept;
  return result;
}

}  // namespace insight
