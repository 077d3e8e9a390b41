#include "bench/http_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace bench {
namespace {

using State = HttpReader::State;

struct Body {
  std::string text;
  std::size_t taken = 0;
};

Body Read(HttpReader& reader, std::string_view bytes) {
  Body body;
  body.taken = reader.Feed(bytes, [&](std::string_view piece) { body.text += piece; });
  return body;
}

constexpr std::string_view kLength = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nx-trailer: "
    "1\r\n\r\n";

TEST(HttpReaderTest, LengthEndsTheAnswer) {
  HttpReader reader;
  EXPECT_EQ(Read(reader, kLength).text, "hello");
  EXPECT_EQ(reader.state(), State::kComplete);
  EXPECT_EQ(reader.status(), 200);
  EXPECT_TRUE(reader.keep_alive());
  EXPECT_EQ(reader.body_bytes(), 5u);
}

TEST(HttpReaderTest, LastChunkAndItsTrailersEndTheAnswer) {
  HttpReader reader;
  EXPECT_EQ(Read(reader, kChunked).text, "hello");
  EXPECT_EQ(reader.state(), State::kComplete);
}

TEST(HttpReaderTest, CutAtEveryByteGivesTheSame) {
  for (const std::string_view answer : {kLength, kChunked}) {
    for (std::size_t cut = 0; cut < answer.size(); ++cut) {
      HttpReader reader;
      std::string body = Read(reader, answer.substr(0, cut)).text;
      ASSERT_NE(reader.state(), State::kComplete) << cut;
      body += Read(reader, answer.substr(cut)).text;
      ASSERT_EQ(body, "hello") << cut;
      ASSERT_EQ(reader.state(), State::kComplete) << cut;
    }
  }
}

TEST(HttpReaderTest, OneByteAtATimeGivesTheSame) {
  for (const std::string_view answer : {kLength, kChunked}) {
    HttpReader reader;
    std::string body;
    for (const char c : answer) body += Read(reader, {&c, 1}).text;
    EXPECT_EQ(body, "hello");
    EXPECT_EQ(reader.state(), State::kComplete);
  }
}

TEST(HttpReaderTest, BytesAfterTheAnswerAreLeft) {
  HttpReader reader;
  const std::string two = std::string(kLength) + "HTTP";
  EXPECT_EQ(Read(reader, two).taken, kLength.size());
}

TEST(HttpReaderTest, AnswerWithoutLengthEndsWithTheConnection) {
  HttpReader reader;
  EXPECT_EQ(Read(reader, "HTTP/1.1 200 OK\r\n\r\nhello").text, "hello");
  EXPECT_EQ(reader.state(), State::kBody);
  EXPECT_FALSE(reader.keep_alive());
  EXPECT_TRUE(reader.End());
  EXPECT_EQ(reader.state(), State::kComplete);
}

TEST(HttpReaderTest, EndInsideALengthOrAChunkIsNoEnd) {
  for (const std::string_view answer : {kLength, kChunked}) {
    HttpReader reader;
    Read(reader, answer.substr(0, answer.size() - 1));
    EXPECT_FALSE(reader.End());
  }
  HttpReader nothing;
  EXPECT_FALSE(nothing.End());
  EXPECT_FALSE(nothing.started());
}

TEST(HttpReaderTest, AnswersWithoutABodyAreCompleteAfterTheHead) {
  for (const std::string_view answer :
       {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n"}) {
    HttpReader reader;
    Read(reader, answer);
    EXPECT_EQ(reader.state(), State::kComplete) << answer;
  }
}

TEST(HttpReaderTest, InterimAnswerIsFollowedByTheRealOne) {
  HttpReader reader;
  EXPECT_EQ(Read(reader, "HTTP/1.1 100 Continue\r\n\r\n" + std::string(kLength)).text, "hello");
  EXPECT_EQ(reader.status(), 200);
}

TEST(HttpReaderTest, ConnectionCloseAndOldVersionAreHeeded) {
  HttpReader close;
  Read(close, "HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 1\r\n\r\nx");
  EXPECT_FALSE(close.keep_alive());
  HttpReader old;
  Read(old, "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx");
  EXPECT_FALSE(old.keep_alive());
}

TEST(HttpReaderTest, WhatIsNotHttpIsBroken) {
  for (const std::string_view answer :
       {"SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n"}) {
    HttpReader reader;
    Read(reader, answer);
    EXPECT_EQ(reader.state(), State::kBroken) << answer;
  }
}

TEST(HttpReaderTest, BadChunkSizesAreBroken) {
  for (const std::string_view chunk :
       {"x\r\n", "\r\n", "-1\r\n", "0x1\r\n", "3\nabc", "3\r\nabcd\r\n", "fffffffffffffffff\r\n"}) {
    HttpReader reader;
    Read(reader, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + std::string(chunk));
    EXPECT_EQ(reader.state(), State::kBroken) << chunk;
  }
}

TEST(HttpReaderTest, EndlessHeadIsBroken) {
  HttpReader reader;
  Read(reader, "HTTP/1.1 200 OK\r\n");
  const std::string field = "x-field: " + std::string(1'000, 'x') + "\r\n";
  for (int i = 0; i < 100; ++i) Read(reader, field);
  EXPECT_EQ(reader.state(), State::kBroken);
}

TEST(HttpReaderTest, ResetMakesItReadyForTheNextAnswer) {
  HttpReader reader;
  Read(reader, "HTTP/1.1 500 Oops\r\nconnection: close\r\n");
  reader.Reset();
  EXPECT_EQ(Read(reader, kChunked).text, "hello");
  EXPECT_EQ(reader.status(), 200);
  EXPECT_TRUE(reader.keep_alive());
}

}  // namespace
}  // namespace bench
