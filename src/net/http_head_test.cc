#include "net/http_head.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "net/header_text.h"

namespace net {
namespace {

using base::Code;
using Kind = BodyLength::Kind;

std::string Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'x':
        out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

// What a server does with these bytes: the parser is only ever given what FindHeadEnd has delimited.
base::Result<RequestHead> Read(std::string_view bytes) {
  const std::size_t end = FindHeadEnd(bytes, 0);
  EXPECT_GT(end, 0u) << "the head has no end";
  return ParseRequestHead(bytes.substr(0, end));
}

RequestHead Accepted(const std::string& bytes) {
  auto head = Read(bytes);
  EXPECT_TRUE(head.has_value()) << head.error().detail;
  return head ? *head : RequestHead();
}

ResponseHead Answer(std::string_view bytes, std::string_view method = "GET") {
  auto head = ParseResponseHead(bytes, method);
  EXPECT_TRUE(head.has_value()) << head.error().detail;
  return head ? *head : ResponseHead();
}

bool Refused(std::string_view answer) {
  return !ParseResponseHead(answer, "GET");
}

TEST(HttpHeadTest, KnownSmugglingClassesAreToldApart) {
  std::ifstream table(NET_TESTDATA "/smuggling.txt");
  ASSERT_TRUE(table);
  int rows = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    const std::string verdict = line.substr(0, first);
    const std::string name = line.substr(first + 1, second - first - 1);
    const auto head = Read(Unescape(std::string_view(line).substr(second + 1)));
    EXPECT_EQ(head ? "accept" : "refuse", verdict) << name;
    if (!head) {
      EXPECT_EQ(head.error().code, Code::kInvalid) << name;
    }
    ++rows;
  }
  EXPECT_GT(rows, 200);
}

TEST(HttpHeadTest, RequestIsReadExactly) {
  const std::string text =
      "POST /v1/chat?a=b?c&d HTTP/1.1\r\nHost: example.com:80\r\nX-One:\t 1 2 \t\r\nx-one: b\r\nEmpty:\r\n"
      "Content-Length: 12\r\n\r\n";
  const RequestHead head = Accepted(text);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/chat?a=b?c&d");
  EXPECT_EQ(head.path, "/v1/chat");
  EXPECT_EQ(head.query, "a=b?c&d");
  EXPECT_EQ(head.minor_version, 1);
  ASSERT_EQ(head.fields.size(), 5u);
  EXPECT_EQ(head.fields.begin()[1].name, "X-One");
  EXPECT_EQ(head.fields.begin()[1].value, "1 2");
  EXPECT_EQ(head.fields.Find("X-ONE"), "1 2");
  EXPECT_EQ(head.fields.Find("empty"), "");
  EXPECT_FALSE(head.fields.Find("x"));
  EXPECT_EQ(head.body.kind, Kind::kSized);
  EXPECT_EQ(head.body.bytes, 12u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expect_continue);
}

TEST(HttpHeadTest, TargetThatIsAUriNamesTheHostItself) {
  const std::string text = "GET http://one.example:8080/v1/models?a HTTP/1.1\r\nhost: two.example\r\n\r\n";
  const RequestHead head = Accepted(text);
  EXPECT_EQ(head.target, "http://one.example:8080/v1/models?a");
  EXPECT_EQ(head.host, "one.example:8080");
  EXPECT_EQ(head.path, "/v1/models");
  EXPECT_EQ(head.query, "a");
  EXPECT_EQ(Accepted("GET /v1 HTTP/1.1\r\nhost: two.example:1\r\n\r\n").host, "two.example:1");
}

TEST(HttpHeadTest, UriWithoutAPathAsksForTheRoot) {
  EXPECT_EQ(Accepted("GET https://a HTTP/1.1\r\nhost: a\r\n\r\n").path, "/");
  EXPECT_EQ(Accepted("OPTIONS http://a HTTP/1.1\r\nhost: a\r\n\r\n").path, "*");
  const std::string text = "GET http://a?b=/c HTTP/1.1\r\nhost: a\r\n\r\n";
  EXPECT_EQ(Accepted(text).path, "/");
  EXPECT_EQ(Accepted(text).query, "b=/c");
  EXPECT_EQ(Accepted("GET http://a/b HTTP/1.0\r\n\r\n").host, "a");
}

TEST(HttpHeadTest, RequestWithoutFramingHasNoBody) {
  EXPECT_EQ(Accepted("POST / HTTP/1.1\r\nhost: a\r\n\r\n").body.kind, Kind::kNone);
  EXPECT_EQ(Accepted("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n").body.kind,
            Kind::kChunked);
}

TEST(HttpHeadTest, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](const std::string& version, const std::string& connection) {
    return Accepted("GET / HTTP/" + version + "\r\nhost: a\r\nconnection: " + connection + "\r\n\r\n")
        .keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", "x"));
  EXPECT_TRUE(keeps("1.1", "keep-alive"));
  EXPECT_FALSE(keeps("1.1", "close"));
  EXPECT_FALSE(keeps("1.1", "x , CLOSE,"));
  EXPECT_FALSE(keeps("1.1", "keep-alive, close"));
  EXPECT_TRUE(keeps("1.1", "closed"));
  EXPECT_FALSE(keeps("1.0", "x"));
  EXPECT_TRUE(keeps("1.0", "Keep-Alive"));
  EXPECT_FALSE(
      Accepted("GET / HTTP/1.1\r\nhost: a\r\nconnection: x\r\nconnection: close\r\n\r\n").keep_alive);
}

TEST(HttpHeadTest, ExpectationCountsFromHttp11) {
  EXPECT_TRUE(Accepted("GET / HTTP/1.1\r\nhost: a\r\nexpect: 100-Continue\r\n\r\n").expect_continue);
  EXPECT_FALSE(Accepted("GET / HTTP/1.0\r\nhost: a\r\nexpect: 100-continue\r\n\r\n").expect_continue);
}

TEST(HttpHeadTest, TooManyFieldsAreTooLarge) {
  const std::string text = "GET / HTTP/1.1\r\nhost: a\r\nx: y\r\n\r\n";
  EXPECT_TRUE(ParseRequestHead(text, {.fields_max = 2}));
  EXPECT_EQ(ParseRequestHead(text, {.fields_max = 1}).error().code, Code::kTooLarge);
}

TEST(HttpHeadTest, BytesBehindTheHeadAreRefused) {
  EXPECT_FALSE(ParseRequestHead("GET / HTTP/1.1\r\nhost: a\r\n\r\nx"));
  EXPECT_FALSE(ParseRequestHead("GET / HTTP/1.1\r\nhost: a\r\n"));
  EXPECT_FALSE(ParseRequestHead(""));
}

TEST(HttpHeadTest, EndIsFoundWhereverTheSearchBegan) {
  const std::string text = "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /b HTTP/1.1\r\n\r\n";
  const std::size_t end = text.find("\r\n\r\n") + 4;
  for (std::size_t have = 0; have <= text.size(); ++have) {
    for (std::size_t searched = 0; searched <= std::min(have, end - 1); ++searched) {
      EXPECT_EQ(FindHeadEnd(std::string_view(text).substr(0, have), searched), have < end ? 0 : end)
          << have << " " << searched;
    }
  }
  EXPECT_EQ(FindHeadEnd("a\n\nb", 0), 3u);
  EXPECT_EQ(FindHeadEnd("a\r\n\r", 0), 0u);
}

// ---- answers

TEST(HttpHeadTest, AnswerIsReadExactly) {
  const auto head = Answer("HTTP/1.1 429 Too Many  Requests\r\nRetry-After: 3\r\nContent-Length: 7\r\n\r\n");
  EXPECT_EQ(head.status, 429);
  EXPECT_EQ(head.reason, "Too Many  Requests");
  EXPECT_EQ(head.fields.Find("retry-after"), "3");
  EXPECT_EQ(head.body.kind, Kind::kSized);
  EXPECT_EQ(head.body.bytes, 7u);
  EXPECT_TRUE(head.keep_alive);
}

TEST(HttpHeadTest, AnswerWithoutFramingEndsWithTheConnection) {
  const auto head = Answer("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(head.body.kind, Kind::kUntilClose);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(Answer("HTTP/1.0 200 OK\r\n\r\n").minor_version, 0);
}

TEST(HttpHeadTest, SomeAnswersNeverHaveABody) {
  for (const std::string status :
       {"101 Switching Protocols", "103 x", "204 No Content", "304 Not Modified"}) {
    const auto head = Answer("HTTP/1.1 " + status + "\r\ncontent-length: 5\r\n\r\n");
    EXPECT_EQ(head.body.kind, Kind::kNone) << status;
    EXPECT_EQ(head.keep_alive, head.status != 101) << status;
  }
  EXPECT_EQ(Answer("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", "HEAD").body.kind, Kind::kNone);
  EXPECT_EQ(Answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").body.kind, Kind::kChunked);
}

TEST(HttpHeadTest, ReasonMayBeMissing) {
  EXPECT_EQ(Answer("HTTP/1.1 200\r\n\r\n").status, 200);
  EXPECT_EQ(Answer("HTTP/1.1 200 \r\n\r\n").reason, "");
}

TEST(HttpHeadTest, MalformedAnswersAreRefused) {
  for (const std::string_view line :
       {"HTTP/1.1 20\r\n\r\n",
        "HTTP/1.1 2000\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 +20 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
        "HTTP/1.1\t200 OK\r\n\r\n",
        "HTTP/1.1 200 O\x01K\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "\r\n\r\n",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\n x: y\r\n\r\n",
        "x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx : y\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\n",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"}) {
    EXPECT_TRUE(Refused(line)) << line;
  }
}

// ---- the parts

TEST(HttpHeadTest, ListMembersAreTrimmedAndEmptyOnesLeftOut) {
  std::vector<std::string> members;
  ForEachListMember(" a ,, b\t,c d, ", [&](std::string_view member) { members.emplace_back(member); });
  EXPECT_EQ(members, (std::vector<std::string>{"a", "b", "c d"}));
}

TEST(HeaderTextTest, ControlCharactersNeverLeave) {
  HeaderText text;
  text.Add("a", "b\r\nc: d").Add("e", std::string_view("f\0g", 3)).Add("h", "\xe4 ok");
  EXPECT_EQ(text.view(), "a: b  c: d\r\ne: f g\r\nh: \xe4 ok\r\n");
}

}  // namespace
}  // namespace net
