#include <gtest/gtest.h>

#include "translate/dialects_internal.h"

namespace translate {
namespace {

Request ReadOk(std::string_view body) {
  auto request = ReadResponsesRequest(body);
  EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().detail);
  return request ? std::move(*request) : Request();
}

std::string Refused(std::string_view body) {
  const auto request = ReadResponsesRequest(body);
  return request ? "accepted" : request.error().detail;
}

std::vector<std::string> Others(const Request& request) {
  std::vector<std::string> names;
  for (const std::string_view other : request.others) names.push_back(PathOf(request.body, other));
  return names;
}

using Names = std::vector<std::string>;

TEST(ResponsesRequestReaderTest, AStringIsWhatTheUserSaysAndInstructionsLead) {
  const Request request = ReadOk(R"({"model":"m","instructions":"Be \"brief\"","input":"Hi"})");
  ASSERT_EQ(request.turns.size(), 2U);
  EXPECT_EQ(request.turns[0].role, Role::kSystem);
  EXPECT_EQ(request.turns[0].parts[0].text.inside, R"(Be \"brief\")");
  EXPECT_EQ(request.turns[1].role, Role::kUser);
  EXPECT_EQ(request.turns[1].parts[0].text.inside, "Hi");
  EXPECT_TRUE(request.others.empty());
}

TEST(ResponsesRequestReaderTest, WhatTheAssistantDidBetweenTwoWordsOfOthersIsOneTurn) {
  const Request request = ReadOk(R"({"model":"m","input":[
    {"role":"developer","content":"d"},
    {"type":"message","role":"user","content":[{"type":"input_text","text":"q"}],"status":"completed"},
    {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"gA=="},
    {"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[
      {"type":"output_text","text":"a","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]},
    {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"x\":1}","status":"completed"},
    {"type":"custom_tool_call","call_id":"c2","name":"g","input":"free"},
    {"type":"function_call_output","call_id":"c1","output":"r1"},
    {"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"r2"},
      {"type":"input_image","image_url":"https://x/y.png","detail":"auto"}]},
    {"role":"user","content":"next"}]})");
  ASSERT_EQ(request.turns.size(), 5U);
  EXPECT_EQ(request.turns[0].role, Role::kDeveloper);
  const Turn& said = request.turns[2];
  EXPECT_EQ(said.role, Role::kAssistant);
  ASSERT_EQ(said.parts.size(), 5U);
  EXPECT_EQ(said.parts[0].kind, Part::Kind::kReasoning);
  EXPECT_EQ(said.parts[0].mind, Mind::kOpenai);
  EXPECT_EQ(said.parts[0].id.inside, "rs_1");
  EXPECT_EQ(said.parts[0].signature.inside, "gA==");
  EXPECT_EQ(said.parts[0].text.inside, "t");
  EXPECT_EQ(said.parts[1].text.inside, "a");
  EXPECT_EQ(said.parts[2].kind, Part::Kind::kRefusal);
  EXPECT_EQ(said.parts[3].arguments.inside, R"({\"x\":1})");
  EXPECT_TRUE(said.parts[4].custom);
  const Turn& results = request.turns[3];
  EXPECT_EQ(results.role, Role::kTool);
  ASSERT_EQ(results.parts.size(), 2U);
  EXPECT_EQ(results.parts[0].inner[0].text.inside, "r1");
  EXPECT_EQ(results.parts[1].inner[1].media.url.inside, "https://x/y.png");
  EXPECT_TRUE(results.parts[1].inner[1].media.detail.empty());
  EXPECT_TRUE(request.others.empty());
}

TEST(ResponsesRequestReaderTest, ThoughtsInPiecesArePutTogether) {
  const Request request = ReadOk(R"({"model":"m","input":[{"type":"reasoning","id":"r","summary":[
    {"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],
    "content":[{"type":"reasoning_text","text":"c"}]}]})");
  EXPECT_EQ(request.turns[0].parts[0].text.inside, "a\\n\\nb\\n\\nc");
  EXPECT_EQ(request.turns[0].parts[0].mind, Mind::kNobody);
}

TEST(ResponsesRequestReaderTest, ASealOfAnotherMindIsTakenOutOfItsMark) {
  const Request request = ReadOk(R"({"model":"m","input":[{"type":"reasoning","id":"rs_ours","summary":[
    {"type":"summary_text","text":"t"}],"encrypted_content":"sluice.anthropic.EqQB"}]})");
  EXPECT_EQ(request.turns[0].parts[0].mind, Mind::kAnthropic);
  EXPECT_EQ(request.turns[0].parts[0].signature.inside, "EqQB");
}

