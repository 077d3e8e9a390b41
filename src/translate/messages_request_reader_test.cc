#include <gtest/gtest.h>

#include <string>

#include "translate/dialects_internal.h"
#include "translate/losses.h"

namespace translate {
namespace {

std::string With(std::string_view members) {
  return R"({"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}])" +
         (members.empty() ? "" : "," + std::string(members)) + "}";
}

// Fails the test and answers an empty request if `body` is refused. The body must outlive the request.
Request Read(std::string_view body) {
  auto request = ReadMessagesRequest(body);
  EXPECT_TRUE(request.has_value()) << request.error().detail;
  return request ? std::move(*request) : Request();
}

std::string Refusal(std::string_view body) {
  const auto request = ReadMessagesRequest(body);
  return request ? "accepted" : request.error().detail;
}

std::vector<std::string> OthersOf(std::string_view body) {
  const Request request = Read(body);
  std::vector<std::string> names;
  for (const std::string_view other : request.others) names.push_back(PathOf(body, other));
  return names;
}

using Names = std::vector<std::string>;

TEST(MessagesRequestReaderTest, PlainTextsAreTurnsOfOnePart) {
  const std::string body =
      R"({"model":"m","max_tokens":7,"system":"be \"brief\"","stream":true,"messages":[)"
      R"({"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"text","text":"yes?"}]}]})";
  const Request request = Read(body);
  EXPECT_EQ(request.operation, chat::Operation::kMessages);
  EXPECT_EQ(request.max_output, 7);
  EXPECT_TRUE(request.stream);
  ASSERT_EQ(request.turns.size(), 3U);
  EXPECT_EQ(request.turns[0].role, Role::kSystem);
  EXPECT_EQ(request.turns[0].parts[0].text.inside, R"(be \"brief\")");
  EXPECT_EQ(request.turns[1].role, Role::kUser);
  EXPECT_EQ(request.turns[1].parts[0].text.inside, "hi");
  EXPECT_EQ(request.turns[2].role, Role::kAssistant);
  EXPECT_EQ(request.turns[2].parts[0].text.inside, "yes?");
  EXPECT_TRUE(request.others.empty());
}

TEST(MessagesRequestReaderTest, ResultsOfToolsAreATurnOfTheirOwn) {
  const std::string body =
      R"({"messages":[{"role":"user","content":[)"
      R"({"type":"tool_result","tool_use_id":"a","content":"1"},)"
      R"({"type":"tool_result","tool_use_id":"b","is_error":true,"content":[{"type":"text","text":"x"}]},)"
      R"({"type":"text","text":"and?"}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"d"}]}]})";
  const Request request = Read(body);
  ASSERT_EQ(request.turns.size(), 3U);
  EXPECT_EQ(request.turns[0].role, Role::kTool);
  ASSERT_EQ(request.turns[0].parts.size(), 2U);
  EXPECT_EQ(request.turns[0].parts[0].id.inside, "a");
  EXPECT_EQ(request.turns[0].parts[0].inner[0].text.inside, "1");
  EXPECT_TRUE(request.turns[0].parts[1].failed);
  EXPECT_EQ(request.turns[1].role, Role::kUser);
  EXPECT_EQ(request.turns[2].role, Role::kTool);
  EXPECT_EQ(request.turns[2].parts.size(), 2U);
}

TEST(MessagesRequestReaderTest, BlocksAreReadWithEverythingTheySay) {
  const std::string body =
      R"({"messages":[{"role":"user","content":[)"
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="},"cache_control":{"type":"ephemeral","ttl":"1h"}},)"
      R"({"type":"image","source":{"type":"url","url":"https://x/y"}},)"
      R"({"type":"document","source":{"type":"file","file_id":"file_1"},"title":"t","context":"c","citations":{"enabled":true}},)"
      R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}}]},)"
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"sig"},)"
      R"({"type":"redacted_thinking","data":"xx"},{"type":"thinking","thinking":"","signature":"sluice.openai.rs_1.enc"},)"
      R"({"type":"text","text":"t","citations":[{"type":"char_location"}]},)"
      R"({"type":"tool_use","id":"i","name":"n","input":{"a":1},"caller":{"type":"direct"}}]}]})";
  const Request request = Read(body);
  ASSERT_EQ(request.turns.size(), 2U);
  const auto& user = request.turns[0].parts;
  EXPECT_EQ(user[0].media.source, Media::Source::kBase64);
  EXPECT_EQ(user[0].media.media_type.inside, "image/png");
  EXPECT_EQ(user[0].cache_raw, R"({"type":"ephemeral","ttl":"1h"})");
  EXPECT_EQ(user[1].media.url.inside, "https://x/y");
  EXPECT_EQ(user[2].media.file_id.inside, "file_1");
  EXPECT_EQ(user[2].media.filename.inside, "t");
  EXPECT_EQ(user[2].media.context.inside, "c");
  EXPECT_EQ(user[2].media.to_cite_raw, R"({"enabled":true})");
  EXPECT_EQ(user[3].media.source, Media::Source::kText);
  EXPECT_EQ(user[3].media.data.inside, "words");
  const auto& assistant = request.turns[1].parts;
  EXPECT_EQ(assistant[0].mind, Mind::kAnthropic);
  EXPECT_EQ(assistant[0].signature.inside, "sig");
  EXPECT_TRUE(assistant[1].redacted);
  EXPECT_EQ(assistant[2].mind, Mind::kOpenai);
  EXPECT_EQ(assistant[2].id.inside, "rs_1");
  EXPECT_EQ(assistant[3].citations_raw, R"([{"type":"char_location"}])");
  EXPECT_EQ(assistant[4].input_raw, R"({"a":1})");
  EXPECT_TRUE(request.others.empty());
}

