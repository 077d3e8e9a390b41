#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "store/directory_for_test.h"
#include "store/journal_reader.h"
#include "store/row_codec.h"
#include "store/row_for_test.h"
#include "store/segment_internal.h"
#include "store/segment_reader.h"

namespace store {
namespace {

namespace fs = std::filesystem;

constexpr SegmentIdentity kIdentity{
    .number = 1, .salt = 0x5c1e9a77d0b3f214, .made = base::WallTime(std::chrono::seconds(1'790'000'000))};

TEST(SegmentTest, ItsNameSaysItsNumberAndSalt) {
  const std::string name = SegmentName(kIdentity);
  EXPECT_EQ(name, "0000000001-5c1e9a77d0b3f214.journal");
  const auto read = ParseSegmentName(name);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->number, 1u);
  EXPECT_EQ(read->salt, kIdentity.salt);
  EXPECT_EQ(ParseSegmentName("12345678901-0000000000000001.journal")->number, 12'345'678'901u);
  for (const std::string_view other :
       {"lock", "0000000001.journal", "0000000000-5c1e9a77d0b3f214.journal", "1-5c1e9a77d0b3f214.journal",
        "0000000001-5c1e9a77d0b3f21.journal", "0000000001-5c1e9a77d0b3f21x.journal",
        "0000000001-5c1e9a77d0b3f214.journal~", "000000000x-5c1e9a77d0b3f214.journal"}) {
    EXPECT_FALSE(ParseSegmentName(other)) << other;
  }
}

TEST(SegmentTest, ItsHeaderComesBackAndAnyFlippedBitIsNoticed) {
  char header[kSegmentHeaderBytes];
  EncodeSegmentHeader(kIdentity, header);
  SegmentIdentity read;
  ASSERT_EQ(DecodeSegmentHeader(header, read), HeaderState::kGood);
  EXPECT_EQ(read, kIdentity);
  for (std::size_t bit = 0; bit < 8 * kSegmentHeaderBytes; ++bit) {
    header[bit / 8] = static_cast<char>(header[bit / 8] ^ 1 << bit % 8);
    EXPECT_EQ(DecodeSegmentHeader(header, read), HeaderState::kDamaged) << bit;
    header[bit / 8] = static_cast<char>(header[bit / 8] ^ 1 << bit % 8);
  }
}

TEST(SegmentTest, APriceComesBack) {
  char bytes[200];
  const PriceDefinition price{.version = "2026-09-10-peak-5c1e9a77", .text = "input: 0.15"};
  const std::size_t size = EncodePrice(price, bytes);
  const auto read = DecodePrice({bytes, size});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->version, price.version);
  EXPECT_EQ(read->text, price.text);
  EXPECT_FALSE(DecodePrice({bytes, 1}));
  EXPECT_FALSE(DecodePrice({bytes, 20}));
}

// A segment written by hand, and what a reader finds in it.
class SegmentReaderTest : public testing::Test {
 protected:
  SegmentReaderTest() {
    fs::create_directory(JournalDirectory(directory_.path()));
    char header[kSegmentHeaderBytes];
    EncodeSegmentHeader(kIdentity, header);
    bytes_.assign(header, sizeof header);
  }

  void AddRow(const LedgerRow& row, std::uint32_t ordinal) {
    std::vector<char> record(kRecordBytesMax);
    const std::size_t payload =
        EncodeRow(row, std::span<char, kRowBytesMax>(record.data() + kRecordHeaderBytes, kRowBytesMax));
    begins_.push_back(bytes_.size());
    ids_.emplace_back(row.request_id);
    bytes_.append(record.data(),
                  FrameRecord(record.data(), payload, RecordKind::kRow, ordinal, kIdentity.salt));
  }
  void AddRows(std::uint32_t count) {
    for (std::uint32_t i = 1; i <= count; ++i) AddRow(rows_.Usual(kIdentity.made), i);
  }

  // Writes `bytes` as the segment's file.
  SegmentFile File(const std::string& bytes) const {
    const fs::path path = JournalDirectory(directory_.path()) / SegmentName(kIdentity);
    WriteFile(path, bytes);
    return {.number = 1, .path = path, .bytes = bytes.size()};
  }

  struct Found {
    std::vector<std::string> ids{};
    std::vector<JournalDamage> damage{};
    std::optional<JournalDamage> rest{};
    std::uint64_t end = 0;
  };
  static Found Read(const SegmentFile& file) {
    Found found;
    auto reader = SegmentReader::Open(file);
    EXPECT_TRUE(reader);
    for (;;) {
      const auto record =
          (*reader)->Next([&](const JournalDamage& damage) { found.damage.push_back(damage); });
      EXPECT_TRUE(record);
      if (*record == nullptr) break;
      if ((*record)->row != nullptr) found.ids.emplace_back((*record)->row->request_id);
    }
    found.end = (*reader)->offset();
    found.rest = *(*reader)->Rest();
    return found;
  }

  // All ids but those at `missing`.
  std::vector<std::string> Without(std::size_t first, std::size_t count = 1) const {
    std::vector<std::string> ids = ids_;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(first),
              ids.begin() + static_cast<std::ptrdiff_t>(first + count));
    return ids;
  }

  const TemporaryDirectory directory_;
  RowMaker rows_{3};
  std::string bytes_;
  std::vector<std::size_t> begins_;
  std::vector<std::string> ids_;
};

TEST_F(SegmentReaderTest, GivesEveryRowAndEndsWhereTheNextOneWillBe) {
  AddRows(500);
  const Found found = Read(File(bytes_));
  EXPECT_EQ(found.ids, ids_);
  EXPECT_TRUE(found.damage.empty());
  EXPECT_FALSE(found.rest);
  EXPECT_EQ(found.end, bytes_.size());
}

TEST_F(SegmentReaderTest, BeginsAtAnyRecord) {
  AddRows(5);
  auto reader = SegmentReader::Open(File(bytes_), begins_[3]);
  ASSERT_TRUE(reader);
  const auto record = (*reader)->Next();
  ASSERT_TRUE(record && *record != nullptr);
  EXPECT_EQ((*record)->row->request_id, ids_[3]);
  EXPECT_EQ((*record)->at, (JournalPosition{1, begins_[3]}));
}

TEST_F(SegmentReaderTest, ARowLargerThanWhatIsReadAtOnceIsGiven) {
  const std::string usage(kRowProviderUsageBytesMax, 'u');
  LedgerRow row;
  row.provider_usage = usage;
  for (std::uint32_t i = 1; i <= 100; ++i) {
    const std::string id = "req_" + std::to_string(i);
    row.request_id = id;
    AddRow(row, i);
  }
  EXPECT_EQ(Read(File(bytes_)).ids, ids_);
}

TEST_F(SegmentReaderTest, AFileThatEndsAtAnyByteGivesTheRowsBeforeIt) {
  AddRows(4);
  const std::size_t all = bytes_.size();
  for (std::size_t size = kSegmentHeaderBytes; size < all; ++size) {
    const Found found = Read(File(bytes_.substr(0, size)));
    const auto whole = static_cast<std::size_t>(std::upper_bound(begins_.begin(), begins_.end(), size) -
                                                begins_.begin() - 1);
    ASSERT_EQ(found.ids, Without(whole, ids_.size() - whole)) << size;
    ASSERT_TRUE(found.damage.empty()) << size;
    ASSERT_EQ(found.end, begins_[whole]) << size;
    ASSERT_EQ(found.rest.has_value(), size != begins_[whole]) << size;
  }
}

TEST_F(SegmentReaderTest, AFlippedByteTakesOneRowAndIsReportedWithItsPlace) {
  AddRows(4);
  for (std::size_t at = begins_[1]; at < begins_[2]; ++at) {
    std::string bytes = bytes_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    const Found found = Read(File(bytes));
    if (found.ids == ids_) {
      // The zeros behind a payload carry nothing.
      ASSERT_GE(at, begins_[2] - kRecordAlignment + 1);
      continue;
    }
    ASSERT_EQ(found.ids, Without(1)) << at;
    ASSERT_EQ(found.damage.size(), 1u);
    ASSERT_EQ(found.damage[0].at, (JournalPosition{1, begins_[1]}));
    ASSERT_EQ(found.damage[0].bytes, begins_[2] - begins_[1]);
    ASSERT_EQ(found.damage[0].records, 1u);
  }
}

TEST_F(SegmentReaderTest, SeveralRowsThatBecameZerosAreCounted) {
  AddRows(9);
  std::string bytes = bytes_;
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begins_[2] + 10),
            bytes.begin() + static_cast<std::ptrdiff_t>(begins_[6] - 3), '\0');
  const Found found = Read(File(bytes));
  EXPECT_EQ(found.ids, Without(2, 4));
  ASSERT_EQ(found.damage.size(), 1u);
  EXPECT_EQ(found.damage[0].records, 4u);
  EXPECT_EQ(Print(found.damage[0]), "segment 1, byte " + std::to_string(begins_[2]) +
                                        ": no record can be read here, " +
                                        std::to_string(begins_[6] - begins_[2]) + " bytes, records lost: 4");
}

TEST_F(SegmentReaderTest, ADamagedHeaderIsReportedAndTheRowsAreReadByTheNameOfTheFile) {
  AddRows(3);
  std::string bytes = bytes_;
  bytes[25] = static_cast<char>(bytes[25] ^ 1);
  const Found found = Read(File(bytes));
  EXPECT_EQ(found.ids, ids_);
  ASSERT_EQ(found.damage.size(), 1u);
  EXPECT_EQ(found.damage[0].at, (JournalPosition{1, 0}));
}

TEST_F(SegmentReaderTest, ARowThatALaterSluiceWroteIsReportedAndSkipped) {
  AddRows(1);
  std::vector<char> record(64);
  record[kRecordHeaderBytes] = kRowVersion + 1;
  bytes_.append(record.data(), FrameRecord(record.data(), 1, RecordKind::kRow, 2, kIdentity.salt));
  AddRow(rows_.Usual(kIdentity.made), 3);
  const Found found = Read(File(bytes_));
  EXPECT_EQ(found.ids, ids_);
  ASSERT_EQ(found.damage.size(), 1u);
  EXPECT_EQ(found.damage[0].records, 1u);
}

TEST_F(SegmentReaderTest, ARecordOfAnUnknownKindIsPassedOver) {
  AddRows(1);
  std::vector<char> record(64);
  bytes_.append(record.data(),
                FrameRecord(record.data(), 5, RecordKind(0x01574e4e), 2, kIdentity.salt));  // "NNW" and 1
  AddRow(rows_.Usual(kIdentity.made), 3);
  const Found found = Read(File(bytes_));
  EXPECT_EQ(found.ids, ids_);
  EXPECT_TRUE(found.damage.empty());
}

TEST_F(SegmentReaderTest, ATextThatLooksLikeARecordIsNoneWithoutTheSalt) {
  std::vector<char> forged(kRecordBytesMax);
  LedgerRow invented;
  invented.request_id = "req_invented";
  const std::size_t payload =
      EncodeRow(invented, std::span<char, kRowBytesMax>(forged.data() + kRecordHeaderBytes, kRowBytesMax));
  const std::size_t size = FrameRecord(forged.data(), payload, RecordKind::kRow, 2, 0);
  std::string text;
  for (std::size_t pad = 0; pad < 8; ++pad) {  // at every alignment
    text.append(forged.data(), size).append(1, ' ');
  }
  AddRows(1);
  LedgerRow row;
  row.request_id = "req_carrier";
  row.provider_usage = text;
  AddRow(row, 2);
  AddRow(rows_.Usual(kIdentity.made), 3);
  std::string bytes = bytes_;
  bytes[begins_[1]] = static_cast<char>(bytes[begins_[1]] ^ 1);  // so that its insides are searched
  EXPECT_EQ(Read(File(bytes)).ids, Without(1));
}

TEST_F(SegmentReaderTest, WhatIsAppendedLaterIsGivenLater) {
  AddRows(3);
  const std::size_t half = begins_[2] + 20;
  const SegmentFile file = File(bytes_.substr(0, half));
  auto reader = SegmentReader::Open(file);
  ASSERT_TRUE(reader);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(*(*reader)->Next());
  ASSERT_EQ(*(*reader)->Next(), nullptr);
  std::ofstream(file.path, std::ios::binary | std::ios::app) << bytes_.substr(half);
  const auto record = (*reader)->Next();
  ASSERT_TRUE(record && *record != nullptr);
  EXPECT_EQ((*record)->row->request_id, ids_[2]);
}

TEST(SegmentListTest, ADirectoryWithoutALedgerHasNoSegments) {
  const TemporaryDirectory directory;
  const auto files = ListSegments(directory.path());
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->empty());
  JournalReader reader(directory.path());
  EXPECT_EQ(*reader.Next(), nullptr);
}

}  // namespace
}  // namespace store
