#include "store/segment_reader.h"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "store/data_directory_internal.h"
#include "store/row_codec.h"
#include "store/segment_internal.h"

namespace store {
namespace {

using base::Code;

constexpr std::size_t kReadBytes = 512 * 1024;      // at once
constexpr std::size_t kFirstReadBytes = 16 * 1024;  // where perhaps one row is wanted
constexpr std::size_t kBufferBytes = kReadBytes + kRecordBytesMax;

}  // namespace

bool SegmentFile::has_records() const {
  return bytes > kSegmentHeaderBytes;
}

std::string Print(const JournalDamage& damage) {
  std::string text = "segment " + std::to_string(damage.at.segment);
  if (damage.at.offset > 0 || damage.bytes > 0) text += ", byte " + std::to_string(damage.at.offset);
  text += ": " + damage.why;
  if (damage.bytes > 0) text += ", " + std::to_string(damage.bytes) + " bytes";
  if (damage.records > 0) text += ", records lost: " + std::to_string(damage.records);
  return text;
}

std::filesystem::path JournalDirectory(const std::filesystem::path& data_directory) {
  return data_directory / "ledger";
}

base::Result<std::vector<SegmentFile>> ListSegments(const std::filesystem::path& data_directory) {
  const std::filesystem::path directory = JournalDirectory(data_directory);
  std::vector<SegmentFile> files;
  std::error_code failed;
  std::filesystem::directory_iterator entry(directory, failed);
  if (failed == std::errc::no_such_file_or_directory) return files;
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const auto identity = ParseSegmentName(entry->path().filename().native());
    if (!identity) continue;
    std::error_code gone;  // removed since it was listed
    const std::uint64_t bytes = entry->file_size(gone);
    if (!gone) files.push_back({.number = identity->number, .path = entry->path(), .bytes = bytes});
  }
  if (failed) return base::Fail(Code::kIo, "cannot list " + directory.string() + ": " + failed.message());
  std::sort(files.begin(), files.end(),
            [](const SegmentFile& a, const SegmentFile& b) { return a.number < b.number; });
  return files;
}

