#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "base/ascii.h"
#include "base/block_store.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/counted.h"
#include "base/encoding.h"
#include "base/guarded.h"
#include "base/json_text.h"
#include "base/random.h"
#include "base/result.h"
#include "base/utf8.h"

namespace base {
namespace {

using namespace std::chrono_literals;

TEST(ClockTest, FakeClockStandsStillUntilItIsAdvanced) {
  FakeClock clock;
  const MonoTime before = clock.Now();
  EXPECT_EQ(clock.Now(), before);
  clock.Advance(31s);
  EXPECT_EQ(clock.Now() - before, 31s);
}

TEST(ResultTest, FailCarriesCodeAndSentence) {
  const Result<int> result = Fail(Code::kTooLarge, "the body is larger than 64 MiB");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kTooLarge);
  EXPECT_EQ(Name(result.error().code), "too_large");
}

TEST(CountedTest, CountsWhatLivesAndKnowsHowManyCameBefore) {
  std::atomic<int> count{0};
  {
    const Counted one(count);
    std::optional<Counted<std::atomic<int>>> two(std::in_place, count);
    EXPECT_EQ(one.before(), 0);
    EXPECT_EQ(two->before(), 1);
    EXPECT_EQ(count, 2);
    two.reset();
    EXPECT_EQ(count, 1);
  }
  EXPECT_EQ(count, 0);
}

TEST(CountedTest, AnythingThatAddsCanBeCounted) {
  struct Gauge {
    int value = 0;
    void Add(int step) { value += step; }
  } gauge;
  {
    const Counted one(gauge);
    EXPECT_EQ(gauge.value, 1);
  }
  EXPECT_EQ(gauge.value, 0);
}

TEST(GuardedTest, ManyThreadsAddUpToTheWhole) {
  Guarded<int> total(0);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&total] {
        for (int k = 0; k < 1000; ++k) total.With([](int& value) { ++value; });
      });
    }
  }
  EXPECT_EQ(total.With([](int value) { return value; }), 4000);
}

TEST(SnapshotTest, AReaderKeepsTheValueItLoaded) {
  Snapshot<int> snapshot(std::make_shared<const int>(1));
  const auto held = snapshot.Load();
  snapshot.Store(std::make_shared<const int>(2));
  EXPECT_EQ(*held, 1);
  EXPECT_EQ(*snapshot.Load(), 2);
}

TEST(EncodingTest, UrlSafeBase64IsReadBackAndNothingElseIsTaken) {
  for (const std::string& bytes : {std::string(), std::string("f"), std::string("fo"), std::string("foo"),
                                   std::string("\0\xff\xfb\xbf", 4), std::string(100, '\xa5')}) {
    EXPECT_EQ(ParseBase64Url(Base64Url(bytes)), bytes);
  }
  EXPECT_EQ(ParseBase64Url("-_8"), "\xfb\xff");
  for (const char* text : {"A", "AAAAA", "Zg==", "Zh", "Zm9", "Zm 8", "Zm8\n", "+/8", "Zm8=", "Zm8\xc3"}) {
    EXPECT_FALSE(ParseBase64Url(text)) << text;
  }
}

TEST(EncodingTest, Base64MatchesTheVectorsOfRfc4648) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64Url("\xfb\xff"), "-_8");
}

TEST(EncodingTest, ParseDecimalTakesDigitsOnly) {
  EXPECT_EQ(ParseDecimal("0"), 0u);
  EXPECT_EQ(ParseDecimal("18446744"), 18446744u);
  for (const char* bad : {"", "+1", "-1", " 1", "1 ", "0x1", "1e3", "99999999999999999999"}) {
    EXPECT_FALSE(ParseDecimal(bad)) << bad;
  }
}