TEST(ResponsesRequestReaderTest, MediaAreReadWhereverTheyAre) {
  const Request request = ReadOk(R"({"model":"m","input":[{"role":"user","content":[
    {"type":"input_image","image_url":"data:image\/png;base64,AAA=","detail":"high"},
    {"type":"input_image","file_id":"file-1"},
    {"type":"input_file","file_data":"data:application/pdf;base64,BBB=","filename":"a.pdf"},
    {"type":"input_file","file_url":"https://x/a.pdf"},
    {"type":"input_file","file_data":"CCC=","filename":"c.pdf"},
    {"type":"input_audio","input_audio":{"data":"DDD=","format":"mp3"}}]}]})");
  const std::vector<Part>& parts = request.turns[0].parts;
  ASSERT_EQ(parts.size(), 6U);
  EXPECT_EQ(parts[0].media.source, Media::Source::kBase64);
  EXPECT_TRUE(parts[0].media.media_type.Is("image/png"));
  EXPECT_EQ(parts[0].media.data.inside, "AAA=");
  EXPECT_EQ(parts[0].media.detail.inside, "high");
  EXPECT_EQ(parts[1].media.source, Media::Source::kFileId);
  EXPECT_EQ(parts[2].kind, Part::Kind::kDocument);
  EXPECT_EQ(parts[2].media.filename.inside, "a.pdf");
  EXPECT_EQ(parts[3].media.source, Media::Source::kUrl);
  EXPECT_EQ(parts[4].media.source, Media::Source::kBase64);
  EXPECT_EQ(parts[4].media.data.inside, "CCC=");
  EXPECT_EQ(parts[5].kind, Part::Kind::kAudio);
  EXPECT_EQ(parts[5].media.media_type.inside, "audio/mpeg");
}

TEST(ResponsesRequestReaderTest, SettingsAreReadIntoTheirPlaces) {
  const Request request =
      ReadOk(R"({"model":"m","input":"x","stream":true,"max_output_tokens":99,"temperature":0.5,
    "top_p":0.9,"top_logprobs":3,"include":["reasoning.encrypted_content","message.output_text.logprobs"],
    "metadata":{"a":"b"},"parallel_tool_calls":false,"prompt_cache_key":"k","prompt_cache_retention":"24h",
    "reasoning":{"effort":"high","summary":"concise"},"safety_identifier":"u1","service_tier":"flex",
    "store":false,"text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true,
    "description":"d"},"verbosity":"low"},"stream_options":{"include_obfuscation":false},
    "tool_choice":{"type":"function","name":"f"},
    "tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false,"description":"df"},
      {"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"x"}},
      {"type":"custom","name":"h","format":{"type":"text"}},{"type":"web_search"}]})");
  EXPECT_TRUE(request.stream);
  EXPECT_EQ(request.max_output, 99);
  EXPECT_EQ(request.temperature_raw, "0.5");
  EXPECT_EQ(request.top_p_raw, "0.9");
  EXPECT_EQ(request.top_logprobs_raw, "3");
  EXPECT_FALSE(request.logprobs_raw.empty());
  EXPECT_EQ(request.metadata_raw, R"({"a":"b"})");
  EXPECT_EQ(request.parallel_tools, false);
  EXPECT_EQ(request.cache_key_raw, R"("k")");
  EXPECT_EQ(request.thinking.effort.inside, "high");
  EXPECT_EQ(request.thinking.summary.inside, "concise");
  EXPECT_EQ(request.end_user.inside, "u1");
  EXPECT_EQ(request.service_tier_raw, R"("flex")");
  EXPECT_EQ(request.format.kind, Format::Kind::kJsonSchema);
  EXPECT_EQ(request.format.strict, true);
  EXPECT_EQ(request.verbosity.inside, "low");
  EXPECT_EQ(request.tool_choice.kind, ToolChoice::Kind::kNamed);
  ASSERT_EQ(request.tools.size(), 4U);
  EXPECT_EQ(request.tools[0].strict, false);
  EXPECT_EQ(request.tools[1].kind, Tool::Kind::kCustom);
  EXPECT_FALSE(request.tools[1].grammar_raw.empty());
  EXPECT_TRUE(request.tools[2].grammar_raw.empty());
  EXPECT_EQ(request.tools[3].kind, Tool::Kind::kServer);
  EXPECT_TRUE(request.others.empty());
}

TEST(ResponsesRequestReaderTest, WhatMeansTheSameAsNothingIsLeftOut) {
  const Request request = ReadOk(R"({"model":"m","input":"x","background":false,"conversation":null,
    "previous_response_id":null,"parallel_tool_calls":true,"service_tier":"auto","truncation":"disabled",
    "tools":[{"type":"function","name":"f","parameters":null,"strict":null,"defer_loading":false,"async":false}],
    "context_management":[],"reasoning":{"context":"auto","mode":"standard","effort":null},"store":null,
    "stream_options":null,"text":{"format":{"type":"text"}},"instructions":null,"max_output_tokens":null})");
  EXPECT_TRUE(request.others.empty());
  EXPECT_FALSE(request.parallel_tools.has_value());
  EXPECT_TRUE(request.service_tier_raw.empty());
  EXPECT_TRUE(request.tools[0].schema_raw.empty());
  EXPECT_FALSE(request.tools[0].strict.has_value());
}

