#include "gateway/forward.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace gateway {
namespace {

net::Fields With(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  net::Fields fields;
  for (const auto& [name, value] : list) fields.Add({name, value});
  return fields;
}

constexpr std::string_view kJsonType = "content-type: application/json\r\n";

// What RequestFields gives for fields without a type, beside the type that it adds.
std::string BesideType(const net::Fields& fields, std::string_view traceparent = "") {
  std::string text(RequestFields(fields, traceparent));
  const std::size_t type = text.find(kJsonType);
  return type == std::string::npos ? "no type: " + text : text.erase(type, kJsonType.size());
}

bool Passes(std::string_view name) {
  return !BesideType(With({{name, "v"}})).empty();
}

bool ComesBack(std::string_view name) {
  base::BlockString out;
  AppendResponseFields(With({{name, "v"}}), out);
  return !out.empty();
}

constexpr std::string_view kConnectionOnly[] = {"connection",
                                                "keep-alive",
                                                "proxy-connection",
                                                "proxy-authenticate",
                                                "proxy-authorization",
                                                "te",
                                                "trailer",
                                                "upgrade",
                                                "transfer-encoding",
                                                "content-length",
                                                "http2-settings",
                                                "proxy-status"};

TEST(ForwardTest, WhatConcernsOneConnectionStopsInBothDirections) {
  for (const std::string_view name : kConnectionOnly) {
    EXPECT_FALSE(Passes(name)) << name;
    EXPECT_FALSE(ComesBack(name)) << name;
  }
}

TEST(ForwardTest, CredentialsAndCookiesOfTheClientStop) {
  for (const std::string_view name :
       {"authorization", "x-api-key", "api-key", "cookie", "cookie2", "x-auth-token", "x-goog-api-key"}) {
    EXPECT_FALSE(Passes(name)) << name;
  }
}

TEST(ForwardTest, WhatTellsWhereTheClientIsStops) {
  for (const std::string_view name :
       {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "via", "x-real-ip",
        "cf-connecting-ip", "cf-ray", "true-client-ip", "x-client-ip", "origin", "referer", "sec-fetch-mode",
        "sec-ch-ua", "dnt"}) {
    EXPECT_FALSE(Passes(name)) << name;
  }
}

TEST(ForwardTest, FramingAndOurOwnFieldsStop) {
  for (const std::string_view name :
       {"host", "expect", "accept-encoding", "x-sluice-deadline", "x-sluice-anything"}) {
    EXPECT_FALSE(Passes(name)) << name;
  }
}

TEST(ForwardTest, NamesAreComparedWithoutRegardToCase) {
  for (const std::string_view name : {"AUTHORIZATION", "X-Sluice-Tags", "Cookie", "Transfer-ENCODING"}) {
    EXPECT_FALSE(Passes(name)) << name;
  }
}

TEST(ForwardTest, WhatIsNotKnownPasses) {
  for (const std::string_view name :
       {"accept", "user-agent", "openai-beta", "idempotency-key", "x-stainless-lang", "x-request-id",
        "tracestate", "x-sluic", "authorization2", "x-brand-new"}) {
    EXPECT_TRUE(Passes(name)) << name;
    EXPECT_TRUE(ComesBack(name)) << name;
  }
}

TEST(ForwardTest, FieldsThatConnectionNamesStopWithIt) {
  const net::Fields fields = With({{"connection", "close, X-Hop ,x-other"},
                                   {"x-hop", "1"},
                                   {"Connection", "x-third"},
                                   {"X-OTHER", "2"},
                                   {"x-third", "3"},
                                   {"x-kept", "4"}});
  EXPECT_EQ(BesideType(fields), "x-kept: 4\r\n");
  base::BlockString out;
  AppendResponseFields(fields, out);
  EXPECT_EQ(out, "x-kept: 4\r\n");
}

TEST(ForwardTest, OrderSpellingAndRepetitionAreKept) {
  EXPECT_EQ(BesideType(With({{"X-B", "2"}, {"x-a", "1"}, {"X-B", "3"}, {"x-empty", ""}})),
            "X-B: 2\r\nx-a: 1\r\nX-B: 3\r\nx-empty: \r\n");
}

TEST(ForwardTest, OurTraceparentReplacesTheClients) {
  const net::Fields fields = With({{"Traceparent", "theirs"}, {"tracestate", "s"}});
  EXPECT_EQ(BesideType(fields, "ours"), "tracestate: s\r\ntraceparent: ours\r\n");
  EXPECT_EQ(BesideType(fields), "Traceparent: theirs\r\ntracestate: s\r\n");
  EXPECT_EQ(BesideType(With({}), "ours"), "traceparent: ours\r\n");
}

TEST(ForwardTest, BodyIsCalledJsonWhateverTheClientCallsIt) {
  for (const std::string type : {"application/json", "application/json; charset=utf-8", "Application/JSON"}) {
    EXPECT_EQ(std::string(RequestFields(With({{"Content-Type", type}}), "")),
              "Content-Type: " + type + "\r\n");
  }
  for (const std::string_view type :
       {"application/x-www-form-urlencoded", "text/plain;charset=UTF-8", "application/jsonl", ""}) {
    EXPECT_EQ(BesideType(With({{"Content-Type", type}, {"x-a", "1"}})), "x-a: 1\r\n");
  }
  EXPECT_EQ(RequestFields(With({}), ""), kJsonType);
  const net::Fields twice = With({{"content-type", "application/json"}, {"content-type", "text/plain"}});
  EXPECT_EQ(RequestFields(twice, ""), kJsonType);
}

TEST(ForwardTest, WhatBindsTheClientToTheProvidersHostStops) {
  for (const std::string_view name :
       {"set-cookie", "Set-Cookie2", "date", "server", "alt-svc", "strict-transport-security", "via",
        "x-sluice-model", "X-Sluice-Rung"}) {
    EXPECT_FALSE(ComesBack(name)) << name;
  }
}

TEST(ForwardTest, LimitsIdsAndTypesOfTheProviderComeBack) {
  for (const std::string_view name :
       {"content-type", "x-ratelimit-remaining-requests", "retry-after", "openai-processing-ms",
        "x-request-id", "cache-control", "x-should-retry"}) {
    EXPECT_TRUE(ComesBack(name)) << name;
  }
}

TEST(ForwardTest, AnswerFieldsAreAppended) {
  base::BlockString out = "x-sluice-model: a/b\r\n";
  AppendResponseFields(With({{"x-a", "1"}, {"x-sluice-model", "forged"}}), out);
  EXPECT_EQ(out, "x-sluice-model: a/b\r\nx-a: 1\r\n");
}

TEST(ForwardTest, WhatIsTranslatedLosesItsOwnApisFieldsAndGetsTheOthers) {
  const base::BlockString own = RequestFields(With({{"Anthropic-Version", "2026-10-21"},
                                                    {"anthropic-beta", "x"},
                                                    {"OpenAI-Organization", "org"},
                                                    {"x-stainless-lang", "python"},
                                                    {"idempotency-key", "k"},
                                                    {"content-type", "application/json"}}),
                                              "");
  constexpr auto kOf = chat::Dialect::kAnthropic;
  EXPECT_EQ(TranslatedFields(own, kOf, chat::Operation::kChat),
            "idempotency-key: k\r\ncontent-type: application/json\r\n");
  EXPECT_EQ(TranslatedFields(own, chat::Dialect::kOpenai, chat::Operation::kMessages),
            "idempotency-key: k\r\ncontent-type: application/json\r\nanthropic-version: 2023-06-01\r\n");
  EXPECT_EQ(LostFields(own, kOf, chat::Operation::kChat),
            (std::vector<std::string>{"anthropic-beta", "openai-organization"}));
}

TEST(ForwardTest, AnAccountIsNamedToEachApiOfItsMaker) {
  const base::BlockString own =
      RequestFields(With({{"OpenAI-Project", "p"}, {"openai-beta", "responses=v1"}}), "");
  EXPECT_EQ(TranslatedFields(own, chat::Dialect::kResponses, chat::Operation::kChat),
            "OpenAI-Project: p\r\ncontent-type: application/json\r\n");
  EXPECT_EQ(LostFields(own, chat::Dialect::kResponses, chat::Operation::kChat),
            std::vector<std::string>{"openai-beta"});
}

TEST(ForwardTest, ATranslatedAnswerHasTheRequestIdUnderTheNameOfItsReader) {
  const net::Fields fields = With({{"Request-Id", "r1"},
                                   {"content-type", "text/plain"},
                                   {"Content-Encoding", "identity"},
                                   {"anthropic-ratelimit-requests-limit", "5"},
                                   {"retry-after", "2"}});
  base::BlockString out;
  AppendTranslatedFields(fields, chat::Dialect::kOpenai, out);
  EXPECT_EQ(out, "x-request-id: r1\r\nretry-after: 2\r\n");
  out.clear();
  AppendTranslatedFields(With({{"x-request-id", "r2"}, {"openai-processing-ms", "3"}}),
                         chat::Dialect::kAnthropic, out);
  EXPECT_EQ(out, "request-id: r2\r\n");
}

}  // namespace
}  // namespace gateway
