#include <gtest/gtest.h>

#include "translate/dialects_internal.h"

namespace translate {
namespace {

using Names = std::vector<std::string>;

struct Said {
  std::string body;
  Names lost;
  std::size_t unsayable = 0;
};

Said Write(const Request& request, chat::Flavour flavour = chat::Flavour::kOpenai,
           std::string_view model = "gpt-4o") {
  Said said;
  Losses losses;
  WriteResponsesRequest(request,
                        {.operation = chat::Operation::kResponses, .flavour = flavour, .model = model},
                        said.body, losses);
  said.lost = losses.Names(request.body);
  said.unsayable = losses.Unsayable();
  const auto again = ReadResponsesRequest(said.body);
  EXPECT_TRUE(again.has_value()) << (again ? "" : again.error().detail) << said.body;
  return said;
}

Said WriteAgain(std::string_view body, chat::Flavour flavour = chat::Flavour::kOpenai,
                std::string_view model = "gpt-4o") {
  const auto request = ReadResponsesRequest(body);
  EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().detail);
  return request ? Write(*request, flavour, model) : Said();
}

Part Text(std::string_view text) {
  Part part;
  part.text = {text};
  return part;
}

Turn Says(Role role, std::vector<Part> parts) {
  Turn turn;
  turn.role = role;
  turn.parts = std::move(parts);
  return turn;
}

TEST(ResponsesRequestWriterTest, ASmallRequestIsSaidAndNothingIsKept) {
  EXPECT_EQ(
      WriteAgain(R"({"model":"m","instructions":"i","input":"Hi"})").body,
      R"({"model":"gpt-4o","instructions":"i","input":[{"type":"message","role":"user","content":"Hi"}],"store":false})");
}

TEST(ResponsesRequestWriterTest, AModelThatThinksIsAskedForItsSealedThoughts) {
  const std::string body =
      WriteAgain(R"({"model":"m","input":"Hi"})", chat::Flavour::kOpenai, "gpt-5.2").body;
  EXPECT_NE(body.find(R"("include":["reasoning.encrypted_content"])"), std::string::npos) << body;
  const std::string other = WriteAgain(R"({"model":"m","input":"Hi"})", chat::Flavour::kCompatible, "x").body;
  EXPECT_EQ(other.find("include"), std::string::npos) << other;
}

TEST(ResponsesRequestWriterTest, AConversationComesBackAsItWas) {
  const std::string_view input =
      R"([{"type":"message","role":"developer","content":"d"},)"
      R"({"type":"message","role":"user","content":[{"type":"input_text","text":"q"},)"
      R"({"type":"input_image","detail":"auto","image_url":"data:image/png;base64,AA=="},)"
      R"({"type":"input_file","file_data":"data:application/pdf;base64,BB==","filename":"a.pdf"}]},)"
      R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"gA"},)"
      R"({"type":"message","role":"assistant","content":"a"},)"
      R"({"type":"function_call","call_id":"c1","name":"f","arguments":"{\"x\":1}"},)"
      R"({"type":"custom_tool_call","call_id":"c2","name":"g","input":"free"},)"
      R"({"type":"function_call_output","call_id":"c1","output":"r"},)"
      R"({"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"1"},)"
      R"({"type":"input_text","text":"2"}]},)"
      R"({"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]}])";
  const Said said = WriteAgain(R"({"model":"m","input":)" + std::string(input) + "}");
  EXPECT_EQ(said.body, R"({"model":"gpt-4o","input":)" + std::string(input) + R"(,"store":false})");
  EXPECT_TRUE(said.lost.empty());
}

TEST(ResponsesRequestWriterTest, SettingsComeBackAsTheyWere) {
  const std::string_view rest =
      R"("max_output_tokens":99,"temperature":0.5,"top_p":0.9,"top_logprobs":3,"metadata":{"a":"b"},)"
      R"("reasoning":{"effort":"high","summary":"concise"},"text":{"format":{"type":"json_schema","name":"n",)"
      R"("description":"d","schema":{"type":"object"},"strict":true},"verbosity":"low"},)"
      R"("include":["reasoning.encrypted_content","message.output_text.logprobs"],)"
      R"("tools":[{"type":"function","name":"f","description":"df","parameters":{"type":"object"},"strict":true},)"
      R"({"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"x"}}],)"
      R"("parallel_tool_calls":false,"tool_choice":{"type":"function","name":"f"},"store":false,)"
      R"("service_tier":"flex","safety_identifier":"u1","prompt_cache_key":"k","prompt_cache_retention":"24h"})";
  const Said said = WriteAgain(R"({"model":"m","stream":true,"input":"x",)" + std::string(rest),
                               chat::Flavour::kOpenai, "gpt-5.2");
  EXPECT_EQ(said.body,
            R"({"model":"gpt-5.2","stream":true,"input":[{"type":"message","role":"user","content":"x"}],)" +
                std::string(rest));
  EXPECT_TRUE(said.lost.empty());
}