TEST(MessagesRequestReaderTest, AThoughtWithoutASealIsNobodys) {
  const std::string body =
      R"({"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":""}]}]})";
  EXPECT_EQ(Read(body).turns[0].parts[0].mind, Mind::kNobody);
}

TEST(MessagesRequestReaderTest, BlocksThatOnlyMessagesKnowsAreToldWhole) {
  const std::string body = R"({"messages":[{"role":"user","content":[)"
                           R"({"type":"search_result","source":"s","title":"t","content":[],"odd":1},)"
                           R"({"type":"document","source":{"type":"content","content":"x"},"odd":1},)"
                           R"({"type":"container_upload","file_id":"f"}]}]})";
  const Request request = Read(body);
  ASSERT_EQ(request.turns[0].parts.size(), 3U);
  for (const Part& part : request.turns[0].parts) EXPECT_EQ(part.kind, Part::Kind::kOther);
  EXPECT_EQ(PathOf(body, request.turns[0].parts[1].raw), "messages[0].content[1]");
  EXPECT_TRUE(request.others.empty());
}

TEST(MessagesRequestReaderTest, AResultWithinAResultIsNotReadAnyDeeper) {
  const std::string body =
      R"({"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[)"
      R"({"type":"tool_result","tool_use_id":"u","content":[{"type":"text"}]}]}]}]})";
  EXPECT_EQ(Read(body).turns[0].parts[0].inner[0].kind, Part::Kind::kOther);
}

TEST(MessagesRequestReaderTest, MembersThatNobodyModelsAreNamedAtEveryDepth) {
  const std::string body =
      R"({"messages":[{"role":"user","odd":1,"content":[)"
      R"({"type":"image","source":{"type":"url","url":"u","odd":2},"transformations":{}},)"
      R"({"type":"text","text":"t","title":"not of a text","gone":null}]},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"i","name":"n","input":{},"caller":{"type":"code_execution_20250825"}}]}],)"
      R"("tools":[{"name":"t","input_schema":{},"input_examples":[{}]}],)"
      R"("container":"c","metadata":{"user_id":"u","odd":3},"output_config":{"task_budget":{}}})";
  EXPECT_EQ(OthersOf(body), (Names{"container", "messages[0].odd", "messages[0].content[0].transformations",
                                   "messages[0].content[0].source.odd", "messages[0].content[1].title",
                                   "messages[1].content[0].caller", "tools[0].input_examples",
                                   "output_config.task_budget", "metadata.odd"}));
}

TEST(MessagesRequestReaderTest, WhatMeansTheSameAsNothingIsNotNamed) {
  const std::string body = With(
      R"("service_tier":"auto","speed":"standard","mcp_servers":[],"container":null,"temperature":null,"tools":[)"
      R"({"type":"custom","name":"t","input_schema":{},"allowed_callers":["direct"],"defer_loading":false,"eager_input_streaming":false}])");
  const Request request = Read(body);
  EXPECT_TRUE(request.others.empty());
  EXPECT_TRUE(request.service_tier_raw.empty());
  EXPECT_TRUE(request.temperature_raw.empty());
}

TEST(MessagesRequestReaderTest, WhoMayCallAToolIsReadHoweverItIsLaidOut) {
  const auto others = [](std::string_view callers) {
    const std::string tool = R"("tools":[{"name":"t","input_schema":{},"allowed_callers":)";
    return Read(With(tool + std::string(callers) + "}]")).others.size();
  };
  EXPECT_EQ(others("[ \"direct\" ]"), 0U);
  EXPECT_EQ(others("[\n  \"direct\"\n]"), 0U);
  EXPECT_EQ(others(R"(["direct","code_execution_20250825"])"), 1U);
  EXPECT_EQ(others("[]"), 1U);
}