class SegmentReader::File {
 public:
  File(int descriptor, std::string path, SegmentIdentity identity)
      : identity_(identity), path_(std::move(path)), descriptor_(descriptor) {}
  ~File() { close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  base::Result<> Begin(std::uint64_t offset);
  base::Result<const JournalRecord*> Next(const OnDamage& damage);
  base::Result<std::optional<JournalDamage>> Rest();

  const SegmentIdentity& identity() const { return identity_; }
  std::uint64_t offset() const { return at_; }
  std::uint32_t ordinal() const { return ordinal_; }

 private:
  std::size_t Ahead() const { return at_ < buffered_until_ ? buffered_until_ - at_ : 0; }
  std::string_view View() const {
    return Ahead() == 0 ? std::string_view()
                        : std::string_view(buffer_.get() + (at_ - buffered_from_), Ahead());
  }
  void Forget() { buffered_from_ = buffered_until_ = at_; }
  base::Result<> Fill();
  base::Result<RecordState> Look(RecordView& record);
  base::Result<bool> SkipToGood(std::uint64_t& found, RecordView& record);
  bool Take(const RecordView& record, const OnDamage& damage);
  void Tell(const OnDamage& damage, std::uint64_t bytes, std::uint64_t records, std::string why) const;

  SegmentIdentity identity_;
  const std::string path_;
  const int descriptor_;
  const std::unique_ptr<char[]> buffer_{new char[kBufferBytes]};
  std::size_t read_next_ = kFirstReadBytes;
  std::uint64_t buffered_from_ = 0;   // of the file
  std::uint64_t buffered_until_ = 0;  // not beyond its end
  std::uint64_t at_ = 0;              // the next record
  std::uint32_t ordinal_ = 0;         // of the last one
  bool header_damaged_ = false;
  DecodedRow row_;
  JournalRecord record_;
};

// Reads on behind what is buffered, keeping what lies ahead.
base::Result<> SegmentReader::File::Fill() {
  const std::size_t ahead = Ahead();
  const std::size_t more = std::exchange(read_next_, std::min(2 * read_next_, kReadBytes));
  if (ahead > 0) std::memmove(buffer_.get(), buffer_.get() + (at_ - buffered_from_), ahead);
  buffered_from_ = at_;
  buffered_until_ = at_ + ahead;
  for (;;) {
    const ssize_t count = pread(descriptor_, buffer_.get() + ahead, std::min(more, kBufferBytes - ahead),
                                static_cast<off_t>(buffered_until_));
    if (count >= 0) {
      buffered_until_ += static_cast<std::uint64_t>(count);
      return {};
    }
    if (errno != EINTR) return base::Fail(Code::kIo, "cannot read " + path_ + ": " + Reason(errno));
  }
}

base::Result<> SegmentReader::File::Begin(std::uint64_t offset) {
  if (auto filled = Fill(); !filled) return filled;
  const SegmentIdentity named = identity_;
  if (Ahead() >= kSegmentHeaderBytes) {
    SegmentIdentity read;
    switch (DecodeSegmentHeader(
        std::span<const char, kSegmentHeaderBytes>(buffer_.get(), kSegmentHeaderBytes), read)) {
      case HeaderState::kGood:
        identity_ = read;
        break;
      case HeaderState::kOtherVersion:
        return base::Fail(Code::kIo, path_ + " was written by a newer Sluice: read it with that one");
      case HeaderState::kDamaged:
        header_damaged_ = offset == 0;
        break;
    }
  }
  if (identity_.number != named.number) identity_ = named;  // a copy under another name
  at_ = std::max<std::uint64_t>(offset, kSegmentHeaderBytes);
  return {};
}

// What the next bytes are; kShort: the file ends before the record does.
base::Result<RecordState> SegmentReader::File::Look(RecordView& record) {
  for (;;) {
    RecordState state = ReadRecord(View(), identity_.salt, record);
    if (state != RecordState::kShort) return state;
    const std::size_t before = Ahead();
    if (auto filled = Fill(); !filled) return base::Fail(filled.error());
    if (Ahead() == before) return RecordState::kShort;
  }
}

// Looks behind what is no good record for one that is. `at_` stays where it was.
base::Result<bool> SegmentReader::File::SkipToGood(std::uint64_t& found, RecordView& record) {
  const std::uint64_t bad = at_;
  bool good = false;
  base::Result<> read;
  for (at_ += kRecordAlignment;; at_ += kRecordAlignment) {
    if (Ahead() < kRecordHeaderBytes) {
      read = Fill();
      if (!read || Ahead() < kRecordHeaderBytes) break;
    }
    const auto state = Look(record);
    if (!state) read = base::Fail(state.error());
    good = state && *state == RecordState::kGood;
    if (good || !state) break;
  }
  found = at_;
  at_ = bad;
  Forget();
  if (!read) return base::Fail(read.error());
  return good;
}

void SegmentReader::File::Tell(const OnDamage& damage, std::uint64_t bytes, std::uint64_t records,
                               std::string why) const {
  if (!damage) return;
  damage({.at = {identity_.number, at_}, .bytes = bytes, .records = records, .why = std::move(why)});
}

// Makes it the record that is given next; false: it is none that this Sluice reads.
bool SegmentReader::File::Take(const RecordView& record, const OnDamage& damage) {
  if (ordinal_ != 0 && record.ordinal != ordinal_ + 1) {
    Tell(damage, 0, record.ordinal - ordinal_ - 1, "records are missing before this place");
  }
  ordinal_ = record.ordinal;
  record_ = {.at = {identity_.number, at_}};
  bool known = true;
  if (record.kind == static_cast<std::uint32_t>(RecordKind::kRow)) {
    const auto decoded = row_.Decode(record.payload);
    if (!decoded) Tell(damage, record.bytes, 1, decoded.error().detail);
    known = decoded.has_value();
    record_.row = &row_.row();
    record_.bytes = record.payload;
  } else if (record.kind == static_cast<std::uint32_t>(RecordKind::kPrice)) {
    const auto price = DecodePrice(record.payload);
    if (!price) Tell(damage, record.bytes, 1, "a price that cannot be read");
    known = price.has_value();
    if (known) record_.price = *price;
  } else {
    known = false;
  }
  at_ += record.bytes;
  return known;
}

base::Result<const JournalRecord*> SegmentReader::File::Next(const OnDamage& damage) {
  if (std::exchange(header_damaged_, false) && damage) {
    damage({.at = {identity_.number, 0}, .bytes = kSegmentHeaderBytes, .why = "the header is damaged"});
  }
  for (;;) {
    RecordView record;
    auto state = Look(record);
    if (!state) return base::Fail(state.error());
    if (*state != RecordState::kGood) {
      std::uint64_t found = 0;
      const auto skipped = SkipToGood(found, record);
      if (!skipped) return base::Fail(skipped.error());
      if (!*skipped) return nullptr;
      const std::uint32_t next = record.ordinal;
      // It may have been in the middle of being written: what follows it now says that it is whole.
      state = Look(record);
      if (!state) return base::Fail(state.error());
      if (*state != RecordState::kGood) {
        const bool told = ordinal_ != 0 && next > ordinal_;
        Tell(damage, found - at_, told ? next - ordinal_ - 1 : 0, "no record can be read here");
        if (told) ordinal_ = next - 1;
        at_ = found;
        Forget();
        continue;
      }
    }
    if (Take(record, damage)) return &record_;
  }
}

base::Result<std::optional<JournalDamage>> SegmentReader::File::Rest() {
  Forget();
  std::uint64_t bytes = 0;
  bool zeros = true;
  for (std::uint64_t from = at_;; from = buffered_until_) {
    const std::uint64_t kept = std::exchange(at_, from);
    Forget();
    const auto filled = Fill();
    const std::string_view read = View();
    zeros = zeros && read.find_first_not_of('\0') == std::string_view::npos;
    bytes += read.size();
    at_ = kept;
    if (!filled) return base::Fail(filled.error());
    if (read.empty()) break;
  }
  Forget();
  if (bytes == 0) return std::nullopt;
  return JournalDamage{.at = {identity_.number, at_},
                       .bytes = bytes,
                       .records = 0,
                       .zeros = zeros,
                       .why = zeros ? "zeros at the end" : "no record can be read up to the end"};
}

SegmentReader::SegmentReader(std::unique_ptr<File> file) : file_(std::move(file)) {}
SegmentReader::~SegmentReader() = default;

base::Result<std::unique_ptr<SegmentReader>> SegmentReader::Open(const SegmentFile& file,
                                                                 std::uint64_t offset) {
  const auto identity = ParseSegmentName(file.path.filename().native());
  if (!identity) return base::Fail(Code::kIo, file.path.string() + " is not named as a segment is");
  const int descriptor = open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) {
    return base::Fail(errno == ENOENT ? Code::kNotFound : Code::kIo,
                      "cannot open " + file.path.string() + ": " + Reason(errno));
  }
  auto opened = std::make_unique<File>(descriptor, file.path.string(), *identity);
  if (auto begun = opened->Begin(offset); !begun) return base::Fail(begun.error());
  return std::unique_ptr<SegmentReader>(new SegmentReader(std::move(opened)));
}

base::Result<const JournalRecord*> SegmentReader::Next(const OnDamage& damage) {
  return file_->Next(damage);
}
base::Result<std::optional<JournalDamage>> SegmentReader::Rest() {
  return file_->Rest();
}
std::uint64_t SegmentReader::number() const {
  return file_->identity().number;
}
std::uint64_t SegmentReader::offset() const {
  return file_->offset();
}
std::uint32_t SegmentReader::last_ordinal() const {
  return file_->ordinal();
}
base::WallTime SegmentReader::made() const {
  return file_->identity().made;
}
std::uint64_t SegmentReader::salt() const {
  return file_->identity().salt;
}

}  // namespace store
