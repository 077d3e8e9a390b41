#include "store/journal_reader.h"

#include <algorithm>
#include <utility>

namespace store {

base::Result<std::optional<base::WallTime>> KeptFrom(const std::filesystem::path& data_directory) {
  using From = std::optional<base::WallTime>;
  const auto files = ListSegments(data_directory);
  if (!files) return base::Fail(files.error());
  if (files->empty() || files->front().number == 1) return From();
  JournalReader reader(data_directory);
  for (;;) {
    const auto record = reader.Next();
    if (!record) return base::Fail(record.error());
    if (*record == nullptr) return From();
    if ((*record)->row != nullptr) return From((*record)->row->started);
  }
}

JournalReader::JournalReader(std::filesystem::path data_directory, JournalPosition from)
    : data_directory_(std::move(data_directory)), position_(from) {}
JournalReader::~JournalReader() = default;

base::Result<const JournalRecord*> JournalReader::Next(const OnDamage& damage) {
  for (;;) {
    if (auto record = NextHere(damage); !record || *record != nullptr) return record;
    const auto files = ListSegments(data_directory_);
    if (!files) return base::Fail(files.error());
    const auto later = std::find_if(files->begin(), files->end(), [this](const SegmentFile& file) {
      const std::uint64_t first = segment_ == nullptr ? position_.segment : segment_->number() + 1;
      return file.number >= first && file.has_records();
    });
    if (later == files->end()) return nullptr;
    // A later segment with a record tells that this one has had its last: what it still lacks is read first.
    if (auto record = NextHere(damage); !record || *record != nullptr) return record;
    if (segment_ != nullptr) TellMissing({files->begin(), later}, later->number, damage);
    if (auto gone_on = GoOn(*later, damage); !gone_on) return base::Fail(gone_on.error());
  }
}

base::Result<const JournalRecord*> JournalReader::NextHere(const OnDamage& damage) {
  if (segment_ == nullptr) return nullptr;
  auto record = segment_->Next(damage);
  if (record && *record != nullptr) position_ = {segment_->number(), segment_->offset()};
  return record;
}

// Between the segment that was read and the next one with records there may be empty ones, but no gaps.
void JournalReader::TellMissing(std::span<const SegmentFile> before, std::uint64_t next,
                                const OnDamage& damage) const {
  for (std::uint64_t number = segment_->number() + 1; number < next; ++number) {
    const bool there = std::any_of(before.begin(), before.end(),
                                   [number](const SegmentFile& file) { return file.number == number; });
    if (!there && damage) damage({.at = {number, 0}, .why = "the segment is missing"});
  }
}

base::Result<> JournalReader::GoOn(const SegmentFile& file, const OnDamage& damage) {
  auto opened = SegmentReader::Open(file, file.number == position_.segment ? position_.offset : 0);
  if (!opened && opened.error().code == base::Code::kNotFound) return {};  // removed since: look again
  if (!opened) return base::Fail(opened.error());
  if (segment_ != nullptr) {
    const auto rest = segment_->Rest();
    if (!rest) return base::Fail(rest.error());
    if (*rest && damage) damage(**rest);
  }
  segment_ = std::move(*opened);
  position_ = {segment_->number(), segment_->offset()};
  return {};
}

}  // namespace store
