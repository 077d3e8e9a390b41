#include "net/http_chunk.h"

#include <gtest/gtest.h>

#include <string>

namespace net {
namespace {

using base::Code;

struct Decoded {
  std::string data;
  std::size_t consumed = 0;
  bool done = false;
  std::optional<Code> error;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

void Feed(ChunkDecoder& decoder, std::string_view input, Decoded& out) {
  while (!decoder.done() && !out.error) {
    const auto step = decoder.Decode(input);
    if (!step) {
      out.error = step.error().code;
      return;
    }
    if (step->consumed == 0) break;
    EXPECT_LE(step->data.size(), step->consumed);
    out.data += step->data;
    out.consumed += step->consumed;
    input.remove_prefix(step->consumed);
  }
  out.done = decoder.done();
}

Decoded Decode(std::string_view input) {
  ChunkDecoder decoder;
  Decoded out;
  Feed(decoder, input, out);
  return out;
}

std::optional<Code> ErrorOf(std::string_view input) {
  return Decode(input).error;
}

TEST(ChunkDecoderTest, EverySplitGivesTheSameBody) {
  const std::string input =
      "5\r\nhello\r\n00a;name=\"v;x\";y\r\n\r\n0\r\n\r\nabc\r\n1F\r\n0123456789abcdef0123456789abcde\r\n"
      "0;last\r\nTrailer: one\r\nx:\r\n\r\nNEXT";
  const Decoded whole = Decode(input);
  EXPECT_EQ(whole.data, "hello\r\n0\r\n\r\nabc0123456789abcdef0123456789abcde");
  EXPECT_TRUE(whole.done);
  EXPECT_FALSE(whole.error);
  EXPECT_EQ(input.substr(whole.consumed), "NEXT");
  for (std::size_t first = 0; first <= whole.consumed; ++first) {
    for (std::size_t second = first; second <= whole.consumed; ++second) {
      ChunkDecoder decoder;
      Decoded split;
      Feed(decoder, input.substr(0, first), split);
      Feed(decoder, input.substr(first, second - first), split);
      Feed(decoder, input.substr(second), split);
      ASSERT_EQ(split, whole) << first << " " << second;
    }
  }
}

TEST(ChunkDecoderTest, DataIsAViewIntoTheInput) {
  const std::string input = "3\r\nabc\r\n";
  ChunkDecoder decoder;
  const auto step = decoder.Decode(input);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->data.data(), input.data() + 3);
  EXPECT_EQ(step->consumed, 6u);
}

TEST(ChunkDecoderTest, EmptyBodyIsOneLine) {
  EXPECT_TRUE(Decode("0\r\n\r\n").done);
  EXPECT_TRUE(Decode("000\r\n\r\n").done);
  EXPECT_FALSE(Decode("0\r\n").done);
  EXPECT_FALSE(Decode("0\r\n\r").done);
}

TEST(ChunkDecoderTest, MalformedSizesAreRefused) {
  for (const std::string_view size : {"", " 3", "3 ", "\t3", "3\t", "+3", "-3", "-0", "0x3", "3h", "g", "3,",
                                      "3.0", "\xb3", ";x", "3\v", "'3'"}) {
    EXPECT_EQ(ErrorOf(std::string(size) + "\r\nabc\r\n0\r\n\r\n"), Code::kInvalid) << size;
  }
}

TEST(ChunkDecoderTest, SizesPastTheirRangeAreRefused) {
  EXPECT_EQ(ErrorOf("00000000000000003\r\nabc\r\n"), Code::kInvalid);  // 17 digits
  EXPECT_EQ(ErrorOf("ffffffffffffffff\r\nabc\r\n"), Code::kInvalid);
  EXPECT_EQ(ErrorOf("10000000000000003\r\nabc\r\n"), Code::kInvalid);
  EXPECT_FALSE(ErrorOf("0000000000000003\r\nabc\r\n0\r\n\r\n"));  // 16 digits
  EXPECT_FALSE(ErrorOf("7fffffffffffffff\r\nabc"));
}

TEST(ChunkDecoderTest, LinesEndInCrLf) {
  for (const std::string_view input :
       {"3\nabc\r\n0\r\n\r\n", "3\rabc", "3\r\r\nabc", "3\r\nabc\n0\r\n\r\n", "3\r\nabc\r0\r\n",
        "3\r\nabcd\r\n", "3\r\nabc0\r\n\r\n", "3\r\nabc\r\n\r\n0\r\n\r\n", "0\r\n\n", "0\n\r\n", "0\r\n\rx",
        "0\r\nt: v\n\r\n", "0\r\nt: v\r\r\n", "3;x\nabc\r\n", "3;x\rabc\r\n", "3\r\nab\r\n0\r\n\r\n"}) {
    EXPECT_EQ(ErrorOf(input), Code::kInvalid) << input;
  }
}

TEST(ChunkDecoderTest, TrailersMustBeFields) {
  for (const std::string_view trailer : {"t", " t: v", "\tt: v", ": v", "t : v", "t\x01: v", "t: \x01",
                                         "t: v\r\n folded: x", "GET / HTTP/1.1", "t: \x7f"}) {
    EXPECT_EQ(ErrorOf("0\r\n" + std::string(trailer) + "\r\n\r\n"), Code::kInvalid) << trailer;
  }
  EXPECT_TRUE(Decode("0\r\na:b\r\nC-d: \xe4 : \t\r\n\r\n").done);
}

TEST(ChunkDecoderTest, DroppedBytesAreBounded) {
  const std::string long_text(5000, 'x');
  EXPECT_EQ(ErrorOf("1;" + long_text), Code::kInvalid);
  EXPECT_EQ(ErrorOf("0\r\nt:" + long_text), Code::kInvalid);
  EXPECT_EQ(ErrorOf("0\r\n" + long_text), Code::kInvalid);
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "1;e\r\nx\r\n";
  EXPECT_EQ(ErrorOf(many), Code::kInvalid);  // in all, not only in one line
  EXPECT_FALSE(ErrorOf("1;" + long_text.substr(0, 4000) + "\r\nx\r\n0\r\n\r\n"));
}

}  // namespace
}  // namespace net
