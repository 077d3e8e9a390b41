#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "store/crc32c.h"
#include "store/data_directory_internal.h"
#include "store/lease_record.h"
#include "store/lease_segment_internal.h"
#include "store/little_endian.h"
#include "store/replaced_file.h"

namespace store {
namespace {

using base::Code;
namespace fs = std::filesystem;

constexpr std::string_view kMagic = "SLUICEL\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kSumAt = kLeaseHeaderBytes - 4;
constexpr std::string_view kSuffix = ".leases";

void EncodeHeader(const LeaseSegmentIdentity& identity, char* out) {
  std::memset(out, 0, kLeaseHeaderBytes);
  kMagic.copy(out, kMagic.size());
  Put(out + 8, kVersion);
  Put(out + 12, static_cast<std::uint32_t>(kLeaseHeaderBytes));
  Put(out + 16, identity.number);
  Put(out + 24, identity.salt);
  Put(out + 32, static_cast<std::int64_t>(identity.made.time_since_epoch().count()));
  Put(out + 40, identity.journal.segment);
  Put(out + 48, identity.journal.offset);
  Put(out + kSumAt, Crc32c({out, kSumAt}));
}

std::optional<LeaseSegmentIdentity> DecodeHeader(std::string_view bytes) {
  if (bytes.size() < kLeaseHeaderBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const char* const at = bytes.data();
  if (Get<std::uint32_t>(at + kSumAt) != Crc32c(bytes.substr(0, kSumAt))) return std::nullopt;
  if (Get<std::uint32_t>(at + 8) != kVersion) return std::nullopt;
  return LeaseSegmentIdentity{
      .number = Get<std::uint64_t>(at + 16),
      .salt = Get<std::uint64_t>(at + 24),
      .made = base::WallTime(std::chrono::nanoseconds(Get<std::int64_t>(at + 32))),
      .journal = {.segment = Get<std::uint64_t>(at + 40), .offset = Get<std::uint64_t>(at + 48)}};
}

LeaseSegmentRecord Own(const RecordView& record) {
  return {.kind = static_cast<RecordKind>(record.kind),
          .ordinal = record.ordinal,
          .payload = std::string(record.payload)};
}

void ReadRecords(std::string_view bytes, ReadLeaseSegment& segment) {
  std::uint64_t skipped = 0;
  for (std::size_t at = kLeaseHeaderBytes; at < bytes.size();) {
    RecordView record{};
    if (ReadRecord(bytes.substr(at), segment.identity.salt, record) != RecordState::kGood) {
      at += kRecordAlignment;
      skipped += kRecordAlignment;
      continue;
    }
    segment.damaged_bytes += std::exchange(skipped, 0);
    segment.records.push_back(Own(record));
    at += record.bytes;
  }
}

}  // namespace

fs::path LeaseDirectory(const fs::path& data_directory) {
  return data_directory / "leases";
}

base::Result<std::unique_ptr<LeaseSegment>> LeaseSegment::Make(const fs::path& data_directory,
                                                               const LeaseSegmentIdentity& identity,
                                                               std::uint64_t bytes, Disk& disk) {
  const std::string digits = std::to_string(identity.number);
  const fs::path path =
      LeaseDirectory(data_directory) /
      (std::string(digits.size() < 10 ? 10 - digits.size() : 0, '0') + digits + std::string(kSuffix));
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return base::Fail(Code::kIo, "cannot make " + path.string() + ": " + Reason(errno));
  std::unique_ptr<LeaseSegment> made(new LeaseSegment(path, descriptor, identity, disk));
  char header[kLeaseHeaderBytes];
  EncodeHeader(identity, header);
  int error = disk.Reserve(descriptor, bytes);
  if (error == 0) error = disk.Write(descriptor, {header, sizeof header}, 0);
  if (error != 0) {
    unlink(path.c_str());
    return base::Fail(Code::kIo, "cannot make " + path.string() + " of " + std::to_string(bytes) +
                                     " bytes: " + Reason(error));
  }
  return made;
}

LeaseSegment::~LeaseSegment() {
  close(descriptor_);
}

int LeaseSegment::Append(char* records, std::span<const std::size_t> payloads, RecordKind kind) {
  std::size_t bytes = 0;
  std::uint32_t ordinal = ordinal_;
  for (const std::size_t payload : payloads) {
    bytes += FrameRecord(records + bytes, payload, kind, ++ordinal, identity_.salt);
  }
  if (const int error = disk_.Write(descriptor_, {records, bytes}, end_); error != 0) {
    // The first of them may have arrived whole: nobody is to find those.
    (void)!ftruncate(descriptor_, static_cast<off_t>(end_));
    return error;
  }
  end_ += bytes;
  ordinal_ = ordinal;
  return 0;
}

base::Result<LeaseSegmentRecord> LeaseSegment::ReadAt(std::uint64_t offset) const {
  std::string bytes(RecordBytes(kLeaseBytesMax), '\0');
  const ssize_t got = pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  RecordView record{};
  if (got <= 0 || ReadRecord({bytes.data(), static_cast<std::size_t>(got)}, identity_.salt, record) !=
                      RecordState::kGood) {
    return base::Fail(Code::kIo,
                      "cannot read the lease at " + std::to_string(offset) + " of " + path_.string());
  }
  return Own(record);
}

base::Result<std::vector<ReadLeaseSegment>> ReadLeaseSegments(const fs::path& data_directory) {
  std::vector<ReadLeaseSegment> segments;
  std::error_code failed;
  for (fs::directory_iterator file(LeaseDirectory(data_directory), failed), end; !failed && file != end;
       file.increment(failed)) {
    if (file->path().extension() != kSuffix) continue;
    const auto read = ReadFileIfThere(file->path());
    if (!read) return base::Fail(read.error());
    const std::string bytes = read->value_or("");
    const auto identity = DecodeHeader(bytes);
    if (!identity) {
      if (bytes.size() > kLeaseHeaderBytes) {
        return base::Fail(Code::kIo,
                          file->path().string() +
                              " is damaged, or of a later Sluice: what was promised to calls in it "
                              "cannot be read; move it away to start without");
      }
      fs::remove(file->path(), failed);
      continue;
    }
    ReadLeaseSegment segment{.identity = *identity, .path = file->path(), .damaged_bytes = 0, .records = {}};
    ReadRecords(bytes, segment);
    segments.push_back(std::move(segment));
  }
  if (failed) {
    return base::Fail(Code::kIo,
                      "cannot list " + LeaseDirectory(data_directory).string() + ": " + failed.message());
  }
  std::sort(segments.begin(), segments.end(), [](const ReadLeaseSegment& a, const ReadLeaseSegment& b) {
    return a.identity.number < b.identity.number;
  });
  return segments;
}

}  // namespace store
