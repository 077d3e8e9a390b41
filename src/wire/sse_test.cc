#include "wire/sse.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace wire {
namespace {

constexpr std::size_t kFrameMax = 1000;

struct Seen {
  SseKind kind;
  std::string bytes;
  std::string payload;
  std::string event;
  bool ends;
  friend bool operator==(const Seen&, const Seen&) = default;
};

void PrintTo(const Seen& seen, std::ostream* out) {
  *out << "kind " << static_cast<int>(seen.kind) << " ends " << seen.ends << " bytes '" << seen.bytes
       << "' payload '" << seen.payload << "' event '" << seen.event << "'";
}

// All frames of a stream that arrives in these blocks; parts of one large frame are joined.
class Reader {
 public:
  explicit Reader(std::size_t frame_max = kFrameMax) : framer_(frame_max) {}

  void Feed(std::string_view block) {
    const std::string copy(block);  // dies after this call, as a network buffer does
    framer_.Feed(copy);
    while (const auto frame = framer_.Next()) Keep(*frame);
  }

  std::vector<Seen> Finish() {
    tail_ = framer_.Tail();
    if (const auto frame = framer_.Finish()) Keep(*frame);
    return seen_;
  }

  const std::string& tail() const { return tail_; }

 private:
  void Keep(const SseFrame& frame) {
    if (!seen_.empty() && seen_.back().kind == SseKind::kPart && !seen_.back().ends) {
      EXPECT_EQ(frame.kind, SseKind::kPart);
      seen_.back().bytes += frame.bytes;
      seen_.back().ends = frame.ends;
      return;
    }
    seen_.push_back({frame.kind, std::string(frame.bytes), std::string(frame.payload),
                     std::string(frame.event), frame.ends});
  }

  SseFramer framer_;
  std::vector<Seen> seen_;
  std::string tail_;
};

std::vector<Seen> ReadAll(std::string_view stream, std::size_t frame_max = kFrameMax) {
  Reader reader(frame_max);
  reader.Feed(stream);
  return reader.Finish();
}

Seen Data(std::string bytes, std::string payload) {
  return {SseKind::kData, bytes, payload, "", true};
}

TEST(SseScannerTest, CutsAStreamIntoFrames) {
  EXPECT_EQ(ReadAll("data: {\"a\":1}\n\ndata: {\"b\":2}\n\ndata: [DONE]\n\n"),
            (std::vector<Seen>{Data("data: {\"a\":1}\n\n", "{\"a\":1}"),
                               Data("data: {\"b\":2}\n\n", "{\"b\":2}"),
                               {SseKind::kDone, "data: [DONE]\n\n", "[DONE]", "", true}}));
}

TEST(SseScannerTest, CommentIsNotAFirstToken) {
  EXPECT_EQ(ReadAll(": keep-alive\n\n").at(0).kind, SseKind::kComment);
  EXPECT_EQ(ReadAll(":\r\n\r\n").at(0).kind, SseKind::kComment);
  EXPECT_EQ(ReadAll(": a\n: b\n\n").at(0).kind, SseKind::kComment);
}

TEST(SseScannerTest, CommentBesideDataIsData) {
  const auto frames = ReadAll(": hello\ndata: x\n: bye\n\n");
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].kind, SseKind::kData);
  EXPECT_EQ(frames[0].payload, "x");
}

TEST(SseScannerTest, FieldsAreReadAsTheStandardSays) {
  EXPECT_EQ(ReadAll("data:x\n\n").at(0).payload, "x");
  EXPECT_EQ(ReadAll("data:  x\n\n").at(0).payload, " x");
  EXPECT_EQ(ReadAll("data: a\ndata: b\ndata\ndata:c\n\n").at(0).payload, "a\nb\n\nc");
  EXPECT_EQ(ReadAll("event: error\ndata: x\n\n").at(0).event, "error");
  EXPECT_EQ(ReadAll("datax: y\n\n").at(0).kind, SseKind::kOther);
  EXPECT_EQ(ReadAll("data\n\n").at(0).kind, SseKind::kOther);
  EXPECT_EQ(ReadAll("data:\n\n").at(0).kind, SseKind::kOther);
  EXPECT_EQ(ReadAll("id: 1\nretry: 5\n\n").at(0).kind, SseKind::kOther);
  EXPECT_EQ(ReadAll("\n").at(0).kind, SseKind::kOther);
  EXPECT_EQ(ReadAll("data:[DONE] \n\n").at(0).kind, SseKind::kDone);
  EXPECT_EQ(ReadAll("data: [DONE]x\n\n").at(0).kind, SseKind::kData);
}