TEST(ResponsesRequestWriterTest, WhatTheDialectCannotSayIsNamed) {
  const std::string_view body =
      R"({"top_k":1,"seed":2,"stop":["x"],"frequency_penalty":1,"name":"bob","z":0})";
  const auto at = [&](std::string_view text) { return body.substr(body.find(text), text.size()); };
  Request request;
  request.body = body;
  request.top_k_raw = at("1");
  request.seed_raw = at("2");
  request.stop_raw = at(R"(["x"])");
  request.others.push_back(at("0"));
  request.turns.push_back(Says(Role::kUser, {Text("q")}));
  request.turns.back().name = {at("bob")};
  const Said said = Write(request);
  EXPECT_EQ(said.lost, (Names{"name", "top_k", "seed", "stop", "z"}));
  EXPECT_EQ(said.unsayable, 5U);
  const Said open = Write(request, chat::Flavour::kCompatible);
  EXPECT_EQ(open.lost, Names{"name"});
  EXPECT_NE(open.body.find(R"("z":0)"), std::string::npos) << open.body;
  EXPECT_NE(open.body.find(R"("top_k":1,"seed":2,"stop":["x"])"), std::string::npos) << open.body;
}

TEST(ResponsesRequestWriterTest, AToolIsOnlyStrictIfItSaysSo) {
  Request request;
  request.turns.push_back(Says(Role::kUser, {Text("q")}));
  request.tools.emplace_back().name = {"f"};
  request.tool_choice.kind = ToolChoice::Kind::kRequired;
  const std::string body = Write(request).body;
  EXPECT_NE(
      body.find(R"("tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},)"
                R"("strict":false}],"tool_choice":"required")"),
      std::string::npos)
      << body;
}

TEST(ResponsesRequestWriterTest, AGrammarInChatsWordsIsSaidInOurs) {
  Request request;
  request.turns.push_back(Says(Role::kUser, {Text("q")}));
  Tool& tool = request.tools.emplace_back();
  tool.kind = Tool::Kind::kCustom;
  tool.name = {"g"};
  tool.grammar_raw = R"({"type":"grammar","grammar":{"syntax":"lark","definition":"x"}})";
  const std::string body = Write(request).body;
  EXPECT_NE(body.find(R"("format":{"type":"grammar","syntax":"lark","definition":"x"})"), std::string::npos)
      << body;
}

