#include <gtest/gtest.h>

#include "translate/dialects_internal.h"
#include "translate/losses.h"

namespace translate {
namespace {

using Kind = Part::Kind;

Request Read(std::string_view body) {
  auto request = ReadChatRequest(body);
  EXPECT_TRUE(request) << (request ? "" : request.error().detail);
  return request ? std::move(*request) : Request();
}

std::string WhyNot(std::string_view body) {
  const auto request = ReadChatRequest(body);
  EXPECT_FALSE(request);
  if (request) return {};
  EXPECT_EQ(request.error().code, base::Code::kInvalid);
  return request.error().detail;
}

std::vector<std::string> Others(const Request& request) {
  std::vector<std::string> names;
  for (const auto other : request.others) names.push_back(PathOf(request.body, other));
  return names;
}

constexpr std::string_view kHello = R"({"model":"m","messages":[{"role":"user","content":"hello"}]})";

// A body with `members` behind the messages.
std::string With(std::string_view members) {
  std::string body(kHello.substr(0, kHello.size() - 1));
  return body.append(",").append(members).append("}");
}

TEST(ChatRequestReaderTest, AStringIsOneTextPart) {
  const Request request = Read(kHello);
  ASSERT_EQ(request.turns.size(), 1U);
  EXPECT_EQ(request.turns[0].role, Role::kUser);
  ASSERT_EQ(request.turns[0].parts.size(), 1U);
  EXPECT_EQ(request.turns[0].parts[0].text.inside, "hello");
  EXPECT_TRUE(request.others.empty());
  EXPECT_FALSE(request.stream);
}

TEST(ChatRequestReaderTest, SystemAndDeveloperMessagesStandWhereTheyWereSaid) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"system","content":"a"},{"role":"user","content":"b","name":"ann"},)"
      R"({"role":"developer","content":[{"type":"text","text":"c"},{"type":"text","text":"d"}]}]})");
  ASSERT_EQ(request.turns.size(), 3U);
  EXPECT_EQ(request.turns[0].role, Role::kSystem);
  EXPECT_EQ(request.turns[1].name.inside, "ann");
  EXPECT_EQ(request.turns[2].role, Role::kDeveloper);
  EXPECT_EQ(request.turns[2].parts[1].text.inside, "d");
}

TEST(ChatRequestReaderTest, ImagesAudioAndFilesBecomeMedia) {
  const Request request =
      Read(R"({"model":"m","messages":[{"role":"user","content":[)"
           R"({"type":"image_url","image_url":{"url":"https://x/a.png","detail":"low"}},)"
           R"({"type":"image_url","image_url":{"url":"data:image\/png;base64,AAAA","detail":"auto"}},)"
           R"({"type":"input_audio","input_audio":{"data":"BBBB","format":"mp3"}},)"
           R"({"type":"file","file":{"file_data":"data:application/pdf;base64,CCCC","filename":"a.pdf"}},)"
           R"({"type":"file","file":{"file_id":"file-1"}},)"
           R"({"type":"file","file":{"file_data":"DDDD"}}]}]})");
  const auto& parts = request.turns[0].parts;
  ASSERT_EQ(parts.size(), 6U);
  EXPECT_EQ(parts[0].kind, Kind::kImage);
  EXPECT_EQ(parts[0].media.url.inside, "https://x/a.png");
  EXPECT_EQ(parts[0].media.detail.inside, "low");
  EXPECT_EQ(parts[1].media.source, Media::Source::kBase64);
  EXPECT_TRUE(parts[1].media.media_type.Is("image/png"));
  EXPECT_EQ(parts[1].media.data.inside, "AAAA");
  EXPECT_TRUE(parts[1].media.detail.empty());
  EXPECT_EQ(parts[2].kind, Kind::kAudio);
  EXPECT_EQ(parts[2].media.media_type.inside, "audio/mpeg");
  EXPECT_EQ(parts[3].kind, Kind::kDocument);
  EXPECT_EQ(parts[3].media.media_type.inside, "application/pdf");
  EXPECT_EQ(parts[3].media.filename.inside, "a.pdf");
  EXPECT_EQ(parts[4].media.source, Media::Source::kFileId);
  EXPECT_EQ(parts[5].media.data.inside, "DDDD");
  EXPECT_TRUE(request.others.empty());
}