TEST(ResponsesRequestReaderTest, WhatOnlyThisDialectKnowsIsKeptByName) {
  const Request request = ReadOk(R"({"model":"m","previous_response_id":"resp_1","conversation":"c",
    "prompt":{"id":"p"},"background":true,"store":true,"truncation":"auto","max_tool_calls":3,"user":"u",
    "safety_identifier":"s","include":["web_search_call.results"],"reasoning":{"mode":"pro","context":"all_turns"},
    "stream_options":{"include_obfuscation":true},"moderation":{"model":"x"},"unheard_of":1,
    "input":[{"type":"item_reference","id":"x"},{"id":"y"},{"type":"web_search_call","id":"ws"},
      {"role":"assistant","content":"a","phase":"commentary"},
      {"role":"user","content":[{"type":"input_text","text":"t","prompt_cache_breakpoint":{"mode":"explicit"}}]},
      {"type":"function_call","call_id":"c","name":"f","arguments":"","namespace":"n",
       "caller":{"type":"program","caller_id":"z"}}],
    "tools":[{"type":"function","name":"f","defer_loading":true,"output_schema":{}}],
    "text":{"format":{"type":"yaml"}}})");
  EXPECT_EQ(Others(request),
            (Names{"store", "background", "truncation", "reasoning.context", "reasoning.mode", "text.format",
                   "tools[0].defer_loading", "tools[0].output_schema", "input[0]", "input[1]", "input[2]",
                   "input[5].caller", "input[5].namespace", "previous_response_id", "conversation", "prompt",
                   "moderation", "unheard_of"}));
  Names hints;
  for (const std::string_view hint : request.hints) hints.push_back(PathOf(request.body, hint));
  EXPECT_EQ(hints, (Names{"stream_options.include_obfuscation", "user", "include[0]", "max_tool_calls",
                          "input[3].phase", "input[4].content[0].prompt_cache_breakpoint"}));
}

TEST(ResponsesRequestReaderTest, APartOfAnUnknownKindStaysWhole) {
  const Request request =
      ReadOk(R"({"model":"m","input":[{"role":"user","content":[{"type":"input_video"}]}]})");
  EXPECT_EQ(request.turns[0].parts[0].kind, Part::Kind::kOther);
  EXPECT_EQ(request.turns[0].parts[0].raw, R"({"type":"input_video"})");
}

TEST(ResponsesRequestReaderTest, WhatIsMalformedIsRefusedByItsName) {
  EXPECT_EQ(Refused(R"({"model":"m","input":7})"), "'input' must be a string or a list of items");
  EXPECT_EQ(Refused(R"({"model":"m","input":[7]})"), "'input[0]' must be an object");
  EXPECT_EQ(Refused(R"({"model":"m","input":[{"role":"tool","content":"x"}]})"),
            "'input[0].role' needs a role: user, assistant, system or developer");
  EXPECT_EQ(Refused(R"({"model":"m","input":[{"role":"user"}]})"), "'input[0]' lacks 'content'");
  EXPECT_EQ(Refused(R"({"model":"m","input":[{"type":"function_call","name":"f","arguments":""}]})"),
            "'input[0]' lacks 'call_id'");
  EXPECT_EQ(Refused(R"({"model":"m","input":[{"type":"function_call_output","call_id":"c"}]})"),
            "'input[0]' lacks 'output'");
  EXPECT_EQ(Refused(R"({"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":1}]}]})"),
            "'input[0].content[0].text' must be a string");
  EXPECT_EQ(Refused(R"({"model":"m","input":[{"role":"user","content":[{"text":"x"}]}]})"),
            "'input[0].content[0]' needs a 'type'");
  EXPECT_EQ(Refused(R"({"model":"m","input":[{"role":"user","role":"system","content":"x"}]})"),
            "'input[0]' has a member twice");
  EXPECT_EQ(Refused(R"({"model":"m","input":"x","max_output_tokens":0})"),
            "'max_output_tokens' must be a positive integer");
  EXPECT_EQ(Refused(R"({"model":"m","input":"x","stream":"yes"})"), "'stream' must be true or false");
  EXPECT_EQ(Refused(R"({"model":"m","input":"x","tool_choice":"any"})"),
            "'tool_choice' is none of auto, none and required");
  EXPECT_EQ(Refused(R"({"model":"m","input":"x","tools":[{"name":"f"}]})"), "'tools[0]' lacks 'type'");
  EXPECT_EQ(Refused(R"({"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"n"}}})"),
            "'text.format' lacks 'schema'");
}

TEST(ResponsesRequestReaderTest, AnObjectWithTooManyMembersIsRefused) {
  const auto body = [](int members) {
    std::string text = R"({"model":"m","input":[{"role":"user","content":"x")";
    for (int i = 2; i < members; ++i) text += ",\"m" + std::to_string(i) + "\":null";
    return text + "}]}";
  };
  EXPECT_EQ(Refused(body(64)), "accepted");
  EXPECT_EQ(Refused(body(65)), "'input[0]' has too many members");
}

}  // namespace
}  // namespace translate
