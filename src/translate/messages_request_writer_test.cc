#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "translate/losses.h"

namespace translate {
namespace {

using Names = std::vector<std::string>;

// What is said to a model: the body, and the names of what was left out.
struct Said {
  std::string body;
  Names names;
  std::size_t unsayable = 0;
};

// The requests are written in the words of Messages, which the reader's own test covers. `from` says whose
// words they are to be taken for.
Said Say(std::string_view members, Target target = {}, chat::Operation from = chat::Operation::kChat) {
  const std::string body = "{" + std::string(members) + "}";
  auto request = ReadMessagesRequest(body);
  EXPECT_TRUE(request.has_value()) << request.error().detail;
  if (!request) return {};
  request->operation = from;
  if (target.model.empty()) target.model = "claude-sonnet-4-5";
  if (target.flavour == chat::Flavour::kOpenai) target.flavour = chat::Flavour::kAnthropic;
  Said said;
  Losses losses;
  WriteMessagesRequest(*request, target, said.body, losses);
  said.body = ValueOf(said.body);
  said.names = losses.Names(body);
  said.unsayable = losses.Unsayable();
  return said;
}

constexpr Target kDeepseek{.flavour = chat::Flavour::kDeepseek, .model = "deepseek-flash"};

constexpr std::string_view kHi = R"("messages":[{"role":"user","content":"hi"}])";

std::string Hi(std::string_view members) {
  return std::string(kHi) + "," + std::string(members);
}

// Whether the value of `json` is in the text.
testing::AssertionResult Has(const Said& said, std::string_view text) {
  if (said.body.find(text) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << said.body << " has not " << text;
}

TEST(MessagesRequestWriterTest, ALimitIsWrittenEvenIfNoneWasSaid) {
  EXPECT_EQ(Say(kHi, {.model = "m", .max_output = 77}).body,
            R"({"max_tokens":77,"messages":[{"content":"hi","role":"user"}],"model":"m"})");
  EXPECT_TRUE(Has(Say(Hi(R"("max_tokens":5)")), R"("max_tokens":5)"));
}

TEST(MessagesRequestWriterTest, LeadingSystemTurnsAreTheSystemText) {
  EXPECT_TRUE(Has(Say(R"("system":"s",)" + std::string(kHi)), R"("system":"s"})"));
  EXPECT_TRUE(
      Has(Say(R"("system":"s","messages":[{"role":"system","content":"t"},{"role":"user","content":"u"}])"),
          R"("system":[{"text":"s","type":"text"},{"text":"t","type":"text"}])"));
}

TEST(MessagesRequestWriterTest, ALaterSystemTurnMovesToTheFrontWhereTheModelKnowsNone) {
  const std::string_view turns =
      R"("system":"s","messages":[{"role":"user","content":"u"},{"role":"system","content":"later"},{"role":"assistant","content":"a"},{"role":"user","content":"v"}])";
  const Said old = Say(turns);
  EXPECT_EQ(old.names, Names{"messages[1]"});
  EXPECT_EQ(old.unsayable, 1U);
  EXPECT_TRUE(Has(old, R"("system":[{"text":"s","type":"text"},{"text":"later","type":"text"}])"));
  const Said newer = Say(turns, {.model = "claude-opus-5"});
  EXPECT_TRUE(newer.names.empty());
  EXPECT_TRUE(Has(newer, R"({"content":"u","role":"user"},{"content":"later","role":"system"},)"));
  const Said elsewhere = Say(
      R"("messages":[{"role":"user","content":"u"},{"role":"system","content":"later"},{"role":"user","content":"v"}])",
      {.model = "claude-opus-5"});
  EXPECT_EQ(elsewhere.names, Names{"messages[1]"});
  EXPECT_TRUE(Has(
      elsewhere,
      R"("messages":[{"content":[{"text":"u","type":"text"},{"text":"v","type":"text"}],"role":"user"}])"));
}

TEST(MessagesRequestWriterTest, SystemTextAloneIsSaidAsTheUsersInDropMode) {
  const Said said = Say(R"("system":"s","messages":[])");
  EXPECT_EQ(said.names, Names{"system"});
  EXPECT_TRUE(Has(said, R"("messages":[{"content":[{"text":"s","type":"text"}],"role":"user"}])"));
}

TEST(MessagesRequestWriterTest, ResultsStandFirstAndNeighboursAreOneMessage) {
  const Said said = Say(
      R"("messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"x":1}}]},)"
      R"({"role":"user","content":"wait"},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"r","is_error":true}]}])");
  EXPECT_TRUE(Has(
      said,
      R"({"content":[{"content":"r","is_error":true,"tool_use_id":"a","type":"tool_result"},{"text":"wait","type":"text"}],"role":"user"}])"));
  EXPECT_TRUE(said.names.empty());
}