TEST(ChatRequestReaderTest, AConversationWithToolsIsTurnsOfCallsAndResults) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"user","content":"go"},)"
      R"({"role":"assistant","content":null,"refusal":null,"annotations":[],"audio":null,"function_call":null,)"
      R"("tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},)"
      R"({"id":"c2","type":"custom","custom":{"name":"g","input":"free"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"one"},)"
      R"({"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"two"}]},)"
      R"({"role":"assistant","content":"done"}]})");
  ASSERT_EQ(request.turns.size(), 4U);
  const Turn& calls = request.turns[1];
  ASSERT_EQ(calls.parts.size(), 2U);
  EXPECT_EQ(calls.parts[0].kind, Kind::kToolCall);
  EXPECT_EQ(calls.parts[0].id.inside, "c1");
  EXPECT_EQ(calls.parts[0].arguments.inside, R"({\"a\":1})");
  EXPECT_TRUE(calls.parts[1].custom);
  EXPECT_EQ(calls.parts[1].arguments.inside, "free");
  const Turn& results = request.turns[2];
  EXPECT_EQ(results.role, Role::kTool);
  ASSERT_EQ(results.parts.size(), 2U);
  EXPECT_EQ(results.parts[1].id.inside, "c2");
  EXPECT_EQ(results.parts[1].inner[0].text.inside, "two");
  EXPECT_TRUE(request.others.empty());
}

TEST(ChatRequestReaderTest, ArgumentsThatAreAnObjectAreTakenAsOne) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":{"a":1}}}]}]})");
  EXPECT_EQ(request.turns[0].parts[0].input_raw, R"({"a":1})");
}

TEST(ChatRequestReaderTest, ThoughtsComeBackPlainOrSealedByWhoeverThoughtThem) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"assistant","reasoning_content":"hm","reasoning":"hm","content":"a"},)"
      R"({"role":"assistant","content":"b","reasoning_content":"xy","thinking_blocks":[)"
      R"({"type":"thinking","thinking":"x","signature":"S"},{"type":"redacted_thinking","data":"R"},)"
      R"({"type":"thinking","thinking":"y","signature":"sluice.openai.rs_1.E"},)"
      R"({"type":"thinking","thinking":"z","signature":"sluice.plain."}]}]})");
  const Part& plain = request.turns[0].parts[0];
  EXPECT_EQ(plain.kind, Kind::kReasoning);
  EXPECT_EQ(plain.mind, Mind::kNobody);
  EXPECT_EQ(plain.text.inside, "hm");
  const auto& parts = request.turns[1].parts;
  ASSERT_EQ(parts.size(), 5U);
  EXPECT_EQ(parts[0].mind, Mind::kAnthropic);
  EXPECT_EQ(parts[0].signature.inside, "S");
  EXPECT_TRUE(parts[1].redacted);
  EXPECT_EQ(parts[1].signature.inside, "R");
  EXPECT_EQ(parts[2].mind, Mind::kOpenai);
  EXPECT_EQ(parts[2].id.inside, "rs_1");
  EXPECT_EQ(parts[2].signature.inside, "E");
  EXPECT_EQ(parts[3].mind, Mind::kNobody);
  EXPECT_EQ(parts[3].text.inside, "z");
  EXPECT_TRUE(request.others.empty());
}

TEST(ChatRequestReaderTest, PiecesOfAThoughtThatAClientGatheredAreOneThought) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"assistant","content":"b","thinking_blocks":[)"
      R"({"type":"thinking","thinking":"a"},{"type":"thinking","thinking":"b","signature":null},)"
      R"({"type":"thinking","thinking":"","signature":"S"},{"type":"thinking","thinking":"c","signature":"T"}]}]})");
  const auto& parts = request.turns[0].parts;
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].text.inside, "ab");
  EXPECT_EQ(parts[0].signature.inside, "S");
  EXPECT_EQ(parts[1].text.inside, "c");
  EXPECT_EQ(parts[1].signature.inside, "T");
}

TEST(ChatRequestReaderTest, ThoughtsAmongTheContentAreThoughts) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"S"},)"
      R"({"type":"thinking","thinking":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},)"
      R"({"type":"redacted_thinking","data":"R"},{"type":"text","text":"t"}]}]})");
  const auto& parts = request.turns[0].parts;
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0].kind, Kind::kReasoning);
  EXPECT_EQ(parts[0].signature.inside, "S");
  EXPECT_EQ(parts[1].kind, Kind::kReasoning);
  EXPECT_EQ(parts[1].text.inside, "ab");
  EXPECT_TRUE(parts[2].redacted);
  EXPECT_EQ(parts[3].kind, Kind::kText);
  EXPECT_TRUE(request.others.empty());
}

