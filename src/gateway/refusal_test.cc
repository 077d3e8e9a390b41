#include "gateway/refusal.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wire/json_scanner.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kOpenai = chat::Dialect::kOpenai;
constexpr auto kAnthropic = chat::Dialect::kAnthropic;

struct Row {
  Refusal refusal;
  int status;
  std::string_view code;
  bool should_retry;
};

// The public contract: official clients decide by these whether they ask again.
constexpr std::array<Row, 14> kTable = {{
    {Refusal::kInvalidApiKey, 401, "invalid_api_key", false},
    {Refusal::kModelNotAllowed, 403, "model_not_allowed", false},
    {Refusal::kNetworkNotAllowed, 403, "network_not_allowed", false},
    {Refusal::kInvalidRequest, 400, "invalid_request", false},
    {Refusal::kModelNotFound, 404, "model_not_found", false},
    {Refusal::kUnknownPath, 404, "not_found", false},
    {Refusal::kWrongMethod, 405, "method_not_allowed", false},
    {Refusal::kBodyTooLarge, 413, "too_large", false},
    {Refusal::kHeadTooLarge, 431, "too_large", false},
    {Refusal::kTooSlow, 408, "request_timeout", true},
    {Refusal::kRateLimited, 429, "rate_limited", true},
    {Refusal::kUpstreamError, 502, "upstream_error", true},
    {Refusal::kDeadlineExceeded, 504, "deadline_exceeded", false},
    {Refusal::kUnavailable, 503, "unavailable", true},
}};

// The members of {"error":{...}} by name, as they stand in the text.
std::string Member(std::string_view body, std::string_view name) {
  wire::JsonCursor cursor(body);
  std::string found = "absent";
  EXPECT_TRUE(cursor.EnterObject());
  while (cursor.NextMember()) {
    EXPECT_TRUE(cursor.KeyIs("error"));
    EXPECT_TRUE(cursor.EnterObject());
    while (cursor.NextMember()) {
      if (cursor.KeyIs(name)) found = cursor.Take().raw;
    }
  }
  EXPECT_TRUE(cursor.End());
  return found;
}

TEST(RefusalTest, EveryCaseHasItsStatusCodeAndAdviceToRetry) {
  for (const Row& row : kTable) {
    const RefusalFacts facts = FactsOf(row.refusal);
    EXPECT_EQ(facts.status, row.status) << row.code;
    EXPECT_EQ(facts.code, row.code);
    EXPECT_EQ(facts.should_retry, row.should_retry) << row.code;
    EXPECT_FALSE(facts.type.empty()) << row.code;
  }
}

TEST(RefusalTest, BodyIsAnErrorOfTheOpenAiDialect) {
  for (const Row& row : kTable) {
    const RefusalText text{.refusal = row.refusal, .message = "say \"please\"\n"};
    const std::string body = text.Body(kOpenai, "req_1");
    EXPECT_EQ(Member(body, "message"), R"("say \"please\"\n")");
    EXPECT_EQ(Member(body, "code"), '"' + std::string(row.code) + '"');
    EXPECT_EQ(Member(body, "type"), '"' + std::string(FactsOf(row.refusal).type) + '"');
    EXPECT_EQ(Member(body, "param"), "null");
  }
}

TEST(RefusalTest, BodyInTheAnthropicDialectHasItsTypesAndOurCode) {
  const auto body = [](Refusal refusal) {
    return RefusalText{.refusal = refusal, .message = "m"}.Body(kAnthropic, "req_1");
  };
  const auto said = [](std::string type, std::string code) {
    return R"({"type":"error","error":{"type":")" + type + R"(","message":"m","code":")" + code +
           R"("},"request_id":"req_1"})";
  };
  EXPECT_EQ(body(Refusal::kInvalidApiKey), said("authentication_error", "invalid_api_key"));
  EXPECT_EQ(body(Refusal::kModelNotAllowed), said("permission_error", "model_not_allowed"));
  EXPECT_EQ(body(Refusal::kInvalidRequest), said("invalid_request_error", "invalid_request"));
  EXPECT_EQ(body(Refusal::kModelNotFound), said("not_found_error", "model_not_found"));
  EXPECT_EQ(body(Refusal::kUnknownPath), said("not_found_error", "not_found"));
  EXPECT_EQ(body(Refusal::kWrongMethod), said("invalid_request_error", "method_not_allowed"));
  EXPECT_EQ(body(Refusal::kBodyTooLarge), said("request_too_large", "too_large"));
  EXPECT_EQ(body(Refusal::kHeadTooLarge), said("request_too_large", "too_large"));
  EXPECT_EQ(body(Refusal::kTooSlow), said("timeout_error", "request_timeout"));
  EXPECT_EQ(body(Refusal::kRateLimited), said("rate_limit_error", "rate_limited"));
  EXPECT_EQ(body(Refusal::kUpstreamError), said("api_error", "upstream_error"));
  EXPECT_EQ(body(Refusal::kDeadlineExceeded), said("timeout_error", "deadline_exceeded"));
  EXPECT_EQ(body(Refusal::kUnavailable), said("overloaded_error", "unavailable"));
}