TEST(MessagesRequestWriterTest, EmptyTextsAreNotSaid) {
  const Said said = Say(
      R"("messages":[{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"u"},)"
      R"({"type":"text","text":" \n","cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":""},{"role":"user","content":"v"}])");
  EXPECT_TRUE(Has(
      said,
      R"("messages":[{"content":[{"text":"u","type":"text"}],"role":"user"},{"content":"v","role":"user"}])"));
  EXPECT_EQ(said.names,
            (Names{"messages[0].content[2].text", "messages[0].content[2].cache_control", "messages[1]"}));
  EXPECT_EQ(said.unsayable, 0U);
  EXPECT_EQ(Say(R"("messages":[{"role":"user","content":"u"},{"role":"user","content":""}])").names,
            Names{"messages[1]"});
}

TEST(MessagesRequestWriterTest, ThoughtsAreGivenBackToWhoCanReadThem) {
  const std::string_view turns =
      R"("messages":[{"role":"user","content":"u"},{"role":"assistant","content":[)"
      R"({"type":"thinking","thinking":"mine","signature":"sig"},{"type":"redacted_thinking","data":"dd"},)"
      R"({"type":"thinking","thinking":"plain","signature":""},{"type":"thinking","thinking":"sum","signature":"sluice.openai.rs_1.enc"},)"
      R"({"type":"text","text":"a"}]},{"role":"user","content":"v"}])";
  const Said anthropic = Say(turns);
  EXPECT_TRUE(Has(
      anthropic,
      R"([{"signature":"sig","thinking":"mine","type":"thinking"},{"data":"dd","type":"redacted_thinking"},{"text":"a","type":"text"}])"));
  EXPECT_EQ(anthropic.names, (Names{"messages[1].content[2]", "messages[1].content[3]"}));
  EXPECT_EQ(anthropic.unsayable, 0U);
  const Said deepseek = Say(turns, kDeepseek);
  EXPECT_TRUE(Has(
      deepseek,
      R"([{"signature":"sig","thinking":"mine","type":"thinking"},{"signature":"","thinking":"plain","type":"thinking"},{"text":"a","type":"text"}])"));
  EXPECT_EQ(deepseek.names, (Names{"messages[1].content[1]", "messages[1].content[3]"}));
}

TEST(MessagesRequestWriterTest, AMessageOfThoughtsOnlyIsNone) {
  const Said said = Say(
      R"("messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"}]},{"role":"user","content":"v"}])");
  EXPECT_TRUE(Has(said, R"("messages":[{"content":"u","role":"user"},{"content":"v","role":"user"}])"));
  EXPECT_EQ(said.names, Names{"messages[1]"});
}

TEST(MessagesRequestWriterTest, AnAnswerThatWasBegunIsGoneOnWithByOlderModels) {
  const std::string_view turns =
      R"("messages":[{"role":"user","content":"u"},{"role":"assistant","content":"So"}])";
  EXPECT_TRUE(Has(Say(turns), R"({"content":"So","role":"assistant"}])"));
  const Said newer = Say(turns, {.model = "claude-opus-4-6"});
  EXPECT_EQ(newer.names, Names{"messages[1]"});
  EXPECT_TRUE(Has(newer, R"("messages":[{"content":"u","role":"user"}])"));
  EXPECT_EQ(Say(R"("messages":[{"role":"assistant","content":"a"},{"role":"user","content":"u"}])").names,
            Names{"messages[0]"});
}