TEST(ChatRequestReaderTest, BreakpointsOfTheCacheAreReadWhereverClientsPutThem) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"system","content":"s","cache_control":{"type":"ephemeral"}},)"
      R"({"role":"user","content":[{"type":"text","text":"t","cache_control":{"type":"ephemeral","ttl":"1h"}}]}],)"
      R"("tools":[{"type":"function","function":{"name":"f"},"cache_control":{"type":"a"}},)"
      R"({"type":"function","function":{"name":"g","cache_control":{"type":"b"}}}]})");
  EXPECT_EQ(request.turns[0].parts[0].cache_raw, R"({"type":"ephemeral"})");
  EXPECT_EQ(request.turns[1].parts[0].cache_raw, R"({"type":"ephemeral","ttl":"1h"})");
  EXPECT_EQ(request.tools[0].cache_raw, R"({"type":"a"})");
  EXPECT_EQ(request.tools[1].cache_raw, R"({"type":"b"})");
  EXPECT_TRUE(request.others.empty());
}

TEST(ChatRequestReaderTest, ToolsAreFunctionsOrCustomOrOnlyTheirDialects) {
  const std::string body = With(
      R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},)"
      R"({"type":"custom","custom":{"name":"g","format":{"type":"text"}}},{"type":"web","x":1}],)"
      R"("parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}})");
  const Request request = Read(body);
  ASSERT_EQ(request.tools.size(), 3U);
  EXPECT_EQ(request.tools[0].schema_raw, R"({"type":"object"})");
  EXPECT_EQ(request.tools[0].strict, true);
  EXPECT_EQ(request.tools[1].kind, Tool::Kind::kCustom);
  EXPECT_EQ(request.tools[1].grammar_raw, R"({"type":"text"})");
  EXPECT_EQ(request.tools[2].kind, Tool::Kind::kServer);
  EXPECT_EQ(request.tools[2].type.inside, "web");
  EXPECT_EQ(request.parallel_tools, false);
  EXPECT_EQ(request.tool_choice.kind, ToolChoice::Kind::kNamed);
  EXPECT_EQ(request.tool_choice.name.inside, "f");
  EXPECT_TRUE(request.others.empty());
}

TEST(ChatRequestReaderTest, ChoicesOfToolsHaveTheirKinds) {
  const auto kind = [](std::string_view choice) {
    const std::string body = With(R"("tool_choice":)" + std::string(choice));
    return Read(body).tool_choice.kind;
  };
  EXPECT_EQ(kind("null"), ToolChoice::Kind::kUnset);
  EXPECT_EQ(kind(R"("auto")"), ToolChoice::Kind::kAuto);
  EXPECT_EQ(kind(R"("none")"), ToolChoice::Kind::kNone);
  EXPECT_EQ(kind(R"("required")"), ToolChoice::Kind::kRequired);
  EXPECT_EQ(kind(R"({"type":"custom","custom":{"name":"g"}})"), ToolChoice::Kind::kNamed);
  EXPECT_EQ(kind(R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}})"),
            ToolChoice::Kind::kOther);
}

TEST(ChatRequestReaderTest, SettingsAreKeptAsTheyStand) {
  const std::string body = With(
      R"("max_tokens":9,"max_completion_tokens":7,"temperature":0.50,"top_p":1e-1,"top_k":3,"seed":4,)"
      R"("frequency_penalty":-0.5,"presence_penalty":1,"logit_bias":{"5":-100},"logprobs":true,"top_logprobs":2,)"
      R"("stop":["a","b"],"service_tier":"flex","metadata":{"k":"v"},"store":true,"prompt_cache_key":"k",)"
      R"("prompt_cache_retention":"24h","reasoning_effort":"high","verbosity":"low","safety_identifier":"u",)"
      R"("stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false})");
  const Request request = Read(body);
  EXPECT_EQ(request.max_output, 7);
  EXPECT_EQ(request.temperature_raw, "0.50");
  EXPECT_EQ(request.top_p_raw, "1e-1");
  EXPECT_EQ(request.top_k_raw, "3");
  EXPECT_EQ(request.seed_raw, "4");
  EXPECT_EQ(request.frequency_penalty_raw, "-0.5");
  EXPECT_EQ(request.presence_penalty_raw, "1");
  EXPECT_EQ(request.logit_bias_raw, R"({"5":-100})");
  EXPECT_EQ(request.logprobs_raw, "true");
  EXPECT_EQ(request.top_logprobs_raw, "2");
  ASSERT_EQ(request.stop.size(), 2U);
  EXPECT_EQ(request.stop[1].inside, "b");
  EXPECT_EQ(request.service_tier_raw, R"("flex")");
  EXPECT_EQ(request.metadata_raw, R"({"k":"v"})");
  EXPECT_EQ(request.store_raw, "true");
  EXPECT_EQ(request.cache_key_raw, R"("k")");
  EXPECT_EQ(request.cache_retention_raw, R"("24h")");
  EXPECT_EQ(request.thinking.effort.inside, "high");
  EXPECT_EQ(request.verbosity.inside, "low");
  EXPECT_EQ(request.end_user.inside, "u");
  EXPECT_TRUE(request.stream);
  EXPECT_TRUE(request.include_usage);
  EXPECT_TRUE(request.others.empty());
}