TEST(EncodingTest, Rfc3339HasMicrosecondsAndCrossesLeapDays) {
  EXPECT_EQ(Rfc3339(0).view(), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(Rfc3339(1'709'164'800'123'456'789).view(), "2024-02-29T00:00:00.123456Z");
}

TEST(BufferTest, AMovedBufferIsEmptyAndItsBytesAreWhereItWent) {
  Buffer first;
  first.Append("some bytes");
  Buffer second(std::move(first));
  EXPECT_TRUE(first.empty());
  first.Append("others");
  EXPECT_EQ(second.view(), "some bytes");
  second = std::move(first);
  EXPECT_EQ(second.view(), "others");
}

TEST(SnapshotTest, AReaderHasTheNewestValueAndKeepsNoOlderOne) {
  auto first = std::make_shared<const int>(1);
  const std::weak_ptr<const int> gone = first;
  Snapshot<int> snapshot(std::move(first));
  SnapshotReader<int> reader(snapshot);
  EXPECT_EQ(*reader.Get(), 1);
  EXPECT_EQ(reader.Get(), snapshot.Load());
  snapshot.Store(std::make_shared<const int>(2));
  EXPECT_EQ(*reader.Get(), 2);
  EXPECT_TRUE(gone.expired());
}

TEST(SnapshotTest, AReaderSeesWhatAnotherThreadHasStored) {
  Snapshot<int> snapshot(std::make_shared<const int>(0));
  std::jthread writer([&snapshot] {
    for (int i = 1; i <= 1000; ++i) snapshot.Store(std::make_shared<const int>(i));
  });
  SnapshotReader<int> reader(snapshot);
  int seen = 0;
  while (seen < 1000) {
    const int now = *reader.Get();
    ASSERT_GE(now, seen);
    seen = now;
  }
}

TEST(AsciiTest, LongTextsAreComparedAsTheirLettersAre) {
  const std::string text = "content-length-@[`{";
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string other = text;
      other[at] = static_cast<char>(c);
      EXPECT_EQ(EqualIgnoringCase(text, other), LowerAscii(text[at]) == LowerAscii(other[at]))
          << at << ' ' << c;
    }
  }
}

TEST(BlockStoreTest, ABlockThatIsGivenBackOnAnotherThreadServesThere) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{128}, std::size_t{4096}, std::size_t{4097}}) {
    char* const block = static_cast<char*>(TakeBlock(bytes));
    block[bytes - 1] = 'x';
    std::jthread([block, bytes] {
      GiveBlock(block, bytes);
      char* const again = static_cast<char*>(TakeBlock(bytes));
      again[0] = 'y';
      GiveBlock(again, bytes);
    }).join();
  }
  GiveBlock(nullptr, 100);
}

TEST(JsonTextTest, BytesThatAreNotUtf8BecomeTheReplacementCharacter) {
  std::string out;
  AppendJsonString(out, "a\"\\\n\x01\xff\xe4\xbd\xa0");
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\xe4\xbd\xa0\"");
  EXPECT_EQ(JsonObject().Add("n", 1).Add("s", "x").Add("b", true).AddNull("z").Take(),
            R"({"n":1,"s":"x","b":true,"z":null})");
}

TEST(JsonTextTest, NestedObjectsAndArraysCloseInOrder) {
  JsonObject json;
  json.OpenArray("list").Close().OpenObject("inner").Close();
  json.OpenArray("tries").OpenElement().Add("n", 1).Close().OpenElement().Add("n", 2).Close().Close();
  EXPECT_EQ(json.Add("last", true).Finish(),
            R"({"list":[],"inner":{},"tries":[{"n":1},{"n":2}],"last":true})");
}

TEST(JsonTextTest, ALineLongerThanItsOwnRoomKeepsEveryByte) {
  for (const std::size_t size : {900u, 985u, 995u, 1000u, 5000u}) {
    const std::string text(size, 'x');
    JsonObject json;
    json.Add("a", text).Add("n", std::int64_t{INT64_MIN}).OpenArray("l").OpenElement().Add("b", text).Close();
    EXPECT_EQ(json.Close().Finish(),
              "{\"a\":\"" + text + "\",\"n\":-9223372036854775808,\"l\":[{\"b\":\"" + text + "\"}]}");
  }
}

TEST(JsonTextTest, EveryByteIsPlainOrEscapedWhereverItStands) {
  for (int byte = 0; byte < 128; ++byte) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'a');
      text[at] = static_cast<char>(byte);
      std::string expected;
      AppendJsonString(expected, text);
      EXPECT_EQ(JsonObject().Add("k", text).Take(), "{\"k\":" + expected + "}");
    }
  }
}

