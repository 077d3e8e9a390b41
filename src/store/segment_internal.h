#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/ledger_row.h"
#include "store/price_definition.h"

// The bytes of a segment around its rows; docs/ledger.md has them one by one.

namespace store {

inline constexpr std::uint32_t kSegmentVersion = 1;
inline constexpr std::size_t kSegmentHeaderBytes = 64;
inline constexpr std::size_t kRecordHeaderBytes = 16;
inline constexpr std::size_t kRecordAlignment = 8;
inline constexpr std::size_t kRecordPayloadMax = kRowBytesMax;
static_assert(kPriceDefinitionBytesMax + kRowTextBytesMax + 8 <= kRecordPayloadMax);

enum class RecordKind : std::uint32_t {
  kRow = 0x01574f52,    // "ROW" and 1
  kPrice = 0x01495250,  // "PRI" and 1
  // Of the log of leases:
  kLease = 0x0141454c,      // "LEA" and 1
  kUnsettled = 0x01534e55,  // "UNS" and 1
  kEnd = 0x01444e45,        // "END" and 1
};

// What a segment is, in its first bytes and in its name. The salt goes into every checksum, so that no text
// of a request can pass for a record of the journal.
struct SegmentIdentity {
  std::uint64_t number = 0;  // from 1
  std::uint64_t salt = 0;
  base::WallTime made;

  friend bool operator==(const SegmentIdentity&, const SegmentIdentity&) = default;
};

// "0000000017-5c1e9a77d0b3f214.journal".
std::string SegmentName(const SegmentIdentity& identity);
// Number and salt; none where the name is not one of a segment.
std::optional<SegmentIdentity> ParseSegmentName(std::string_view name);

void EncodeSegmentHeader(const SegmentIdentity& identity, std::span<char, kSegmentHeaderBytes> out);
enum class HeaderState { kGood, kDamaged, kOtherVersion };
// Fills `identity` where it is good.
HeaderState DecodeSegmentHeader(std::span<const char, kSegmentHeaderBytes> bytes, SegmentIdentity& identity);

// Bytes of the whole record, rounded up.
constexpr std::size_t RecordBytes(std::size_t payload) {
  return (kRecordHeaderBytes + payload + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}
inline constexpr std::size_t kRecordBytesMax = RecordBytes(kRecordPayloadMax);

// Puts the header before a payload that stands at `record + kRecordHeaderBytes`, and zeros behind it. Gives
// back the bytes of the record. `ordinal` counts the records of the segment from 1.
std::size_t FrameRecord(char* record, std::size_t payload, RecordKind kind, std::uint32_t ordinal,
                        std::uint64_t salt);

struct RecordView {
  std::uint32_t kind;  // a RecordKind, or one of a later Sluice
  std::uint32_t ordinal;
  std::string_view payload;
  std::size_t bytes;  // of the whole record
};
enum class RecordState {
  kGood,
  kShort,  // more bytes are needed to tell
  kBad,
};
// Looks at the beginning of `bytes`.
RecordState ReadRecord(std::string_view bytes, std::uint64_t salt, RecordView& record);

// REQUIRES: the limits of PriceDefinition, and room for kRecordPayloadMax bytes.
std::size_t EncodePrice(const PriceDefinition& price, char* out);
std::optional<PriceDefinition> DecodePrice(std::string_view payload);

}  // namespace store