TEST(ChatRequestReaderTest, WhatMeansTheSameAsAbsenceIsLeftOut) {
  const std::string body = With(
      R"("n":1,"frequency_penalty":0,"presence_penalty":0.0,"logit_bias":{},"logprobs":false,"top_logprobs":0,)"
      R"("stop":[],"tools":[],"parallel_tool_calls":true,"response_format":{"type":"text"},"service_tier":"auto",)"
      R"("metadata":{},"store":false,"verbosity":"medium","modalities":["text"],"user":"","audio":null,)"
      R"("prompt_cache_options":{"mode":"implicit","ttl":"30m"},"stream":false,"stream_options":null)");
  const Request request = Read(body);
  EXPECT_TRUE(request.others.empty()) << Others(request)[0];
  EXPECT_TRUE(request.frequency_penalty_raw.empty());
  EXPECT_TRUE(request.presence_penalty_raw.empty());
  EXPECT_TRUE(request.logit_bias_raw.empty());
  EXPECT_TRUE(request.logprobs_raw.empty());
  EXPECT_TRUE(request.top_logprobs_raw.empty());
  EXPECT_TRUE(request.stop_raw.empty());
  EXPECT_TRUE(request.tools.empty());
  EXPECT_FALSE(request.parallel_tools);
  EXPECT_EQ(request.format.kind, Format::Kind::kUnset);
  EXPECT_TRUE(request.service_tier_raw.empty());
  EXPECT_TRUE(request.metadata_raw.empty());
  EXPECT_TRUE(request.store_raw.empty());
  EXPECT_TRUE(request.verbosity.empty());
  EXPECT_TRUE(request.end_user.empty());
}

TEST(ChatRequestReaderTest, WhatOnlyChatKnowsIsAmongTheOthersAtAnyDepth) {
  const std::string body =
      R"({"model":"m","n":2,"modalities":["text","audio"],"audio":{"voice":"v"},"prediction":{"a":1},)"
      R"("web_search_options":{},"moderation":{"model":"x"},"functions":[{"name":"g"}],"function_call":"auto","min_p":0.1,)"
      R"("prompt_cache_options":{"mode":"explicit"},"stream":true,"stream_options":{"include_obfuscation":true},)"
      R"("user":"a","user_id":"b","messages":[{"role":"user","weight":1,"content":[)"
      R"({"type":"text","text":"t","prompt_cache_breakpoint":{"mode":"explicit"}},)"
      R"({"type":"image_url","image_url":{"url":"u","format":"png"}}]},)"
      R"({"role":"assistant","content":"c","audio":{"id":"a"},"prefix":true,)"
      R"("tool_calls":[{"id":"i","type":"function","extra_content":{},"function":{"name":"f","arguments":"{}","x":1}}]},)"
      R"({"role":"function","name":"f","content":"r","weight":1}],)"
      R"("tools":[{"type":"function","function":{"name":"f","y":1}}]})";
  const Request request = Read(body);
  std::vector<std::string> names = Others(request);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{
                       "audio", "function_call", "functions", "messages[0].content[1].image_url.format",
                       "messages[0].weight", "messages[1].audio", "messages[1].prefix",
                       "messages[1].tool_calls[0].extra_content", "messages[1].tool_calls[0].function.x",
                       "messages[2].weight", "min_p", "modalities", "moderation", "n", "tools[0].function.y",
                       "web_search_options"}));
}

TEST(ChatRequestReaderTest, WhatChangesNoAnswerIsAHint) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"user","content":[)"
      R"({"type":"text","text":"t","prompt_cache_breakpoint":{"mode":"explicit"}}]}],"prediction":{"a":1},)"
      R"("prompt_cache_options":{"mode":"explicit"},"stream":true,"stream_options":{"include_obfuscation":true}})");
  std::vector<std::string> names;
  for (const auto hint : request.hints) names.push_back(PathOf(request.body, hint));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names,
            (std::vector<std::string>{"messages[0].content[0].prompt_cache_breakpoint", "prediction",
                                      "prompt_cache_options.mode", "stream_options.include_obfuscation"}));
  EXPECT_TRUE(request.others.empty());
}