// Utf8SequenceLength, one sequence after the other, is the plain twin of whatever IsUtf8 does.
bool IsUtf8Plainly(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

TEST(Utf8Test, WhatIsPrintableHasNoControlCharactersOfAscii) {
  EXPECT_TRUE(IsPrintableUtf8(""));
  EXPECT_TRUE(IsPrintableUtf8("team 支持"));
  EXPECT_FALSE(IsPrintableUtf8("a\nb"));
  EXPECT_FALSE(IsPrintableUtf8("a\x7f"));
  EXPECT_FALSE(IsPrintableUtf8("\xff"));
}

TEST(Utf8Test, BlocksAgreeWithSingleSequences) {
  constexpr std::string_view kPieces[] = {"a",
                                          "\xc2\x80",
                                          "\xdf\xbf",
                                          "\xe0\xa0\x80",
                                          "\xed\x9f\xbf",
                                          "\xef\xbf\xbf",
                                          "\xf0\x90\x80\x80",
                                          "\xf4\x8f\xbf\xbf"};
  Random random(5);
  std::size_t well_formed = 0;
  for (int round = 0; round < 50000; ++round) {
    std::string text(random.Below(40), 'x');
    for (std::uint64_t i = random.Below(40); i > 0; --i) text += kPieces[random.Below(std::size(kPieces))];
    if (!text.empty() && round % 2 == 0)
      text[random.Below(text.size())] = static_cast<char>(random.Below(256));
    if (!text.empty() && round % 8 == 1) text.resize(random.Below(text.size()));
    ASSERT_EQ(IsUtf8(text), IsUtf8Plainly(text)) << Hex(text);
    well_formed += IsUtf8(text) ? 1 : 0;
  }
  EXPECT_GT(well_formed, 10000u);
  EXPECT_LT(well_formed, 40000u);
}

TEST(Utf8Test, AllFirstThreeBytesAgreeAtTheEndOfABlock) {
  for (unsigned lead = 0x80; lead < 0x100; ++lead) {
    for (unsigned second = 0; second < 0x100; ++second) {
      for (const unsigned third : {0x20u, 0x7fu, 0x80u, 0xbfu, 0xc2u, 0xf0u}) {
        std::string text(31, 'x');
        for (const unsigned byte : {lead, second, third, 0x80u}) text += static_cast<char>(byte);
        ASSERT_EQ(IsUtf8(text), IsUtf8Plainly(text)) << Hex(text);
        text.pop_back();
        ASSERT_EQ(IsUtf8(text), IsUtf8Plainly(text)) << Hex(text);
      }
    }
  }
}

TEST(Utf8Test, OneByteAnywhereKeepsATextFromBeingAscii) {
  EXPECT_TRUE(IsAscii(""));
  for (std::size_t size = 1; size < 100; ++size) {
    std::string text(size, '\x7f');
    EXPECT_TRUE(IsAscii(text)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      text[at] = '\x80';
      EXPECT_FALSE(IsAscii(text)) << at << " of " << size;
      text[at] = 'x';
    }
  }
}

TEST(Utf8Test, OverlongSurrogateAndTruncatedFormsAreRefused) {
  EXPECT_TRUE(IsUtf8(std::string(100, 'a') + "\xe4\xbd\xa0\xf0\x9f\x98\x80" + std::string(100, 'b')));
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe4\xbd", "\xff"}) {
    EXPECT_FALSE(IsUtf8(bad));
    EXPECT_FALSE(IsUtf8(std::string(64, 'x') + bad));
  }
}

TEST(RandomTest, ASeedFixesTheSequenceAndSeedsDiffer) {
  Random a(1), b(1), c(2);
  EXPECT_EQ(a.Next(), b.Next());
  EXPECT_NE(a.Next(), c.Next());
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(a.Below(10));
  EXPECT_EQ(seen.size(), 10u);
}

TEST(AsciiTest, CaseIsFoldedForLettersOnly) {
  EXPECT_TRUE(EqualIgnoringCase("Content-Length", "content-LENGTH"));
  EXPECT_FALSE(EqualIgnoringCase("a@", "a`"));  // '@' and '`' differ by the case bit only
  EXPECT_EQ(TrimBlanks(" \tx y\t "), "x y");
}

TEST(Utf8Test, ATextIsCutBetweenItsCharacters) {
  const std::string text = "a\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80z";  // 1, 2, 3, 4 and 1 bytes
  const std::size_t lengths[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
  for (std::size_t most = 0; most < std::size(lengths); ++most) {
    EXPECT_EQ(CutUtf8(text, most), std::string_view(text).substr(0, lengths[most])) << most;
  }
}

}  // namespace
}  // namespace base
