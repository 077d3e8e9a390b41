#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "store/data_directory_internal.h"
#include "store/written_segment_internal.h"

namespace store {
namespace {

using base::Code;

std::uint64_t RandomSalt() {
  std::uint64_t salt = 0;
  const std::string bytes = base::SecureRandomBytes(sizeof salt);
  CHECK(bytes.size() == sizeof salt);
  std::memcpy(&salt, bytes.data(), sizeof salt);
  return salt;
}

}  // namespace

base::Result<std::unique_ptr<WrittenSegment>> WrittenSegment::Make(
    const std::filesystem::path& data_directory, std::uint64_t number, std::uint64_t bytes,
    base::WallTime now, Disk& disk) {
  const SegmentIdentity identity{.number = number, .salt = RandomSalt(), .made = now};
  const std::filesystem::path path = JournalDirectory(data_directory) / SegmentName(identity);
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) {
    return base::Fail(Code::kIo, "cannot make " + path.string() + ": " + Reason(errno));
  }
  std::unique_ptr<WrittenSegment> made(new WrittenSegment(path, descriptor, identity, disk));
  char header[kSegmentHeaderBytes];
  EncodeSegmentHeader(identity, header);
  int error = disk.Reserve(descriptor, bytes);
  if (error == 0) error = disk.Write(descriptor, {header, sizeof header}, 0);
  if (error == 0) error = disk.Sync(descriptor);
  if (error == 0) error = SyncDirectory(path.parent_path(), disk);
  if (error != 0) {
    unlink(path.c_str());
    return base::Fail(Code::kIo, "cannot make " + path.string() + " of " + std::to_string(bytes) +
                                     " bytes: " + Reason(error));
  }
  made->reserved_ = bytes;
  return made;
}

base::Result<std::unique_ptr<WrittenSegment>> WrittenSegment::Reopen(const SegmentFile& file,
                                                                     std::uint64_t bytes, Disk& disk,
                                                                     const OnDamage& damage,
                                                                     std::uint64_t& cut) {
  auto reader = SegmentReader::Open(file);
  if (!reader) return base::Fail(reader.error());
  std::set<std::string, std::less<>> prices;
  base::WallTime newest = (*reader)->made();
  for (;;) {
    const auto record = (*reader)->Next(damage);
    if (!record) return base::Fail(record.error());
    if (*record == nullptr) break;
    if ((*record)->row == nullptr) {
      prices.emplace((*record)->price.version);
    } else {
      newest = (*record)->row->completed;
    }
  }
  const auto rest = (*reader)->Rest();
  if (!rest) return base::Fail(rest.error());
  if (*rest && (*rest)->bytes > kRecordBytesMax && !(*rest)->zeros) {
    if (damage) damage(**rest);
    return nullptr;
  }
  const int descriptor = open(file.path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) {
    return base::Fail(Code::kIo, "cannot open " + file.path.string() + ": " + Reason(errno));
  }
  const SegmentIdentity identity{.number = file.number, .salt = (*reader)->salt(), .made = (*reader)->made()};
  std::unique_ptr<WrittenSegment> opened(new WrittenSegment(file.path, descriptor, identity, disk));
  opened->end_ = (*reader)->offset();
  opened->ordinal_ = (*reader)->last_ordinal();
  opened->prices_ = std::move(prices);
  opened->newest_ = newest;
  cut = *rest ? (*rest)->bytes : 0;
  if (cut > 0 && ftruncate(descriptor, static_cast<off_t>(opened->end_)) != 0) {
    return base::Fail(Code::kIo, "cannot cut " + file.path.string() + ": " + Reason(errno));
  }
  opened->reserved_ = disk.Reserve(descriptor, bytes) == 0 ? bytes : opened->end_;
  return opened;
}

WrittenSegment::~WrittenSegment() {
  close(descriptor_);
}

std::size_t WrittenSegment::Frame(char* record, std::size_t payload, RecordKind kind) {
  return FrameRecord(record, payload, kind, ordinal_ + ++framed_, identity_.salt);
}

int WrittenSegment::WriteOut(std::string_view records) {
  const std::uint32_t framed = std::exchange(framed_, 0);
  if (const int error = disk_.Write(descriptor_, records, end_); error != 0) {
    GiveBackSpace();  // with what of it arrived
    reserved_ = end_;
    return error;
  }
  end_ += records.size();
  ordinal_ += framed;
  return 0;
}

void WrittenSegment::GiveBackSpace() const {
  // A cut to the size that it has frees what was taken beyond it.
  (void)!ftruncate(descriptor_, static_cast<off_t>(end_));
}

}  // namespace store