TEST(SseScannerTest, AllLineEndsAreLegal) {
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    const auto frames = ReadAll("data: a" + end + end + "data: b" + end + "data: c" + end + end);
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0].bytes, "data: a" + end + end);
    EXPECT_EQ(frames[0].payload, "a");
    EXPECT_EQ(frames[1].bytes, "data: b" + end + "data: c" + end + end);
    EXPECT_EQ(frames[1].payload, "b\nc");
  }
}

TEST(SseScannerTest, ABareCrFrameIsNotHeldBackForALineFeed) {
  Reader reader;
  reader.Feed("data: a\r\r");
  EXPECT_EQ(reader.Finish(), std::vector<Seen>{Data("data: a\r\r", "a")});
  EXPECT_EQ(reader.tail(), "");
}

TEST(SseScannerTest, ACrLfFrameGoesOutWithItsLastLineFeed) {
  SseFramer framer(kFrameMax);
  framer.Feed("data: a\r\n\r");
  EXPECT_FALSE(framer.Next());
  framer.Feed("\n");
  EXPECT_EQ(framer.Next()->bytes, "data: a\r\n\r\n");
}

TEST(SseScannerTest, AnIncompleteFrameIsHeldBack) {
  SseFramer framer(kFrameMax);
  framer.Feed("data: a\n\ndata: b\n");
  EXPECT_EQ(framer.Next()->payload, "a");
  EXPECT_FALSE(framer.Next());
  EXPECT_EQ(framer.Tail(), "data: b\n");
  framer.Feed("\n");
  EXPECT_EQ(framer.Next()->bytes, "data: b\n\n");
  EXPECT_EQ(framer.Tail(), "");
  EXPECT_FALSE(framer.Next());
  EXPECT_FALSE(framer.Finish());
}

TEST(SseScannerTest, TheLastFrameMayLackItsBlankLine) {
  EXPECT_EQ(ReadAll("data: a\n\ndata: [DONE]").at(1),
            (Seen{SseKind::kDone, "data: [DONE]", "[DONE]", "", true}));
}

TEST(SseScannerTest, AWholeFrameIsNotCopied) {
  const std::string block = "data: a\n\ndata: b\n\n";
  SseFramer framer(kFrameMax);
  framer.Feed(block);
  EXPECT_EQ(framer.Next()->bytes.data(), block.data());
  const auto second = framer.Next();
  EXPECT_EQ(second->bytes.data(), block.data() + 9);
  EXPECT_EQ(second->payload.data(), block.data() + 15);
}

TEST(SseScannerTest, AByteOrderMarkIsToleratedAtTheStartOnly) {
  EXPECT_EQ(ReadAll("\xef\xbb\xbf"
                    "data: a\n\n")
                .at(0)
                .payload,
            "a");
  EXPECT_EQ(ReadAll("data: a\n\n\xef\xbb\xbf"
                    "data: b\n\n")
                .at(1)
                .kind,
            SseKind::kOther);
}

TEST(SseScannerTest, AFrameAboveTheLimitComesInPartsAndTheNextIsReadAgain) {
  const std::string large = "data: " + std::string(2000, 'x') + "\n\n";
  for (const std::size_t step : {1u, 7u, 999u, 5000u}) {
    Reader reader;
    const std::string stream = "data: a\n\n" + large + "data: b\n\n";
    for (std::size_t at = 0; at < stream.size(); at += step)
      reader.Feed(std::string_view(stream).substr(at, step));
    EXPECT_EQ(reader.Finish(), (std::vector<Seen>{Data("data: a\n\n", "a"),
                                                  {SseKind::kPart, large, "", "", true},
                                                  Data("data: b\n\n", "b")}));
  }
}

