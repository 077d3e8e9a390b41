#include "wire/request_extent.h"

#include <gtest/gtest.h>

namespace wire {
namespace {

using chat::Operation;

RequestExtent Read(Operation operation, const std::string& body) {
  const auto request = ParseRequest(operation, body);
  EXPECT_TRUE(request) << body;
  return ReadExtent(*request);
}

RequestExtent OfPart(const std::string& part) {
  return Read(Operation::kChat, R"({"model":"m","messages":[{"role":"user","content":[)" + part + "]}]}");
}

RequestExtent OfTools(Operation operation, const std::string& tools, const std::string& more = "") {
  return Read(operation, R"({"model":"m","max_tokens":9,"tools":)" + tools + more + "}");
}

TEST(RequestExtentTest, TextIsBoundByItsBytes) {
  const RequestExtent extent = Read(
      Operation::kChat,
      R"({"model":"m","messages":[{"role":"system","content":"a"},{"role":"user","content":[{"type":"text",)"
      R"("text":"b"}]},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f",)"
      R"("arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"4"}]})");
  EXPECT_EQ(extent.images, 0);
  EXPECT_FALSE(extent.reads_elsewhere);
  EXPECT_FALSE(extent.tools);
  EXPECT_EQ(extent.own_tool_uses, 0);
  EXPECT_EQ(extent.answers, 1);
  EXPECT_FALSE(extent.other_output);
}

TEST(RequestExtentTest, PicturesAreCountedAndTheirBytesAreNotText) {
  const std::string picture = R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}})";
  const RequestExtent extent = OfPart(picture + "," + picture + R"(,{"type":"text","text":"?"})");
  EXPECT_EQ(extent.images, 2);
  EXPECT_EQ(extent.image_bytes, 2 * picture.size());
  EXPECT_FALSE(extent.reads_elsewhere);
  EXPECT_EQ(OfPart(R"({"type":"im\u0061ge_url","image_url":{}})").images, 1);
  EXPECT_FALSE(extent.sounds);
  EXPECT_TRUE(OfPart(R"({"type":"input_audio","input_audio":{"data":"AA","format":"wav"}})").sounds);
}

TEST(RequestExtentTest, PicturesThatAToolReturnedCountToo) {
  const RequestExtent extent =
      Read(Operation::kMessages,
           R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_result",)"
           R"("tool_use_id":"1","content":[{"type":"image","source":{"type":"base64","data":"AA"}}]}]}]})");
  EXPECT_EQ(extent.images, 1);
  EXPECT_FALSE(extent.reads_elsewhere);
}

TEST(RequestExtentTest, WhatIsNotKnownToBeTextIsNotBoundByItsBytes) {
  for (const char* part : {R"({"type":"file","file":{"file_id":"f"}})", R"({"type":"hologram"})", R"({})",
                           R"({"text":"no type"})", R"({"type":"text","type":"file"})", R"({"type":5})"}) {
    EXPECT_TRUE(OfPart(part).reads_elsewhere) << part;
  }
  for (const char* body : {R"({"model":"m","messages":[{"role":"assistant","audio":{"id":"a"}}]})",
                           R"({"model":"m","messages":[{"type":"of tomorrow","role":"user"}]})"}) {
    EXPECT_TRUE(Read(Operation::kChat, body).reads_elsewhere) << body;
  }
  for (const char* body : {R"({"model":"m","input":"x","previous_response_id":"r"})",
                           R"({"model":"m","input":"x","conversation":"c"})",
                           R"({"model":"m","prompt":{"id":"p"}})", R"({"model":"m","input":[{"id":"y"}]})",
                           R"({"model":"m","input":[{"type":"item_reference","id":"y"}]})"}) {
    EXPECT_TRUE(Read(Operation::kResponses, body).reads_elsewhere) << body;
  }
}

TEST(RequestExtentTest, ADocumentIsTextOnlyWhereItIsWrittenOut) {
  const auto of_source = [](const std::string& source) {
    return Read(Operation::kMessages,
                R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document",)"
                R"("source":)" +
                    source + "}]}]}");
  };
  EXPECT_FALSE(of_source(R"({"type":"text","data":"a"})").reads_elsewhere);
  EXPECT_FALSE(of_source(R"({"type":"content","content":[{"type":"text","text":"a"}]})").reads_elsewhere);
  EXPECT_TRUE(of_source(R"({"type":"base64","data":"AA"})").reads_elsewhere);
  EXPECT_TRUE(of_source(R"(null)").reads_elsewhere);
}

