#include <array>
#include <charconv>
#include <cstring>

#include "base/ascii.h"
#include "base/check.h"
#include "store/crc32c.h"
#include "store/little_endian.h"
#include "store/segment_internal.h"

namespace store {
namespace {

constexpr std::string_view kMagic = "SLUICEJ\n";
constexpr std::string_view kSuffix = ".journal";
constexpr std::size_t kNumberDigits = 10;
constexpr std::size_t kSaltDigits = 16;
constexpr std::size_t kSumAt = kSegmentHeaderBytes - 4;

std::uint32_t SumOf(const char* record, std::size_t payload, std::uint64_t salt) {
  char salted[sizeof salt];
  Put(salted, salt);
  return Crc32c({record + 4, kRecordHeaderBytes - 4 + payload}, Crc32c({salted, sizeof salted}));
}

// Three letters and a 1: what no zeros and hardly any text look like.
bool IsKind(std::uint32_t kind) {
  const auto letter = [kind](unsigned shift) {
    const auto c = static_cast<char>(kind >> shift & 0xff);
    return c >= 'A' && c <= 'Z';
  };
  return letter(0) && letter(8) && letter(16) && kind >> 24 == 1;
}

template <int kBase>
std::optional<std::uint64_t> WholeNumber(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, kBase);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string Padded(std::uint64_t value, int base, std::size_t digits) {
  char text[20];
  const char* const end = std::to_chars(text, text + sizeof text, value, base).ptr;
  const auto size = static_cast<std::size_t>(end - text);
  return std::string(size < digits ? digits - size : 0, '0').append(text, size);
}

}  // namespace

std::string SegmentName(const SegmentIdentity& identity) {
  return Padded(identity.number, 10, kNumberDigits) + "-" + Padded(identity.salt, 16, kSaltDigits) +
         std::string(kSuffix);
}

std::optional<SegmentIdentity> ParseSegmentName(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos || dash < kNumberDigits || name.size() - dash - 1 != kSaltDigits) {
    return std::nullopt;
  }
  const auto number = WholeNumber<10>(name.substr(0, dash));
  const auto salt = WholeNumber<16>(name.substr(dash + 1));
  if (!number || *number == 0 || !salt) return std::nullopt;
  const SegmentIdentity identity{.number = *number, .salt = *salt, .made = {}};
  return identity;
}

void EncodeSegmentHeader(const SegmentIdentity& identity, std::span<char, kSegmentHeaderBytes> out) {
  std::memset(out.data(), 0, out.size());
  std::memcpy(out.data(), kMagic.data(), kMagic.size());
  Put(out.data() + 8, kSegmentVersion);
  Put(out.data() + 12, static_cast<std::uint32_t>(kSegmentHeaderBytes));
  Put(out.data() + 16, identity.number);
  Put(out.data() + 24, identity.salt);
  Put(out.data() + 32, static_cast<std::int64_t>(identity.made.time_since_epoch().count()));
  Put(out.data() + kSumAt, Crc32c({out.data(), kSumAt}));
}

HeaderState DecodeSegmentHeader(std::span<const char, kSegmentHeaderBytes> bytes, SegmentIdentity& identity) {
  const char* const at = bytes.data();
  if (std::string_view(at, kMagic.size()) != kMagic) return HeaderState::kDamaged;
  if (Get<std::uint32_t>(at + kSumAt) != Crc32c({at, kSumAt})) return HeaderState::kDamaged;
  if (Get<std::uint32_t>(at + 8) != kSegmentVersion || Get<std::uint32_t>(at + 12) != kSegmentHeaderBytes) {
    return HeaderState::kOtherVersion;
  }
  identity.number = Get<std::uint64_t>(at + 16);
  identity.salt = Get<std::uint64_t>(at + 24);
  identity.made = base::WallTime(std::chrono::nanoseconds(Get<std::int64_t>(at + 32)));
  return HeaderState::kGood;
}

std::size_t FrameRecord(char* record, std::size_t payload, RecordKind kind, std::uint32_t ordinal,
                        std::uint64_t salt) {
  CHECK(payload <= kRecordPayloadMax);
  Put(record + 4, static_cast<std::uint32_t>(payload));
  Put(record + 8, kind);
  Put(record + 12, ordinal);
  Put(record, SumOf(record, payload, salt));
  const std::size_t bytes = RecordBytes(payload);
  std::memset(record + kRecordHeaderBytes + payload, 0, bytes - kRecordHeaderBytes - payload);
  return bytes;
}

RecordState ReadRecord(std::string_view bytes, std::uint64_t salt, RecordView& record) {
  if (bytes.size() < kRecordHeaderBytes) return RecordState::kShort;
  const auto payload = Get<std::uint32_t>(bytes.data() + 4);
  const auto kind = Get<std::uint32_t>(bytes.data() + 8);
  if (payload > kRecordPayloadMax || !IsKind(kind)) return RecordState::kBad;
  const std::size_t whole = RecordBytes(payload);
  if (bytes.size() < whole) return RecordState::kShort;
  if (Get<std::uint32_t>(bytes.data()) != SumOf(bytes.data(), payload, salt)) return RecordState::kBad;
  record.kind = kind;
  record.ordinal = Get<std::uint32_t>(bytes.data() + 12);
  record.payload = bytes.substr(kRecordHeaderBytes, payload);
  record.bytes = whole;
  return RecordState::kGood;
}

std::size_t EncodePrice(const PriceDefinition& price, char* out) {
  CHECK(price.version.size() <= kRowTextBytesMax && price.text.size() <= kPriceDefinitionBytesMax);
  Put(out, static_cast<std::uint16_t>(price.version.size()));
  price.version.copy(out + 2, price.version.size());
  price.text.copy(out + 2 + price.version.size(), price.text.size());
  return 2 + price.version.size() + price.text.size();
}

std::optional<PriceDefinition> DecodePrice(std::string_view payload) {
  if (payload.size() < 2) return std::nullopt;
  const std::size_t version = Get<std::uint16_t>(payload.data());
  payload.remove_prefix(2);
  if (version > payload.size()) return std::nullopt;
  return PriceDefinition{.version = payload.substr(0, version), .text = payload.substr(version)};
}

}  // namespace store