TEST(ChatRequestReaderTest, APartOfAnUnknownKindIsKeptWhole) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"video_url","video_url":{"url":"u"}}]}]})");
  EXPECT_EQ(request.turns[0].parts[0].kind, Kind::kOther);
  EXPECT_EQ(request.turns[0].parts[0].raw, R"({"type":"video_url","video_url":{"url":"u"}})");
  EXPECT_TRUE(request.others.empty());
}

TEST(ChatRequestReaderTest, ThinkingAndFormatsAreRead) {
  const std::string body =
      With(R"("thinking":{"type":"enabled","budget_tokens":2048},"response_format":{"type":"json_schema",)"
           R"("json_schema":{"name":"n","description":"d","schema":{"type":"object"},"strict":true}})");
  const Request request = Read(body);
  EXPECT_EQ(request.thinking.mode, Thinking::Mode::kOn);
  EXPECT_EQ(request.thinking.budget_tokens, 2048);
  EXPECT_EQ(request.format.kind, Format::Kind::kJsonSchema);
  EXPECT_EQ(request.format.name.inside, "n");
  EXPECT_EQ(request.format.schema_raw, R"({"type":"object"})");
  EXPECT_EQ(request.format.strict, true);
  const std::string object =
      With(R"("thinking":{"type":"disabled"},"response_format":{"type":"json_object"})");
  const Request other = Read(object);
  EXPECT_EQ(other.thinking.mode, Thinking::Mode::kOff);
  EXPECT_EQ(other.format.kind, Format::Kind::kJsonObject);
  const std::string unknown = With(R"("response_format":{"type":"structural_tag","a":1})");
  EXPECT_EQ(Others(Read(unknown)), std::vector<std::string>{"response_format"});
}

TEST(ChatRequestReaderTest, WhatCannotBeUnderstoodIsRefusedByItsName) {
  const auto with_message = [](std::string_view message) {
    return WhyNot(R"({"model":"m","messages":[)" + std::string(message) + "]}");
  };
  EXPECT_EQ(WhyNot(R"({"model":"m"})"), "the body has no messages");
  EXPECT_EQ(WhyNot(R"({"model":"m","messages":[]})"), "'messages' must have a message");
  EXPECT_EQ(with_message("1"), "'messages[0]' must be an object with role and content");
  EXPECT_EQ(with_message(R"({"role":"ghost","content":"x"})"),
            "'messages[0].role' must have one of the roles system, developer, user, assistant, tool");
  EXPECT_EQ(with_message(R"({"role":"user"})"), "'messages[0]' has no content");
  EXPECT_EQ(with_message(R"({"role":"user","content":5})"),
            "'messages[0].content' must be a string or a list of parts");
  EXPECT_EQ(with_message(R"({"role":"user","content":"a","content":"b"})"),
            "'messages[0].content' is there twice; write it once");
  EXPECT_EQ(with_message(R"({"role":"user","content":[{"type":"text"}]})"),
            "'messages[0].content[0]' has no text");
  EXPECT_EQ(with_message(R"({"role":"user","content":[{"type":"image_url","image_url":{}}]})"),
            "'messages[0].content[0]' has no image_url.url");
  EXPECT_EQ(with_message(R"({"role":"tool","content":"x"})"), "'messages[0]' must have a tool_call_id");
  EXPECT_EQ(with_message(R"({"role":"assistant","tool_calls":[{"function":{"name":"f"}}]})"),
            "'messages[0].tool_calls[0]' must have an id");
  EXPECT_EQ(with_message(R"({"role":"assistant","tool_calls":[{"id":"c","function":{}}]})"),
            "'messages[0].tool_calls[0]' must have a name");
  EXPECT_EQ(WhyNot(With(R"("temperature":"warm")")), "'temperature' must be a number");
  EXPECT_EQ(WhyNot(With(R"("tools":{})")), "'tools' must be a list");
  EXPECT_EQ(WhyNot(With(R"("stop":[1])")), "'stop[0]' must be a string");
  EXPECT_EQ(WhyNot(With(R"("thinking":{"type":"maybe"})")),
            "'thinking' must have one of the types enabled, disabled, adaptive");
  EXPECT_EQ(WhyNot(With(R"("max_completion_tokens":0)")),
            "'max_completion_tokens' must be a positive integer");
}

}  // namespace
}  // namespace translate