TEST(RefusalTest, TypeInTheAnthropicDialectFollowsTheStatusThatIsSent) {
  const RefusalText text{.refusal = Refusal::kUpstreamError, .message = "m", .status = 529};
  EXPECT_EQ(
      text.Event(kAnthropic, "req_1", 0),
      "event: error\ndata: "
      R"({"type":"error","error":{"type":"overloaded_error","message":"m","code":"upstream_error"},"request_id":"req_1"})"
      "\n\n");
}

TEST(RefusalTest, BodyMayNameTheParameter) {
  const RefusalText text{.refusal = Refusal::kModelNotFound, .message = "m", .param = "model"};
  EXPECT_EQ(Member(text.Body(kOpenai, "req_1"), "param"), "\"model\"");
}

TEST(RefusalTest, MessageThatIsNotUtf8IsStillJson) {
  const RefusalText text{.refusal = Refusal::kUpstreamError, .message = "\xff\xc3("};
  EXPECT_TRUE(wire::ScanJson(text.Body(kOpenai, "req_1")));
}

TEST(RefusalTest, EventIsTheBodyAsOneEventOfAStream) {
  const RefusalText text{.refusal = Refusal::kUpstreamError, .message = "broke\noff"};
  EXPECT_EQ(text.Event(kOpenai, "req_1", 0), "data: " + text.Body(kOpenai, "req_1") + "\n\n");
  EXPECT_EQ(text.Body(kOpenai, "req_1").find('\n'), std::string::npos);
}

TEST(RefusalTest, FieldsSayWhatTheFactsSay) {
  EXPECT_EQ((RefusalText{.refusal = Refusal::kUnavailable, .message = ""}).Fields(),
            "content-type: application/json\r\nx-should-retry: true\r\n");
  EXPECT_EQ((RefusalText{.refusal = Refusal::kInvalidApiKey, .message = ""}).Fields(),
            "content-type: application/json\r\nx-should-retry: false\r\n");
}

TEST(RefusalTest, WhatAProviderSaidReplacesTheFacts) {
  const RefusalText text{
      .refusal = Refusal::kUpstreamError, .message = "", .status = 529, .should_retry = false};
  EXPECT_EQ(text.Status(), 529);
  EXPECT_NE(text.Fields().find("x-should-retry: false\r\n"), std::string::npos);
}

TEST(RefusalTest, RetryAfterIsWholeSecondsRoundedUpAndNeverZero) {
  const auto said = [](std::chrono::milliseconds wait) {
    const std::string fields =
        (RefusalText{.refusal = Refusal::kRateLimited, .message = "", .retry_after = wait}).Fields();
    const std::size_t at = fields.find("retry-after: ");
    return fields.substr(at + 13, fields.find("\r\n", at) - at - 13);
  };
  EXPECT_EQ(said(0ms), "1");
  EXPECT_EQ(said(1ms), "1");
  EXPECT_EQ(said(1000ms), "1");
  EXPECT_EQ(said(1001ms), "2");
  EXPECT_EQ(said(90s), "90");
}

TEST(RefusalTest, StatusOfAMessageThatNeverBecameARequestHasItsCase) {
  for (const int status : {400, 408, 413, 431, 503}) {
    EXPECT_EQ(FactsOf(RefusalOf(status)).status, status);
  }
  EXPECT_EQ(RefusalOf(418), Refusal::kInvalidRequest);
}

}  // namespace
}  // namespace gateway