TEST(MessagesRequestWriterTest, ACallWhoseArgumentsAreNoObjectIsDroppedWithItsResult) {
  const std::string body =
      R"({"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},)"
      R"({"type":"tool_use","id":"b","name":"f","input":{}},{"type":"tool_use","id":"c","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a"},{"type":"tool_result","tool_use_id":"b"},{"type":"tool_result","tool_use_id":"c"}]}]})";
  auto request = ReadMessagesRequest(body);
  ASSERT_TRUE(request);
  auto& calls = request->turns[1].parts;
  for (Part& call : calls) call.input_raw = {};
  calls[0].arguments = {R"([1])"};
  calls[1].arguments = {R"({\"q\":\"a\\nb\"})"};
  calls[2].arguments = {""};
  std::string out;
  Losses losses;
  WriteMessagesRequest(*request, {.flavour = chat::Flavour::kAnthropic, .model = "claude-opus-5"}, out,
                       losses);
  EXPECT_EQ(losses.Unsayable(), 2U);
  EXPECT_NE(
      ValueOf(out).find(
          R"([{"id":"b","input":{"q":"a\nb"},"name":"f","type":"tool_use"},{"id":"c","input":{},"name":"f","type":"tool_use"}])"),
      std::string::npos)
      << out;
  EXPECT_NE(
      ValueOf(out).find(
          R"("content":[{"tool_use_id":"b","type":"tool_result"},{"tool_use_id":"c","type":"tool_result"}])"),
      std::string::npos)
      << out;
}

