#include "budget/checkpoint.h"

#include <utility>

#include "store/crc32c.h"
#include "store/little_endian.h"

namespace budget {
namespace {

using base::Code;
using base::WallTime;
using store::Append;

constexpr std::string_view kMagic = "SLUICEB\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFlushBytes = 256 * 1024;
constexpr std::uint8_t kAccount = 1;
constexpr std::uint8_t kEnd = 0;
constexpr std::size_t kValueBytesMax = 65'535;

void AppendTime(std::string& out, WallTime time) {
  Append(out, static_cast<std::int64_t>(time.time_since_epoch().count()));
}

// Reads on behind the end, where it finds zeros, and remembers that.
class Reading {
 public:
  explicit Reading(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T Get() {
    const std::string_view bytes = Bytes(sizeof(T));
    return bytes.empty() ? T{} : store::Get<T>(bytes.data());
  }
  WallTime Time() { return WallTime(std::chrono::nanoseconds(Get<std::int64_t>())); }
  std::string_view Bytes(std::size_t count) {
    if (count > rest_.size()) {
      broken_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  bool broken() const { return broken_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool broken_ = false;
};

void AppendAccount(std::string& out, const SavedAccount& account) {
  Append(out, kAccount);
  Append(out, account.rule);
  const std::string_view value = std::string_view(account.value).substr(0, kValueBytesMax);
  Append(out, static_cast<std::uint16_t>(value.size()));
  out += value;
  AppendTime(out, account.start);
  AppendTime(out, account.end);
  Append(out, account.settled);
  Append(out, account.carried);
  Append(out, account.raise);
  AppendTime(out, account.raise_until);
  Append(out, static_cast<std::uint16_t>(account.slots.size()));
  for (const SavedSlot& slot : account.slots) {
    AppendTime(out, slot.start);
    Append(out, slot.settled);
  }
}

SavedAccount GetAccount(Reading& in) {
  SavedAccount account;
  account.rule = in.Get<std::uint64_t>();
  account.value = in.Bytes(in.Get<std::uint16_t>());
  account.start = in.Time();
  account.end = in.Time();
  account.settled = in.Get<base::Int128>();
  account.carried = in.Get<base::Int128>();
  account.raise = in.Get<base::Int128>();
  account.raise_until = in.Time();
  for (std::size_t slots = in.Get<std::uint16_t>(); slots > 0 && !in.broken(); --slots) {
    const WallTime start = in.Time();
    account.slots.push_back({.settled = in.Get<base::Int128>(), .start = start});
  }
  return account;
}

std::optional<Checkpoint> Decode(std::string_view bytes) {
  constexpr std::size_t kSumBytes = sizeof(std::uint32_t);
  if (bytes.size() < kMagic.size() + kSumBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const std::string_view summed = bytes.substr(0, bytes.size() - kSumBytes);
  if (Reading(bytes.substr(summed.size())).Get<std::uint32_t>() != store::Crc32c(summed)) return std::nullopt;
  Reading in(summed.substr(kMagic.size()));
  if (in.Get<std::uint32_t>() != kVersion) return std::nullopt;
  Checkpoint checkpoint;
  CheckpointHeader& header = checkpoint.header;
  const auto rules = in.Get<std::uint32_t>();
  header.position.segment = in.Get<std::uint64_t>();
  header.position.offset = in.Get<std::uint64_t>();
  header.made = in.Time();
  for (std::uint32_t i = 0; i < rules && !in.broken(); ++i) header.rules.push_back(in.Get<std::uint64_t>());
  while (in.Get<std::uint8_t>() == kAccount) checkpoint.accounts.push_back(GetAccount(in));
  if (in.broken() || !in.at_end()) return std::nullopt;
  return checkpoint;
}

}  // namespace

base::Result<CheckpointWriter> CheckpointWriter::Begin(const std::filesystem::path& path,
                                                       const CheckpointHeader& header, store::Disk& disk) {
  auto file = store::ReplacedFile::Begin(path, disk);
  if (!file) return base::Fail(file.error());
  CheckpointWriter writer(std::move(*file));
  std::string& out = writer.buffer_;
  out = kMagic;
  Append(out, kVersion);
  Append(out, static_cast<std::uint32_t>(header.rules.size()));
  Append(out, header.position.segment);
  Append(out, header.position.offset);
  AppendTime(out, header.made);
  for (const std::uint64_t rule : header.rules) Append(out, rule);
  return writer;
}

void CheckpointWriter::Add(std::span<const SavedAccount> accounts) {
  for (const SavedAccount& account : accounts) AppendAccount(buffer_, account);
  if (buffer_.size() >= kFlushBytes) Flush();
}

void CheckpointWriter::Flush() {
  sum_ = store::Crc32c(buffer_, sum_);
  if (failed_) failed_ = file_.Append(buffer_);
  buffer_.clear();
}

base::Result<> CheckpointWriter::Commit() {
  Append(buffer_, kEnd);
  Flush();
  Append(buffer_, sum_);
  if (failed_) failed_ = file_.Append(buffer_);
  if (!failed_) return failed_;
  return file_.Commit();
}

base::Result<std::optional<Checkpoint>> ReadCheckpoint(const std::filesystem::path& path) {
  const auto bytes = store::ReadFileIfThere(path);
  if (!bytes) return base::Fail(bytes.error());
  if (!*bytes) return std::nullopt;
  auto checkpoint = Decode(**bytes);
  if (!checkpoint) {
    return base::Fail(Code::kInvalid, path.string() + " is damaged, or of a later Sluice");
  }
  return checkpoint;
}

}  // namespace budget
