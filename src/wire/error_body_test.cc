#include "wire/error_body.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/models_list.h"

namespace wire {
namespace {

TEST(ErrorBodyTest, IsWrittenInTheOpenAiShape) {
  EXPECT_EQ(
      WriteError({.message = "say \"please\"", .type = "invalid_request_error", .code = "invalid_request"}),
      R"({"error":{"message":"say \"please\"","type":"invalid_request_error","param":null,"code":"invalid_request"}})");
  EXPECT_EQ(WriteError({.message = "m", .type = "t", .code = "c", .param = "model"}),
            R"({"error":{"message":"m","type":"t","param":"model","code":"c"}})");
}

TEST(ErrorBodyTest, AsAnEventItIsOneFrame) {
  EXPECT_EQ(WriteErrorEvent({.message = "a\nb", .type = "t", .code = "c"}),
            "data: {\"error\":{\"message\":\"a\\nb\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}}\n\n");
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
  EXPECT_EQ(WriteModel(models[0]), R"({"id":"a","object":"model","created":7,"owned_by":"sluice"})");
  EXPECT_EQ(
      WriteModelsList(models),
      R"({"object":"list","data":[{"id":"a","object":"model","created":7,"owned_by":"sluice"},{"id":"b\"","object":"model","created":0,"owned_by":"x"}]})");
  EXPECT_EQ(WriteModelsList({}), R"({"object":"list","data":[]})");
}

}  // namespace
}  // namespace wire