TEST(RequestExtentTest, ToolsOfTheCallerAreTextAndThoseOfTheProviderRunTheModelAgain) {
  EXPECT_EQ(OfTools(Operation::kChat, R"([{"type":"function","function":{}}])").own_tool_uses, 0);
  EXPECT_EQ(OfTools(Operation::kMessages, R"([{"name":"f","input_schema":{}}])").own_tool_uses, 0);
  const RequestExtent known = OfTools(Operation::kMessages, R"([{"type":"bash_20250124","name":"bash"}])");
  EXPECT_EQ(known.known_tools, 1);
  EXPECT_EQ(known.own_tool_uses, 0);
  EXPECT_TRUE(known.tools);
  EXPECT_EQ(OfTools(Operation::kMessages, R"([{"type":"web_search_20250305","max_uses":3}])").own_tool_uses,
            3);
  EXPECT_EQ(OfTools(Operation::kMessages, R"([{"type":"web_search_20250305"}])").own_tool_uses, std::nullopt);
  EXPECT_EQ(OfTools(Operation::kResponses, R"([{"type":"mcp"}])").own_tool_uses, std::nullopt);
  EXPECT_EQ(OfTools(Operation::kResponses, R"([{"type":"mcp"}])", R"(,"max_tool_calls":4)").own_tool_uses, 4);
  EXPECT_EQ(OfTools(Operation::kMessages, "[]", R"(,"mcp_servers":[{"url":"u"}])").own_tool_uses,
            std::nullopt);
  EXPECT_EQ(OfTools(Operation::kChat, "[]", R"(,"web_search_options":{})").own_tool_uses, 1);
}

TEST(RequestExtentTest, EachAnswerToEachPromptCounts) {
  EXPECT_EQ(Read(Operation::kChat, R"({"model":"m","n":3})").answers, 3);
  EXPECT_EQ(Read(Operation::kCompletion, R"({"model":"m","prompt":"a","n":2,"best_of":5})").answers, 5);
  EXPECT_EQ(Read(Operation::kCompletion, R"({"model":"m","prompt":["a","b"],"n":2})").answers, 4);
  EXPECT_EQ(Read(Operation::kCompletion, R"({"model":"m","prompt":[1,2,3]})").answers, 1);
  EXPECT_EQ(Read(Operation::kCompletion, R"({"model":"m","prompt":[[1,2],[3]]})").answers, 2);
  EXPECT_EQ(Read(Operation::kChat, R"({"model":"m","n":9223372036854775807})").answers, INT64_MAX);
}

TEST(RequestExtentTest, WhatElseDecidesAboutTheCostIsRead) {
  const RequestExtent extent =
      Read(Operation::kChat,
           R"({"model":"m","service_tier":"fl\u0065x","modalities":["text","audio"],"prediction":{"a":1}})");
  EXPECT_EQ(extent.service_tier, "flex");
  EXPECT_TRUE(extent.other_output);
  EXPECT_EQ(extent.prediction_bytes, 7);
  const auto messages = [](const std::string& more) {
    return Read(Operation::kMessages, R"({"model":"m","max_tokens":5)" + more + "}");
  };
  EXPECT_EQ(messages(R"(,"service_tier":"standard_only")").service_tier, "");
  EXPECT_EQ(messages(R"(,"inference_geo":"us","speed":"fast","service_tier":"auto")").service_tier,
            "fast-us");
  EXPECT_EQ(messages(R"(,"inference_geo":"global","speed":"standard")").service_tier, "");
  EXPECT_EQ(messages(R"(,"thinking":{"type":"enabled","budget_tokens":2048})").thinking_budget, 2'048);
  EXPECT_FALSE(messages(R"(,"system":[{"type":"text","text":"x","cache_control":{}}])").long_cache);
  EXPECT_TRUE(messages(R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})").long_cache);
  EXPECT_TRUE(messages(R"(,"cache_control":{"type":"ephemeral","\u0074tl":"1h"})").long_cache);
}

}  // namespace
}  // namespace wire