TEST(ResponsesRequestWriterTest, ArgumentsThatAreAValueBecomeAString) {
  Request request;
  Part call{.kind = Part::Kind::kToolCall};
  call.id = {"toolu_1"};
  call.name = {"f"};
  call.input_raw = R"({"a": "b\n"})";
  Part result{.kind = Part::Kind::kToolResult};
  result.id = call.id;
  result.failed = true;
  result.inner = {Text("bad")};
  request.turns.push_back(Says(Role::kUser, {Text("q")}));
  request.turns.push_back(Says(Role::kAssistant, {call}));
  request.turns.push_back(Says(Role::kTool, {result}));
  const std::string body = Write(request).body;
  EXPECT_NE(body.find(R"("arguments":"{\"a\": \"b\\n\"}"})"), std::string::npos) << body;
  EXPECT_NE(
      body.find(
          R"({"type":"function_call_output","call_id":"toolu_1","status":"incomplete","output":"Error: bad"})"),
      std::string::npos)
      << body;
}

TEST(ResponsesRequestWriterTest, ThatAToolFailedIsToldAndComesBack) {
  Part image{.kind = Part::Kind::kImage};
  image.media.source = Media::Source::kUrl;
  image.media.url = {"https://x"};
  const std::vector<std::vector<Part>> outputs = {
      {}, {Text("")}, {Text("Error: a")}, {Text("a"), Text("b")}, {image}};
  for (const std::vector<Part>& output : outputs) {
    Request request;
    Part call{.kind = Part::Kind::kToolCall};
    call.id = {"c"};
    call.name = {"f"};
    call.arguments = {"{}"};
    Part result{.kind = Part::Kind::kToolResult};
    result.id = call.id;
    result.failed = true;
    result.inner = output;
    request.turns.push_back(Says(Role::kAssistant, {call}));
    request.turns.push_back(Says(Role::kTool, {result}));
    const std::string body = Write(request).body;
    EXPECT_NE(body.find("Error: "), std::string::npos) << body;
    const auto again = ReadResponsesRequest(body);
    ASSERT_TRUE(again.has_value());
    const Part& back = again->turns[1].parts[0];
    EXPECT_TRUE(back.failed);
    ASSERT_EQ(back.inner.size(), std::max<std::size_t>(output.size(), 1)) << body;
    EXPECT_TRUE(output.empty() || back.inner[0].text == output[0].text) << body;
  }
}

TEST(ResponsesRequestWriterTest, AnIdThatIsTooLongIsTheSameShortOneEverywhere) {
  const std::string id(65, 'x');
  const std::string body =
      WriteAgain(R"({"model":"m","input":[{"type":"function_call","call_id":")" + id +
                 R"(","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":")" + id +
                 R"(","output":""}]})")
          .body;
  const auto request = ReadResponsesRequest(body);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->turns[0].parts[0].id, request->turns[1].parts[0].id);
  EXPECT_EQ(request->turns[0].parts[0].id.inside.size(), 64U);
}

TEST(ResponsesRequestWriterTest, ThoughtsGoToTheMindThatReadsThemAndOnlyWithWhatFollows) {
  const std::string_view body = R"({"model":"m","input":[{"role":"user","content":"q"},
    {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"},
    {"type":"reasoning","id":"rs_2","summary":[{"type":"summary_text","text":"p"}],"encrypted_content":"sluice.plain."},
    {"type":"reasoning","id":"rs_3","summary":[],"encrypted_content":"sluice.anthropic.Eq"},
    {"type":"reasoning","id":"rs_9","summary":[{"type":"summary_text","text":"o"}],"encrypted_content":"sluice.of.compatible.rs_7."},
    {"type":"reasoning","id":"rs_9","summary":[],"encrypted_content":"sluice.of.compatible.rs_8.e"},
    {"role":"assistant","content":"a"},
    {"type":"reasoning","id":"rs_4","summary":[],"encrypted_content":"gB"},
    {"role":"user","content":"r"}]})";
  const Said openai = WriteAgain(body);
  EXPECT_NE(openai.body.find(R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"},)"
                             R"({"type":"message","role":"assistant","content":"a"},)"
                             R"({"type":"message","role":"user")"),
            std::string::npos)
      << openai.body;
  EXPECT_EQ(openai.lost, (Names{"input[2]", "input[3]", "input[4]", "input[5]", "input[7]"}));
  EXPECT_EQ(openai.unsayable, 0U);
  const Said open = WriteAgain(body, chat::Flavour::kCompatible);
  EXPECT_NE(
      open.body.find(
          R"({"type":"reasoning","id":"rs_7","summary":[],"content":[{"type":"reasoning_text","text":"o"}]},)"
          R"({"type":"reasoning","id":"rs_8","summary":[],"encrypted_content":"e"})"),
      std::string::npos)
      << open.body;
  EXPECT_EQ(open.lost, (Names{"input[1]", "input[2]", "input[3]", "input[7]"}));
}

TEST(ResponsesRequestWriterTest, ThinkingInTokensBecomesAWordAndIsShown) {
  Request request;
  request.turns.push_back(Says(Role::kUser, {Text("q")}));
  request.thinking.mode = Thinking::Mode::kOn;
  request.thinking.budget_tokens = 10000;
  const auto reasoning = [&](std::string_view model) {
    const std::string body = Write(request, chat::Flavour::kOpenai, model).body;
    const std::size_t at = body.find("\"reasoning\":");
    return at == std::string::npos ? std::string() : body.substr(at, body.find('}', at) + 1 - at);
  };
  EXPECT_EQ(reasoning("gpt-5.2"), R"("reasoning":{"effort":"medium","summary":"auto"})");
  request.thinking = {};
  request.thinking.mode = Thinking::Mode::kOff;
  EXPECT_EQ(reasoning("gpt-5.2"), R"("reasoning":{"effort":"none"})");
  EXPECT_EQ(reasoning("gpt-5-mini"), R"("reasoning":{"effort":"minimal"})");
  EXPECT_EQ(reasoning("o3"), R"("reasoning":{"effort":"low"})");
  EXPECT_EQ(reasoning("gpt-4.1"), "");
}