TEST(MessagesRequestReaderTest, WhatChangesNoAnswerIsAHint) {
  const std::string body = With(
      R"("diagnostics":{"previous_message_id":"msg_1"},"context_management":{"edits":[]},"speed":"fast",)"
      R"("tools":[{"name":"t","defer_loading":true,"eager_input_streaming":true}])");
  const Request request = Read(body);
  EXPECT_TRUE(request.others.empty());
  Names names;
  for (const std::string_view hint : request.hints) names.push_back(PathOf(body, hint));
  EXPECT_EQ(names, (Names{"tools[0].defer_loading", "tools[0].eager_input_streaming", "speed", "diagnostics",
                          "context_management"}));
}

TEST(MessagesRequestReaderTest, ToolsAndTheirChoice) {
  const std::string body = With(
      R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":true,"cache_control":{"type":"ephemeral"}},)"
      R"({"type":"web_search_20250305","name":"web_search","max_uses":3}],)"
      R"("tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true})");
  const Request request = Read(body);
  ASSERT_EQ(request.tools.size(), 2U);
  EXPECT_EQ(request.tools[0].kind, Tool::Kind::kFunction);
  EXPECT_EQ(request.tools[0].schema_raw, R"({"type":"object"})");
  EXPECT_EQ(request.tools[0].strict, true);
  EXPECT_FALSE(request.tools[0].cache_raw.empty());
  EXPECT_EQ(request.tools[1].kind, Tool::Kind::kServer);
  EXPECT_TRUE(request.others.empty()) << "a tool of the provider is told whole";
  EXPECT_EQ(request.tool_choice.kind, ToolChoice::Kind::kNamed);
  EXPECT_EQ(request.tool_choice.name.inside, "f");
  EXPECT_EQ(request.parallel_tools, false);
}

TEST(MessagesRequestReaderTest, ThinkingEffortAndShape) {
  const std::string body = With(
      R"("thinking":{"type":"enabled","budget_tokens":2048,"display":"omitted"},"metadata":{"user_id":"u"},)"
      R"("output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}},)"
      R"("stop_sequences":["a","b"],"top_k":5,"service_tier":"standard_only")");
  const Request request = Read(body);
  EXPECT_EQ(request.thinking.mode, Thinking::Mode::kOn);
  EXPECT_EQ(request.thinking.budget_tokens, 2048);
  EXPECT_EQ(request.thinking.summary.inside, "omitted");
  EXPECT_EQ(request.thinking.effort.inside, "high");
  EXPECT_EQ(request.format.kind, Format::Kind::kJsonSchema);
  EXPECT_EQ(request.format.schema_raw, R"({"type":"object"})");
  EXPECT_EQ(request.end_user.inside, "u");
  EXPECT_EQ(request.stop.size(), 2U);
  EXPECT_EQ(request.top_k_raw, "5");
  EXPECT_EQ(request.service_tier_raw, R"("standard_only")");
  const std::string off = With(R"("thinking":{"type":"between_tools"})");
  EXPECT_EQ(Read(off).thinking.mode, Thinking::Mode::kOff);
  EXPECT_EQ(OthersOf(With(R"("thinking":{"type":"newer"})")), Names{"thinking"});
}

TEST(MessagesRequestReaderTest, WhatIsMalformedIsRefusedByItsName) {
  EXPECT_EQ(Refusal(R"({"messages":1})"), "'messages' must be an array");
  EXPECT_EQ(Refusal(R"({"model":"m"})"), "the body needs messages");
  EXPECT_EQ(Refusal(R"({"messages":[{"role":"tool","content":"x"}]})"),
            "'messages[0].role' must have the role user, assistant or system");
  EXPECT_EQ(Refusal(R"({"messages":[{"role":"user"}]})"), "'messages[0]' needs content");
  EXPECT_EQ(Refusal(R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})"),
            "'messages[0].content[0]' needs a type");
  EXPECT_EQ(Refusal(R"({"messages":[{"role":"user","content":[{"type":"text"}]}]})"),
            "'messages[0].content[0]' needs text");
  EXPECT_EQ(Refusal(R"({"messages":[{"role":"user","content":[{"type":"tool_result"}]}]})"),
            "'messages[0].content[0]' needs tool_use_id");
  EXPECT_EQ(
      Refusal(
          R"({"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":[]}]}]})"),
      "'messages[0].content[0].input' must be an object");
  EXPECT_EQ(Refusal(With(R"("tools":[{}])")), "'tools[0]' needs name");
  EXPECT_EQ(Refusal(With(R"("stop_sequences":["a",1])")), "'stop_sequences[1]' must be a string");
  EXPECT_EQ(Refusal(With(R"("thinking":{"type":"enabled","budget_tokens":"x"})")),
            "'thinking.budget_tokens' must be a positive integer");
  EXPECT_EQ(Refusal(With(R"("metadata":{"user_id":1})")), "'metadata.user_id' must be a string");
  EXPECT_EQ(Refusal(With(R"("tool_choice":{"type":"auto","type":"any"})")),
            "'tool_choice.type' is there twice");
}

}  // namespace
}  // namespace translate
