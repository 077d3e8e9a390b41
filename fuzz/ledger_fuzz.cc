// Whatever stands in a segment's file, or in a record of it whose checksum is right, reading ends, gives what
// it gives in order, and every row that it gives can be written again and shown. The first byte of the input
// chooses: the whole file, one row, or one price.

#include <fcntl.h>
#include <unistd.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "store/directory_for_test.h"
#include "store/json_check_internal.h"
#include "store/row_codec.h"
#include "store/row_for_test.h"
#include "store/row_json.h"
#include "store/segment_internal.h"
#include "store/segment_reader.h"

namespace {

constexpr store::SegmentIdentity kIdentity{.number = 1, .salt = 0x5c1e9a77d0b3f214, .made = {}};

// One file that each input is written to.
class Place {
 public:
  Place() : path_(directory_.path() / store::SegmentName(kIdentity)) {
    descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    CHECK(descriptor_ >= 0);
  }
  store::SegmentFile Write(std::string_view bytes) const {
    CHECK(ftruncate(descriptor_, 0) == 0);
    CHECK(pwrite(descriptor_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return {.number = kIdentity.number, .path = path_, .bytes = bytes.size()};
  }

 private:
  const store::TemporaryDirectory directory_;
  const std::filesystem::path path_;
  int descriptor_ = -1;
};

std::string Framed(std::string_view payload, store::RecordKind kind, std::uint32_t ordinal) {
  std::vector<char> record(store::RecordBytes(payload.size()));
  payload.copy(record.data() + store::kRecordHeaderBytes, payload.size());
  return {record.data(), store::FrameRecord(record.data(), payload.size(), kind, ordinal, kIdentity.salt)};
}

std::string Encoded(const store::LedgerRow& row) {
  std::vector<char> bytes(store::kRowBytesMax);
  return {bytes.data(),
          store::EncodeRow(row, std::span<char, store::kRowBytesMax>(bytes.data(), store::kRowBytesMax))};
}

void CheckRow(const store::LedgerRow& row) {
  CHECK(store::IsJson(store::RowJson(row)));
  store::DecodedRow again;
  const std::string bytes = Encoded(row);  // texts that are too long are cut
  CHECK(again.Decode(bytes));
  CHECK(Encoded(again.row()) == bytes);
}

std::size_t Read(const store::SegmentFile& file) {
  const auto reader = store::SegmentReader::Open(file);
  if (!reader) return 0;
  store::JournalPosition last;
  std::size_t rows = 0;
  for (;;) {
    const auto record =
        (*reader)->Next([](const store::JournalDamage& damage) { CHECK(!Print(damage).empty()); });
    CHECK(record);
    if (*record == nullptr) break;
    CHECK((*record)->at > last && (*reader)->offset() <= file.bytes);
    last = (*record)->at;
    if ((*record)->row == nullptr) continue;
    CheckRow(*(*record)->row);
    ++rows;
  }
  CHECK((*reader)->Rest());
  return rows;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Place place;
  if (size == 0 || size > store::kRecordPayloadMax) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const int mode = data[0] % 3;
  if (mode == 0) {
    Read(place.Write(rest));
    return 0;
  }
  char header[store::kSegmentHeaderBytes];
  store::EncodeSegmentHeader(kIdentity, header);
  const std::string row = Encoded(store::LedgerRow());
  std::string bytes(header, sizeof header);
  bytes += Framed(row, store::RecordKind::kRow, 1);
  bytes += Framed(rest, mode == 1 ? store::RecordKind::kRow : store::RecordKind::kPrice, 2);
  bytes += Framed(row, store::RecordKind::kRow, 3);
  CHECK(Read(place.Write(bytes)) >= 2);
  return 0;
}