TEST(ResponsesRequestWriterTest, AModelThatDoesNotThinkCannotBeToldTo) {
  const Said said = WriteAgain(R"({"model":"m","input":"q","reasoning":{"effort":"high"}})");
  EXPECT_EQ(said.lost, (Names{"reasoning.effort"}));
  EXPECT_EQ(said.unsayable, 1U);
}

TEST(ResponsesRequestWriterTest, ABegunAnswerOfMessagesIsRefusedAndNotSent) {
  Request request;
  request.operation = chat::Operation::kMessages;
  request.body = R"({"prefill":"P"})";
  request.turns.push_back(Says(Role::kUser, {Text("q")}));
  request.turns.push_back(Says(Role::kAssistant, {Text("P")}));
  request.turns.back().raw = request.body.substr(11, 3);
  const Said said = Write(request);
  EXPECT_EQ(said.lost, (Names{"prefill"}));
  EXPECT_EQ(said.body.find("assistant"), std::string::npos);
}

TEST(ResponsesRequestWriterTest, AFileOfAnotherProviderIsRefused) {
  Request request;
  request.operation = chat::Operation::kMessages;
  request.body = R"({"file":"file_1"})";
  Part part{.kind = Part::Kind::kImage};
  part.media.source = Media::Source::kFileId;
  part.media.file_id = {request.body.substr(9, 6)};
  request.turns.push_back(Says(Role::kUser, {Text("q"), part}));
  EXPECT_EQ(Write(request).lost, (Names{"file"}));
  request.operation = chat::Operation::kResponses;
  EXPECT_NE(Write(request).body.find(R"({"type":"input_image","detail":"auto","file_id":"file_1"})"),
            std::string::npos);
}

TEST(ResponsesRequestWriterTest, ToolsThatRunElsewhereGoAndTakeTheirChoiceWithThem) {
  const Said said = WriteAgain(
      R"({"model":"m","input":"q","tools":[{"type":"web_search"}],"tool_choice":"required","parallel_tool_calls":false})");
  EXPECT_EQ(said.body.find("tool"), std::string::npos) << said.body;
  EXPECT_EQ(said.lost, (Names{"tools[0]", "parallel_tool_calls", "tool_choice"}));
}

TEST(ResponsesRequestWriterTest, WhereNothingCouldBeSaidAnEmptyWordIsLeft) {
  const Said said = WriteAgain(
      R"({"model":"m","instructions":"i","input":[{"role":"user","content":[{"type":"input_video"}]}]})");
  EXPECT_EQ(said.body,
            R"({"model":"gpt-4o","instructions":"i","input":[{"type":"message","role":"user","content":""}],)"
            R"("store":false})");
  EXPECT_EQ(said.lost, (Names{"input[0].content[0]"}));
}

TEST(ResponsesRequestWriterTest, DeepseekIsToldNothingItDoesNotKnow) {
  const Said said = WriteAgain(R"({"model":"m","input":[{"role":"developer","content":"d"},
    {"role":"user","content":"q"},{"type":"custom_tool_call","call_id":"c","name":"g","input":"x"},
    {"type":"custom_tool_call_output","call_id":"c","output":"y"},{"role":"user","content":"z"}],
    "tools":[{"type":"custom","name":"g"}],"text":{"format":{"type":"json_schema","name":"n","schema":{}},
    "verbosity":"low"},"service_tier":"flex","prompt_cache_key":"k","safety_identifier":"u"})",
                               chat::Flavour::kDeepseek, "deepseek-flash");
  EXPECT_EQ(
      said.body,
      R"({"model":"deepseek-flash","input":[{"type":"message","role":"system","content":"d"},)"
      R"({"type":"message","role":"user","content":"q"},{"type":"message","role":"user","content":"z"}],)"
      R"("store":false,"user":"u"})");
  EXPECT_EQ(said.lost, (Names{"input[2]", "input[3]", "text.format", "text.verbosity", "tools[0]",
                              "service_tier", "prompt_cache_key"}));
}

}  // namespace
}  // namespace translate
