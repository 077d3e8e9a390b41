#include "bench/mock_request.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace bench {
namespace {

std::string Post(std::string_view target, std::string_view body, std::string_view headers = "") {
  std::string text = "POST " + std::string(target) + " HTTP/1.1\r\nhost: x\r\n" + std::string(headers);
  return text + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

MockRequest Read(const std::string& bytes, const Knobs& defaults = {}) {
  MockRequest request;
  EXPECT_EQ(ReadRequest(bytes, defaults, request), ReadOutcome::kComplete) << bytes;
  return request;
}

TEST(MockRequestTest, ChatIsKnownByTheEndOfThePath) {
  EXPECT_EQ(Read(Post("/v1/chat/completions", "{}")).kind, MockRequest::Kind::kChat);
  EXPECT_EQ(Read(Post("/a/b/chat/completions?x=1", "{}")).kind, MockRequest::Kind::kChat);
  EXPECT_EQ(Read(Post("/v1/embeddings", "{}")).kind, MockRequest::Kind::kUnknown);
  EXPECT_EQ(Read("GET /v1/models HTTP/1.1\r\n\r\n").kind, MockRequest::Kind::kHealth);
  EXPECT_EQ(Read("GET /bench/stats HTTP/1.1\r\n\r\n").kind, MockRequest::Kind::kStatistics);
  EXPECT_EQ(Read("PUT /bench?gap_us=5 HTTP/1.1\r\n\r\n").kind, MockRequest::Kind::kKnobs);
}

TEST(MockRequestTest, StreamIsReadWithAndWithoutBlanks) {
  EXPECT_TRUE(Read(Post("/chat/completions", R"({"stream":true})")).stream);
  EXPECT_TRUE(Read(Post("/chat/completions", R"({"a":1, "stream" : true})")).stream);
  EXPECT_FALSE(Read(Post("/chat/completions", R"({"stream": false})")).stream);
  EXPECT_FALSE(Read(Post("/chat/completions", R"({"stream_options":{"include_usage":true}})")).stream);
  EXPECT_FALSE(Read(Post("/chat/completions", R"({"content":"\"stream\":true"})")).stream);
}

TEST(MockRequestTest, UsageIsIncludedOnlyWhenAskedFor) {
  EXPECT_TRUE(Read(Post("/chat/completions", R"({"stream":true,"stream_options":{"include_usage": true}})"))
                  .include_usage);
  EXPECT_FALSE(Read(Post("/chat/completions", R"({"stream":true})")).include_usage);
}

TEST(MockRequestTest, HeaderAndQueryOverrideTheDefaults) {
  const Knobs defaults{.chunks = 9, .gap_us = 8, .delay_us = 7};
  const MockRequest plain = Read(Post("/chat/completions", "{}"), defaults);
  EXPECT_EQ(plain.knobs.chunks, 9u);
  EXPECT_EQ(plain.knobs.delay_us, 7u);
  const MockRequest query = Read(Post("/chat/completions?chunks=2&gap_us=3&foo=1", "{}"), defaults);
  EXPECT_EQ(query.knobs.chunks, 2u);
  EXPECT_EQ(query.knobs.gap_us, 3u);
  EXPECT_EQ(query.knobs.delay_us, 7u);
  const MockRequest header =
      Read(Post("/chat/completions", "{}", "X-Bench: chunks=4, delay_us=1\r\n"), defaults);
  EXPECT_EQ(header.knobs.chunks, 4u);
  EXPECT_EQ(header.knobs.gap_us, 8u);
  EXPECT_EQ(header.knobs.delay_us, 1u);
}

TEST(MockRequestTest, LengthOfTheAnswerCanComeFromMaxTokens) {
  Knobs knobs;
  ASSERT_TRUE(SetKnob(knobs, "chunks", "max_tokens"));
  EXPECT_EQ(Read(Post("/chat/completions", R"({"max_tokens": 217,"stream":true})"), knobs).max_tokens, 217u);
  EXPECT_EQ(Read(Post("/chat/completions", R"({"stream":true})"), knobs).max_tokens, 0u);
  ASSERT_TRUE(SetKnob(knobs, "chunks", "5"));
  EXPECT_FALSE(knobs.chunks_from_max_tokens);
}

TEST(MockRequestTest, WrongKnobsLeaveThemAsTheyWere) {
  Knobs knobs{.chunks = 3};
  EXPECT_FALSE(SetKnob(knobs, "chunks", "many"));
  EXPECT_FALSE(SetKnob(knobs, "chunks", "-1"));
  EXPECT_FALSE(SetKnob(knobs, "colour", "1"));
  EXPECT_EQ(knobs.chunks, 3u);
}

TEST(MockRequestTest, ChunkedBodyIsJoined) {
  const std::string text =
      "POST /chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
      "8\r\n{\"stream\r\n7\r\n\":true}\r\n0\r\n\r\n";
  const MockRequest request = Read(text);
  EXPECT_TRUE(request.stream);
  EXPECT_EQ(request.bytes, text.size());
}

TEST(MockRequestTest, EveryPrefixIsIncomplete) {
  for (const std::string& text :
       {Post("/chat/completions", R"({"stream":true})"),
        std::string("POST /chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
                    "2\r\n{}\r\n0\r\n\r\n")}) {
    for (std::size_t length = 0; length < text.size(); ++length) {
      MockRequest request;
      ASSERT_EQ(ReadRequest(text.substr(0, length), {}, request), ReadOutcome::kIncomplete) << length;
    }
  }
}

TEST(MockRequestTest, SecondRequestInTheSameBytesIsLeft) {
  const std::string first = Post("/chat/completions", "{}");
  EXPECT_EQ(Read(first + first).bytes, first.size());
}

TEST(MockRequestTest, NonsenseIsBroken) {
  MockRequest request;
  for (const std::string_view text :
       {"hello\r\n\r\n", "GET  HTTP/1.1\r\nno colon\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_EQ(ReadRequest(text, {}, request), ReadOutcome::kBroken) << text;
  }
}

TEST(MockRequestTest, ConnectionCloseIsHeeded) {
  EXPECT_TRUE(Read("GET / HTTP/1.1\r\n\r\n").keep_alive);
  EXPECT_FALSE(Read("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").keep_alive);
  EXPECT_FALSE(Read("GET / HTTP/1.0\r\n\r\n").keep_alive);
}

}  // namespace
}  // namespace bench
