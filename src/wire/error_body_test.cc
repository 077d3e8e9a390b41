#include "wire/error_body.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/models_list.h"

namespace wire {
namespace {

constexpr auto kOpenai = chat::Dialect::kOpenai;
constexpr auto kAnthropic = chat::Dialect::kAnthropic;

TEST(ErrorBodyTest, IsWrittenInTheOpenAiShape) {
  EXPECT_EQ(
      WriteError(kOpenai,
                 {.message = "say \"please\"", .type = "invalid_request_error", .code = "invalid_request"}),
      R"({"error":{"message":"say \"please\"","type":"invalid_request_error","param":null,"code":"invalid_request"}})");
  EXPECT_EQ(WriteError(kOpenai, {.message = "m", .type = "t", .code = "c", .param = "model"}),
            R"({"error":{"message":"m","type":"t","param":"model","code":"c"}})");
}

TEST(ErrorBodyTest, AsAnEventItIsOneFrame) {
  EXPECT_EQ(WriteErrorEvent(kOpenai, {.message = "a\nb", .type = "t", .code = "c"}),
            "data: {\"error\":{\"message\":\"a\\nb\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}}\n\n");
}

TEST(ErrorBodyTest, AnEventOfResponsesIsNumberedAndSaysItAtItsTopToo) {
  constexpr auto kResponses = chat::Dialect::kResponses;
  const ErrorBody error{.message = "m", .type = "t", .code = "c", .sequence_number = 7};
  EXPECT_EQ(WriteError(kResponses, error), WriteError(kOpenai, error));
  EXPECT_EQ(WriteErrorEvent(kResponses, error),
            "event: error\ndata: "
            R"({"type":"error","code":"c","message":"m","param":null,"sequence_number":7,)"
            R"("error":{"message":"m","type":"t","param":null,"code":"c"}})"
            "\n\n");
}

TEST(ErrorBodyTest, IsWrittenInTheAnthropicShape) {
  const ErrorBody error{.message = "say \"please\"",
                        .type = "of the other dialect",
                        .code = "rate_limited",
                        .param = "model",
                        .status = 429,
                        .request_id = "req_1"};
  const std::string body =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"say \"please\"","code":"rate_limited"},"request_id":"req_1"})";
  EXPECT_EQ(WriteError(kAnthropic, error), body);
  EXPECT_EQ(WriteErrorEvent(kAnthropic, error), "event: error\ndata: " + body + "\n\n");
  EXPECT_TRUE(
      WriteError(kAnthropic, {.message = "", .type = "", .code = ""}).ends_with(R"("request_id":null})"));
}

TEST(ErrorBodyTest, StatusesWithoutAWordOfAnthropicsHaveTheOneOfTheirClass) {
  for (const auto& [status, type] : {std::pair(418, "invalid_request_error"),
                                     {402, "billing_error"},
                                     {500, "api_error"},
                                     {502, "api_error"},
                                     {529, "overloaded_error"}}) {
    EXPECT_NE(WriteError(kAnthropic, {.message = "", .type = "", .code = "", .status = status}).find(type),
              std::string::npos)
        << status;
  }
}

TEST(ErrorBodyTest, ProvidersErrorsAreRead) {
  const auto error = ReadProviderError(
      R"({"error":{"message":"Insufficient \u0042alance","type":"unknown_error","param":null,"code":"invalid_request_error"}})");
  EXPECT_EQ(error.message, "Insufficient Balance");
  EXPECT_EQ(error.type, "unknown_error");
  EXPECT_EQ(error.code, "invalid_request_error");
  EXPECT_EQ(ReadProviderError(R"({"error":{"code":429}})").code, "429");
  EXPECT_EQ(ReadProviderError(R"({"error":"just text"})").message, "just text");
  EXPECT_EQ(ReadProviderError(R"({"message":"flat","code":null})").message, "flat");
}

TEST(ErrorBodyTest, WhatIsNoErrorBodyGivesEmptyTexts) {
  for (const char* body : {"", "<html>busy</html>", "[]", "{}", R"({"error":null})", R"({"error":[1]})"}) {
    const auto error = ReadProviderError(body);
    EXPECT_EQ(error.message + error.type + error.code, "") << body;
  }
}

TEST(ErrorBodyTest, LongTextsAreCutBetweenCharacters) {
  std::string text = "x";
  while (text.size() < 3 * kErrorTextMax) text += "\xe4\xbd\xa0";
  const auto error = ReadProviderError(R"({"error":{"message":")" + text + "\"}}");
  EXPECT_EQ(error.message.size(), kErrorTextMax - 1);
  EXPECT_EQ(error.message, text.substr(0, kErrorTextMax - 1));
}

TEST(ErrorBodyTest, DeepNestingIsBounded) {
  std::string body;
  for (int i = 0; i < 100000; ++i) body += R"({"error":)";
  EXPECT_EQ(ReadProviderError(body).message, "");
}

TEST(ModelsListTest, IsWrittenInTheOpenAiShape) {
  const std::vector<ModelEntry> models = {{.id = "a", .owned_by = "sluice", .created = 7},
                                          {.id = "b\"", .owned_by = "x"}};
  EXPECT_EQ(WriteModel(kOpenai, models[0]), R"({"id":"a","object":"model","created":7,"owned_by":"sluice"})");
  EXPECT_EQ(
      WriteModelsList(kOpenai, models),
      R"({"object":"list","data":[{"id":"a","object":"model","created":7,"owned_by":"sluice"},{"id":"b\"","object":"model","created":0,"owned_by":"x"}]})");
  EXPECT_EQ(WriteModelsList(kOpenai, {}), R"({"object":"list","data":[]})");
}

TEST(ModelsListTest, IsWrittenInTheAnthropicShapeOnOnePage) {
  const std::vector<ModelEntry> models = {{.id = "a", .owned_by = "sluice", .created = 86'400},
                                          {.id = "b", .owned_by = "x"}};
  const std::string one =
      R"({"type":"model","id":"a","display_name":"a","created_at":"1970-01-02T00:00:00.000000Z","lifecycle":"active"})";
  EXPECT_EQ(WriteModel(kAnthropic, models[0]), one);
  EXPECT_EQ(WriteModelsList(kAnthropic, models), "{\"data\":[" + one + "," +
                                                     WriteModel(kAnthropic, models[1]) +
                                                     R"(],"has_more":false,"first_id":"a","last_id":"b"})");
  EXPECT_EQ(WriteModelsList(kAnthropic, {}),
            R"({"data":[],"has_more":false,"first_id":null,"last_id":null})");
}

}  // namespace
}  // namespace wire
