#include "bench/sse_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace bench {
namespace {

using Stamps = std::vector<std::optional<std::uint64_t>>;

Stamps Read(SseReader& reader, std::string_view bytes) {
  Stamps stamps;
  reader.Feed(bytes, [&](std::optional<std::uint64_t> stamp) { stamps.push_back(stamp); });
  return stamps;
}

constexpr std::string_view kStream =
    ": hello\n\n"
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\" @00000000000000ff\"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\" @0000000000000100\"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n"
    "data: [DONE]\n\n";

TEST(SseReaderTest, WholeStreamGivesItsChunksItsUsageAndItsEnd) {
  SseReader reader;
  EXPECT_EQ(Read(reader, kStream), (Stamps{0xff, 0x100}));
  EXPECT_TRUE(reader.Complete());
  EXPECT_TRUE(reader.usage_seen());
}

TEST(SseReaderTest, AMessagesStreamEndsWithItsOwnWord) {
  SseReader reader;
  const Stamps stamps =
      Read(reader,
           "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n"
           "event: ping\ndata: {\"type\":\"ping\"}\n\n"
           "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
           "\"delta\":{\"type\":\"text_delta\",\"text\":\"Tides\"}}\n\n");
  EXPECT_EQ(stamps.size(), 1u);
  EXPECT_FALSE(reader.Complete());
  Read(reader, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  EXPECT_TRUE(reader.Complete());
}

TEST(SseReaderTest, CutAtEveryByteGivesTheSame) {
  for (std::size_t cut = 0; cut <= kStream.size(); ++cut) {
    SseReader reader;
    Stamps stamps = Read(reader, kStream.substr(0, cut));
    for (const auto& stamp : Read(reader, kStream.substr(cut))) stamps.push_back(stamp);
    ASSERT_EQ(stamps, (Stamps{0xff, 0x100})) << cut;
    ASSERT_TRUE(reader.Complete()) << cut;
  }
}

TEST(SseReaderTest, OneByteAtATimeGivesTheSame) {
  SseReader reader;
  Stamps stamps;
  for (const char c : kStream) {
    for (const auto& stamp : Read(reader, {&c, 1})) stamps.push_back(stamp);
  }
  EXPECT_EQ(stamps, (Stamps{0xff, 0x100}));
  EXPECT_TRUE(reader.Complete());
}

TEST(SseReaderTest, CarriageReturnsBeforeNewlinesAreFine) {
  std::string stream;
  for (const char c : kStream) stream += c == '\n' ? std::string("\r\n") : std::string(1, c);
  SseReader reader;
  EXPECT_EQ(Read(reader, stream).size(), 2u);
  EXPECT_TRUE(reader.Complete());
}

TEST(SseReaderTest, EveryPrefixIsIncomplete) {
  for (std::size_t length = 0; length < kStream.size(); ++length) {
    SseReader reader;
    Read(reader, kStream.substr(0, length));
    ASSERT_FALSE(reader.Complete()) << length;
  }
}

TEST(SseReaderTest, HeartbeatAloneIsNoChunk) {
  SseReader reader;
  EXPECT_TRUE(Read(reader, ": keep-alive\n\n: keep-alive\n\n").empty());
  EXPECT_EQ(reader.trouble(), SseReader::Trouble::kNone);
}

TEST(SseReaderTest, RoleOnlyOpenerIsNoChunk) {
  SseReader reader;
  EXPECT_TRUE(Read(reader, "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n")
                  .empty());
  EXPECT_TRUE(Read(reader, "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n")
                  .empty());
}

TEST(SseReaderTest, TextWithoutStampIsAChunkAllTheSame) {
  SseReader reader;
  EXPECT_EQ(Read(reader, "data: {\"choices\":[{\"delta\":{\"content\": \"hi\"}}]}\n\n"),
            (Stamps{std::nullopt}));
}

TEST(SseReaderTest, ErrorEventIsTrouble) {
  SseReader named;
  Read(named, "event: error\ndata: {\"message\":\"x\"}\n\ndata: [DONE]\n\n");
  EXPECT_EQ(named.trouble(), SseReader::Trouble::kErrorEvent);
  EXPECT_FALSE(named.Complete());
  SseReader plain;
  Read(plain, "data: {\"error\":{\"message\":\"x\"}}\n\n");
  EXPECT_EQ(plain.trouble(), SseReader::Trouble::kErrorEvent);
}

TEST(SseReaderTest, EventNamesDoNotOutliveTheirEvent) {
  SseReader reader;
  Read(reader, "event: error\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n");
  EXPECT_EQ(reader.trouble(), SseReader::Trouble::kNone);
}

TEST(SseReaderTest, DataAfterDoneIsTrouble) {
  SseReader reader;
  EXPECT_TRUE(
      Read(reader, "data: [DONE]\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n").empty());
  EXPECT_EQ(reader.trouble(), SseReader::Trouble::kAfterDone);
  EXPECT_FALSE(reader.Complete());
}

TEST(SseReaderTest, SomethingElseThanEventsIsTrouble) {
  SseReader html;
  Read(html, "<html>\n");
  EXPECT_EQ(html.trouble(), SseReader::Trouble::kNotData);
  SseReader word;
  Read(word, "data: hello\n\n");
  EXPECT_EQ(word.trouble(), SseReader::Trouble::kNotData);
}

TEST(SseReaderTest, IdsAndRetriesAreFine) {
  SseReader reader;
  Read(reader, "id: 7\nretry: 100\ndata: [DONE]\n\n");
  EXPECT_TRUE(reader.Complete());
}

TEST(SseReaderTest, EndlessLineIsTroubleAndNotMemory) {
  SseReader reader;
  const std::string piece(1 << 16, 'x');
  Read(reader, "data: ");
  for (int i = 0; i < 64; ++i) Read(reader, piece);
  EXPECT_EQ(reader.trouble(), SseReader::Trouble::kTooLong);
}

TEST(SseReaderTest, ResetForgetsEverything) {
  SseReader reader;
  Read(reader, "data: [DONE]\n\ndata: {\"error\":1}\n\ndata: half");
  reader.Reset();
  Read(reader, kStream);
  EXPECT_TRUE(reader.Complete());
}

TEST(FindStampTest, NeedsSixteenDigits) {
  EXPECT_EQ(FindStamp("{\"content\":\" @00000000000000AF\"}"), 0xafu);
  EXPECT_EQ(FindStamp("mail a@b.c and @000001bd66824a8c"), 0x1bd66824a8cu);
  EXPECT_EQ(FindStamp("@123"), std::nullopt);
  EXPECT_EQ(FindStamp("@00000000000000zz"), std::nullopt);
  EXPECT_EQ(FindStamp(""), std::nullopt);
}

}  // namespace
}  // namespace bench