TEST(SseScannerTest, TheLimitItselfIsStillAFrame) {
  const std::string frame = "data: " + std::string(kFrameMax - 8, 'x') + "\n\n";
  ASSERT_EQ(frame.size(), kFrameMax);
  EXPECT_EQ(ReadAll(frame).at(0).kind, SseKind::kData);
  EXPECT_EQ(ReadAll("d" + frame).at(0).kind, SseKind::kPart);
}

TEST(SseScannerTest, NoMoreThanTheLimitIsHeldBack) {
  SseFramer framer(kFrameMax);
  std::size_t passed = 0;
  const std::string block(100, 'x');
  for (int i = 0; i < 100; ++i) {
    framer.Feed(block);
    while (const auto frame = framer.Next()) passed += frame->bytes.size();
    EXPECT_LE(framer.Tail().size(), kFrameMax);
  }
  EXPECT_EQ(passed, 10000u);
}

const std::vector<std::string>& Samples() {
  static const std::vector<std::string> samples = {
      "data: {\"a\":1}\n\ndata: {\"b\":2}\n\ndata: [DONE]\n\n",
      ": keep-alive\n\n: keep-alive\n\ndata: a\n\n",
      "data: a\r\n\r\ndata: b\r\ndata: c\r\n\r\n",
      "data: a\r\rdata: b\r\r\rdata: c\r\r",
      "data: a\r\r\ndata: b\n\r\n\r\ndata: c\r\n\n\rdata: d\n\r",
      "\n\n\r\r\r\n\r\n\n\rdata: x\n\n",
      "\xef\xbb\xbf"
      "event: e\nid: 7\ndata: a\ndata: b\n\nretry: 3\n\n:\n\ndata",
      "data: a\r\n\r",
      "x\r\r\n",
  };
  return samples;
}

TEST(SseScannerTest, EverySplitGivesTheSameFrames) {
  for (const std::string& stream : Samples()) {
    for (const std::size_t frame_max : {std::size_t{1000}, std::size_t{9}}) {
      const auto whole = ReadAll(stream, frame_max);
      std::string bytes;
      for (const Seen& frame : whole) bytes += frame.bytes;
      EXPECT_EQ(bytes, stream);
      for (std::size_t first = 0; first <= stream.size(); ++first) {
        for (std::size_t second = first; second <= stream.size(); ++second) {
          Reader reader(frame_max);
          reader.Feed(stream.substr(0, first));
          reader.Feed(stream.substr(first, second - first));
          reader.Feed(stream.substr(second));
          ASSERT_EQ(reader.Finish(), whole) << stream << " at " << first << ", " << second;
        }
      }
      Reader reader(frame_max);
      for (const char c : stream) reader.Feed({&c, 1});
      EXPECT_EQ(reader.Finish(), whole);
    }
  }
}

TEST(SseScannerTest, RandomStreamsInRandomBlocksGiveTheSameFrames) {
  base::Random random(11);
  constexpr std::string_view kPieces[] = {
      "\n", "\r", "\r\n", "data: ", "data:", ":", "x", "event: e", "[DONE]", "\n\n"};
  for (int round = 0; round < 3000; ++round) {
    std::string stream;
    for (std::uint64_t i = random.Below(30); i > 0; --i) stream += kPieces[random.Below(std::size(kPieces))];
    const std::size_t frame_max = random.Below(3) == 0 ? 6 : 1000;
    const auto whole = ReadAll(stream, frame_max);
    Reader reader(frame_max);
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = 1 + random.Below(5);
      reader.Feed(std::string_view(stream).substr(at, size));
      at += size;
    }
    ASSERT_EQ(reader.Finish(), whole) << round;
  }
}

}  // namespace
}  // namespace wire