TEST(MessagesRequestWriterTest, AnIdThatDoesNotFitIsReplacedInTheCallAndItsResult) {
  const Said said = Say(
      R"("messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"tool_use","id":"a.b","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a.b"}]}])");
  const std::string made = said.body.substr(said.body.find("sha256-"), 64);
  EXPECT_EQ(made.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos) << made;
  EXPECT_TRUE(Has(said, R"("id":")" + made + '"'));
  EXPECT_TRUE(Has(said, R"("tool_use_id":")" + made + '"'));
}

TEST(MessagesRequestWriterTest, ImagesAndDocuments) {
  const auto say = [](std::string_view block, Target target = {}) {
    return Say(R"("messages":[{"role":"user","content":[)" + std::string(block) + "]}]", target);
  };
  EXPECT_TRUE(Has(
      say(R"({"type":"image","source":{"type":"url","url":"https://x/y"},"cache_control":{"type":"ephemeral"}})"),
      R"({"cache_control":{"type":"ephemeral"},"source":{"type":"url","url":"https://x/y"},"type":"image"})"));
  EXPECT_EQ(say(R"({"type":"image","source":{"type":"url","url":"gs://x/y"}})").names,
            (Names{"messages[0].content[0].source.url", "messages[0]"}));
  EXPECT_EQ(say(R"({"type":"image","source":{"type":"file","file_id":"f"}})").names.front(),
            "messages[0].content[0].source.file_id");
  EXPECT_EQ(
      say(R"({"type":"image","source":{"type":"base64","media_type":"image/bmp","data":"A"}})").names.front(),
      "messages[0].content[0].source.media_type");
  EXPECT_TRUE(Has(
      say(R"({"type":"document","title":"t","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"},"citations":{"enabled":true}})"),
      R"({"citations":{"enabled":true},"source":{"data":"AAAA","media_type":"application/pdf","type":"base64"},"title":"t","type":"document"})"));
  EXPECT_TRUE(Has(
      say(R"({"type":"document","source":{"type":"base64","media_type":"text/csv; charset=utf-8","data":"YSxiCg=="}})"),
      R"("source":{"data":"a,b\n","media_type":"text/plain","type":"text"})"));
  EXPECT_TRUE(Has(  // some clients escape every slash
      say(R"({"type":"document","source":{"type":"base64","media_type":"text\/plain","data":"Pz8\/"}})"),
      R"("source":{"data":"???","media_type":"text/plain","type":"text"})"));
  EXPECT_EQ(say(R"({"type":"document","source":{"type":"base64","media_type":"text/plain","data":"/w=="}})")
                .names.front(),
            "messages[0].content[0].source.data");
  EXPECT_EQ(
      say(R"({"type":"document","source":{"type":"base64","media_type":"application/zip","data":"AAAA"}})")
          .names.front(),
      "messages[0].content[0].source.media_type");
  EXPECT_EQ(say(R"({"type":"document","source":{"type":"url","url":"https://x"}})", kDeepseek).names.front(),
            "messages[0].content[0]");
}

TEST(MessagesRequestWriterTest, ToolsKeepTheirSchemaAndGetTheTypeThatIsDemanded) {
  const Said said = Say(Hi(
      R"("tools":[{"name":"a","description":"d","input_schema":{"type":"object","x":1},"strict":true,"cache_control":{"type":"ephemeral","ttl":"1h"}},)"
      R"({"name":"b","input_schema":{"properties":{}}},{"name":"c"},{"name":"d","input_schema":{}},{"type":"bash_20250124","name":"bash"}])"));
  EXPECT_TRUE(Has(
      said,
      R"("tools":[{"cache_control":{"ttl":"1h","type":"ephemeral"},"description":"d","input_schema":{"type":"object","x":1},"name":"a","strict":true},)"
      R"({"input_schema":{"properties":{},"type":"object"},"name":"b"},{"input_schema":{"properties":{},"type":"object"},"name":"c"},)"
      R"({"input_schema":{"type":"object"},"name":"d"}])"));
  EXPECT_EQ(said.names, Names{"tools[4]"});
}

TEST(MessagesRequestWriterTest, TheChoiceOfTools) {
  const auto choose = [](std::string_view choice, Target target = {}) {
    return Say(
        Hi(R"("tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":)" + std::string(choice)),
        target);
  };
  EXPECT_TRUE(Has(choose(R"({"type":"any"})"), R"("tool_choice":{"type":"any"})"));
  EXPECT_TRUE(Has(choose(R"({"type":"none"})"), R"("tool_choice":{"type":"none"})"));
  EXPECT_TRUE(Has(choose(R"({"type":"auto","disable_parallel_tool_use":true})"),
                  R"("tool_choice":{"disable_parallel_tool_use":true,"type":"auto"})"));
  EXPECT_TRUE(Has(choose(R"({"type":"tool","name":"f"})"), R"("tool_choice":{"name":"f","type":"tool"})"));
  EXPECT_EQ(choose(R"({"type":"tool","name":"g"})").names, Names{"tool_choice"});
  EXPECT_EQ(choose(R"({"type":"any"})", {.model = "claude-opus-5-5"}).names, Names{"tool_choice"});
  EXPECT_EQ(choose(R"({"type":"any"})", kDeepseek).names, Names{"tool_choice"});
  const Said ignored = choose(R"({"type":"auto","disable_parallel_tool_use":true})", kDeepseek);
  EXPECT_EQ(ignored.names, Names{"tool_choice.disable_parallel_tool_use"});
  EXPECT_EQ(ignored.unsayable, 0U);
  EXPECT_EQ(Say(Hi(R"("tool_choice":{"type":"any"})")).names, Names{"tool_choice"});
  const Said nothing = Say(Hi(R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true})"));
  EXPECT_EQ(nothing.names, (Names{"tool_choice", "tool_choice.disable_parallel_tool_use"}));
  EXPECT_EQ(nothing.unsayable, 0U);
}

TEST(MessagesRequestWriterTest, EffortIsABudgetForOlderModelsAndAnEffortForNewerOnes) {
  const auto effort = [](std::string_view word, Target target) {
    return Say(Hi(R"("max_tokens":32000,"output_config":{"effort":")" + std::string(word) + "\"}"), target);
  };
  EXPECT_TRUE(Has(effort("low", {}), R"("thinking":{"budget_tokens":2048,"type":"enabled"})"));
  EXPECT_TRUE(Has(effort("max", {}), R"("thinking":{"budget_tokens":24000,"type":"enabled"})"));
  const Said newer = effort("minimal", {.model = "claude-opus-5"});
  EXPECT_TRUE(Has(newer, R"("output_config":{"effort":"low"},"thinking":{"type":"adaptive"})"));
  EXPECT_TRUE(Has(effort("xhigh", {.model = "claude-opus-4-6"}), R"("output_config":{"effort":"high"})"));
  EXPECT_TRUE(Has(effort("xhigh", {.model = "claude-opus-4-8"}), R"("output_config":{"effort":"xhigh"})"));
  EXPECT_TRUE(Has(effort("none", {.model = "claude-opus-5"}), R"("thinking":{"type":"disabled"})"));
  EXPECT_TRUE(Has(effort("none", {.model = "claude-sonnet-5-5"}), R"("thinking":{"type":"between_tools"})"));
  EXPECT_EQ(effort("none", {.model = "claude-opus-4-8"}).body.find("thinking"), std::string::npos);
  EXPECT_EQ(effort("none", {.model = "claude-fable-5"}).names, Names{"output_config.effort"});
  EXPECT_EQ(effort("endless", {}).names, Names{"output_config.effort"});
  EXPECT_TRUE(Has(effort("medium", kDeepseek),
                  R"("output_config":{"effort":"medium"},"thinking":{"type":"enabled"})"));
}

TEST(MessagesRequestWriterTest, ThinkingLeavesRoomForTheAnswer) {
  const std::string high = R"("output_config":{"effort":"high"})";
  EXPECT_TRUE(Has(Say(Hi(R"("max_tokens":8000,)" + high)), R"("budget_tokens":6000)"));
  EXPECT_TRUE(Has(Say(Hi(R"("max_tokens":1100,)" + high)), R"("budget_tokens":1024)"));
  const Said none = Say(Hi(R"("max_tokens":1024,)" + high));
  EXPECT_EQ(none.names, Names{"output_config.effort"});
  EXPECT_EQ(none.body.find("thinking"), std::string::npos);
}

TEST(MessagesRequestWriterTest, AnOlderModelDoesNotBeginToThinkWithinATurn) {
  const auto say = [](std::string_view thought) {
    return Say(
        R"("output_config":{"effort":"low"},"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[)" +
        std::string(thought) +
        R"({"type":"tool_use","id":"a","name":"f","input":{}}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}])");
  };
  EXPECT_EQ(say("").names, Names{"output_config.effort"});
  EXPECT_EQ(say("").unsayable, 0U);
  EXPECT_TRUE(Has(say(R"({"type":"thinking","thinking":"t","signature":"s"},)"), R"("budget_tokens":2048)"));
}

TEST(MessagesRequestWriterTest, SamplingIsSaidWhereTheModelTakesIt) {
  const auto names = [](std::string_view members, Target target = {}) {
    return Say(Hi(members), target).names;
  };
  EXPECT_TRUE(Has(Say(Hi(R"("temperature":0.5,"top_k":3)")), R"("temperature":0.5)"));
  EXPECT_EQ(names(R"("temperature":1.5)"), Names{"temperature"});
  EXPECT_EQ(names(R"("temperature":0.5,"top_p":0.9)"), Names{"top_p"});
  EXPECT_TRUE(names(R"("temperature":0.5,"top_p":0.9)", {.model = "claude-3-7-sonnet-20250219"}).empty());
  EXPECT_EQ(names(R"("temperature":0.5,"top_p":0.9,"top_k":3)", {.model = "claude-opus-4-7"}),
            (Names{"temperature", "top_p", "top_k"}));
  const Said usual = Say(Hi(R"("temperature":1,"top_p":1.0)"), {.model = "claude-opus-4-7"});
  EXPECT_TRUE(usual.names.empty());
  EXPECT_EQ(usual.body.find("temperature"), std::string::npos);
  EXPECT_EQ(names(R"("temperature":0.5,"output_config":{"effort":"low"})"), Names{"temperature"});
  EXPECT_TRUE(Has(Say(Hi(R"("temperature":1.5)"), kDeepseek), R"("temperature":1.5)"));
  const Said ignored =
      Say(Hi(R"("top_k":3,"service_tier":"standard_only","cache_control":{"type":"ephemeral"})"), kDeepseek);
  EXPECT_EQ(ignored.names, (Names{"top_k", "service_tier", "cache_control"}));
  EXPECT_EQ(ignored.unsayable, 0U);
}

TEST(MessagesRequestWriterTest, TheShapeOfTheAnswer) {
  const std::string shape = R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})";
  EXPECT_TRUE(
      Has(Say(Hi(shape)), R"("output_config":{"format":{"schema":{"type":"object"},"type":"json_schema"}})"));
  EXPECT_EQ(Say(Hi(shape), kDeepseek).names, Names{"output_config.format"});
}

TEST(MessagesRequestWriterTest, WhatOtherDialectsAskForIsNamed) {
  const std::string body =
      R"({"messages":[{"role":"user","content":"u"}],"seed":1,"fp":2,"pp":3,"lb":{},"lp":true,"tl":4,"v":"low","md":{"a":"b"},)"
      R"("store":true,"key":"k","ret":"24h","f":{"name":"n","description":"d","schema":{"a":1}},"tier":"flex","stop":["\n","x"],"user":"u v","odd":[]})";
  auto request = ReadMessagesRequest(body);
  ASSERT_TRUE(request);
  const std::string_view text = body;
  const auto at = [text](std::string_view name, std::string_view value) {
    return text.substr(text.find("\"" + std::string(name) + "\":") + name.size() + 3, value.size());
  };
  request->operation = chat::Operation::kChat;
  request->others = {at("odd", "[]")};
  request->seed_raw = at("seed", "1");
  request->frequency_penalty_raw = at("fp", "2");
  request->presence_penalty_raw = at("pp", "3");
  request->logit_bias_raw = at("lb", "{}");
  request->logprobs_raw = at("lp", "true");
  request->top_logprobs_raw = at("tl", "4");
  request->verbosity = {at("v", "\"low").substr(1)};
  request->metadata_raw = at("md", R"({"a":"b"})");
  request->store_raw = at("store", "true");
  request->cache_key_raw = at("key", "\"k\"");
  request->cache_retention_raw = at("ret", "\"24h\"");
  request->format.kind = Format::Kind::kJsonSchema;
  request->format.name = {at("name", "\"n").substr(1)};
  request->format.description = {at("description", "\"d").substr(1)};
  request->format.schema_raw = at("schema", R"({"a":1})");
  request->service_tier_raw = at("tier", "\"flex\"");
  request->stop_raw = at("stop", R"(["\n","x"])");
  request->stop = {JsonText{request->stop_raw.substr(2, 2)}, JsonText{request->stop_raw.substr(7, 1)}};
  request->end_user_raw = at("user", "\"u v\"");
  request->end_user = {"u v"};
  std::string out;
  Losses losses;
  WriteMessagesRequest(*request, {.flavour = chat::Flavour::kAnthropic, .model = "claude-sonnet-4-5"}, out,
                       losses);
  EXPECT_EQ(losses.Names(body), (Names{"stop[0]", "tier", "seed", "fp", "pp", "lb", "lp", "tl", "v", "store",
                                       "odd", "f.name", "md", "key", "ret"}));
  EXPECT_EQ(
      ValueOf(out),
      R"({"max_tokens":8192,"messages":[{"content":"u","role":"user"}],"metadata":{"user_id":"u v"},"model":"claude-sonnet-4-5",)"
      R"("output_config":{"format":{"schema":{"a":1,"description":"d"},"type":"json_schema"}},"stop_sequences":["x"]})");
  Losses deepseek;
  WriteMessagesRequest(*request, kDeepseek, out, deepseek);
  EXPECT_NE(deepseek.Unsayable(), 0U);
}

TEST(MessagesRequestWriterTest, ForcedToolsAndThinkingExcludeEachOther) {
  const Said said = Say(Hi(
      R"("output_config":{"effort":"low"},"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"})"));
  EXPECT_EQ(said.names, Names{"output_config.effort"});
  EXPECT_TRUE(Has(said, R"("tool_choice":{"type":"any"})"));
  EXPECT_EQ(said.body.find("thinking"), std::string::npos);
}

}  // namespace
}  // namespace translate
