#include <gtest/gtest.h>

#include "translate/dialects_internal.h"
#include "translate/losses.h"
#include "wire/json_scanner.h"

namespace translate {
namespace {

using chat::Flavour;

struct Said {
  std::string body;
  std::vector<std::string> names;
  std::size_t unsayable = 0;
};

Said Say(const Request& request, Flavour flavour, std::string_view model = "m") {
  Said said;
  Losses losses;
  const Target target{.operation = chat::Operation::kChat, .flavour = flavour, .model = model};
  WriteChatRequest(request, target, said.body, losses);
  said.names = losses.Names(request.body);
  said.unsayable = losses.Unsayable();
  EXPECT_TRUE(wire::ScanJson(said.body)) << said.body;
  return said;
}

Request Read(std::string_view body) {
  auto request = ReadChatRequest(body);
  EXPECT_TRUE(request) << (request ? "" : request.error().detail);
  return request ? std::move(*request) : Request();
}

using Names = std::vector<std::string>;

constexpr std::string_view kMembers = R"({"model":"m","messages":[{"role":"user","content":"hello"}])";

std::string With(std::string_view members) {
  return std::string(kMembers).append(",").append(members).append("}");
}

// What is written behind the messages for a request with `members`.
std::string Rest(std::string_view members, Flavour flavour, std::string_view model = "m") {
  const std::string body = With(members);
  std::string said = Say(Read(body), flavour, model).body;
  const auto end = said.find(R"("hello"}])");
  EXPECT_NE(end, std::string::npos);
  return said.substr(end + 9);
}

Names Lost(std::string_view members, Flavour flavour, std::string_view model = "m") {
  const std::string body = With(members);
  return Say(Read(body), flavour, model).names;
}

TEST(ChatRequestWriterTest, WhatChatSaidOpenaiIsToldTheSame) {
  const std::string_view body =
      R"({"model":"m","messages":[{"role":"developer","content":"s"},)"
      R"({"role":"user","content":[{"type":"text","text":"look"},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA","detail":"high"}},)"
      R"({"type":"input_audio","input_audio":{"data":"BB","format":"mp3"}},)"
      R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,CC"}}],"name":"ann"},)"
      R"({"role":"assistant","content":"t","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},)"
      R"({"role":"tool","tool_call_id":"c","content":"r"},{"role":"assistant","content":null,"refusal":"no"},)"
      R"({"role":"user","content":"more"}],)"
      R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},)"
      R"({"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"definition":"x","syntax":"lark"}}}}],)"
      R"("tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":5,"stop":["a"],)"
      R"("temperature":0.2,"top_p":0.9,"seed":1,"frequency_penalty":1,"presence_penalty":2,"logit_bias":{"1":2},)"
      R"("logprobs":true,"top_logprobs":3,"reasoning_effort":"low","verbosity":"high",)"
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}},)"
      R"("service_tier":"flex","metadata":{"a":"b"},"store":true,"prompt_cache_retention":"24h",)"
      R"("prompt_cache_key":"k","safety_identifier":"u","stream":true,"stream_options":{"include_usage":true}})";
  const Request request = Read(body);
  const Said said = Say(request, Flavour::kOpenai);
  EXPECT_EQ(said.body, body);
  EXPECT_EQ(said.names, Names{});
}

TEST(ChatRequestWriterTest, EachFlavourHasItsOwnNameForTheLimit) {
  EXPECT_EQ(Rest(R"("max_tokens":5)", Flavour::kOpenai), R"(,"max_completion_tokens":5})");
  EXPECT_EQ(Rest(R"("max_tokens":5)", Flavour::kDeepseek), R"(,"max_tokens":5})");
  EXPECT_EQ(Rest(R"("max_tokens":5)", Flavour::kCompatible), R"(,"max_tokens":5})");
}

TEST(ChatRequestWriterTest, DeepseekIsNamedWhatItDoesNotKnow) {
  EXPECT_EQ(Lost(R"("top_k":5,"seed":1,"logit_bias":{"1":1},"verbosity":"low","service_tier":"flex",)"
                 R"("metadata":{"a":"b"},"store":true,"prompt_cache_retention":"24h","prompt_cache_key":"k",)"
                 R"("parallel_tool_calls":false,"tools":[{"type":"custom","custom":{"name":"g"}},)"
                 R"({"type":"function","function":{"name":"f","strict":true}}],)"
                 R"("response_format":{"type":"json_schema","json_schema":{"name":"n"}},"n":3)",
                 Flavour::kDeepseek),
            (Names{"tools[0]", "tools[1].function.strict", "parallel_tool_calls", "top_k", "seed",
                   "logit_bias", "verbosity", "response_format", "service_tier", "store",
                   "prompt_cache_retention", "n", "metadata", "prompt_cache_key"}));
}

TEST(ChatRequestWriterTest, TopKIsOnlySaidToCompatibleServers) {
  EXPECT_EQ(Rest(R"("top_k":5)", Flavour::kCompatible), R"(,"top_k":5})");
  EXPECT_EQ(Lost(R"("top_k":5)", Flavour::kOpenai), Names{"top_k"});
}

TEST(ChatRequestWriterTest, WhatATooLongUserNameBecomesStaysTheSame) {
  const std::string user(200, 'a');
  const std::string once = Rest(R"("user":")" + user + '"', Flavour::kOpenai);
  EXPECT_EQ(
      once.find(
          R"(,"safety_identifier":"sha256-c2a908d98f5df987ade41b5fce213067efbcc21ef2240212a41e54b5e7c28ae5"})"),
      0U)
      << once;
  EXPECT_EQ(Rest(R"("user":"a b")", Flavour::kDeepseek).find(R"(,"user_id":"sha256-)"), 0U);
  EXPECT_EQ(Rest(R"("user":"a_b-1")", Flavour::kDeepseek), R"(,"user_id":"a_b-1"})");
  EXPECT_EQ(Rest(R"("user":"a b")", Flavour::kCompatible), R"(,"user":"a b"})");
}

TEST(ChatRequestWriterTest, ThinkingIsSaidInTheWordsOfEachFlavour) {
  EXPECT_EQ(Rest(R"("reasoning_effort":"minimal")", Flavour::kDeepseek), R"(,"reasoning_effort":"low"})");
  EXPECT_EQ(Rest(R"("reasoning_effort":"xhigh")", Flavour::kDeepseek), R"(,"reasoning_effort":"xhigh"})");
  EXPECT_EQ(Rest(R"("reasoning_effort":"none")", Flavour::kDeepseek), R"(,"thinking":{"type":"disabled"}})");
  EXPECT_EQ(Rest(R"("thinking":{"type":"enabled","budget_tokens":10000})", Flavour::kDeepseek),
            R"(,"thinking":{"type":"enabled"},"reasoning_effort":"medium"})");
  EXPECT_EQ(Rest(R"("thinking":{"type":"enabled","budget_tokens":1024})", Flavour::kOpenai),
            R"(,"reasoning_effort":"low"})");
  EXPECT_EQ(Rest(R"("thinking":{"type":"disabled"})", Flavour::kOpenai, "gpt-5.2"),
            R"(,"reasoning_effort":"none"})");
  EXPECT_EQ(Rest(R"("thinking":{"type":"disabled"})", Flavour::kOpenai, "gpt-4.1"), "}");
  EXPECT_EQ(Rest(R"("thinking":{"type":"disabled"})", Flavour::kOpenai, "gpt-5-mini"),
            R"(,"reasoning_effort":"minimal"})");
  EXPECT_EQ(Lost(R"("reasoning_effort":"low")", Flavour::kOpenai, "gpt-4.1"), Names{"reasoning_effort"});
  EXPECT_EQ(Lost(R"("thinking":{"type":"disabled"})", Flavour::kOpenai, "o3"), Names{"thinking.type"});
  EXPECT_EQ(Rest(R"("thinking":{"type":"disabled"})", Flavour::kCompatible),
            R"(,"reasoning_effort":"none","chat_template_kwargs":{"enable_thinking":false}})");
}

TEST(ChatRequestWriterTest, DeepseekGetsItsThoughtsBackAndOthersDoNot) {
  const std::string_view body =
      R"({"model":"m","messages":[{"role":"user","content":"q"},)"
      R"({"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"c","content":"r"},)"
      R"({"role":"assistant","content":"a","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"S"}]},)"
      R"({"role":"user","content":"q"}],"tools":[{"type":"function","function":{"name":"f"}}]})";
  const Request request = Read(body);
  const Said deepseek = Say(request, Flavour::kDeepseek);
  EXPECT_NE(deepseek.body.find(R"("content":null,"reasoning_content":"hm","tool_calls")"), std::string::npos)
      << deepseek.body;
  EXPECT_NE(deepseek.body.find(R"("content":"a","reasoning_content":""})"), std::string::npos)
      << deepseek.body;
  EXPECT_EQ(deepseek.names, Names{"messages[3].thinking_blocks[0]"});
  EXPECT_EQ(deepseek.unsayable, 0U);
  const Said openai = Say(request, Flavour::kOpenai);
  EXPECT_EQ(openai.body.find("reasoning_content"), std::string::npos);
  EXPECT_EQ(openai.names, (Names{"messages[1].reasoning_content", "messages[3].thinking_blocks[0]"}));
  EXPECT_EQ(openai.unsayable, 0U);
}

TEST(ChatRequestWriterTest, DeepseekTakesTextAsOneStringAndNoDeveloper) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},)"
      R"({"role":"assistant","content":[{"type":"text","text":"c"},{"type":"refusal","refusal":"d"}]}]})");
  EXPECT_EQ(
      Say(request, Flavour::kDeepseek).body,
      R"({"model":"m","messages":[{"role":"system","content":"a\nb"},{"role":"assistant","content":"cd"}]})");
}

// What other dialects say of a tool's result, and chat does not.
Request WithResult(std::string_view body, bool failed) {
  Request request;
  request.operation = chat::Operation::kMessages;
  request.body = body;
  Turn& asked = request.turns.emplace_back();
  asked.role = Role::kAssistant;
  Part& call = asked.parts.emplace_back();
  call.kind = Part::Kind::kToolCall;
  call.id = {"c"};
  call.name = {"f"};
  call.input_raw = R"({"a":"b\n"})";
  Turn& turn = request.turns.emplace_back();
  turn.role = Role::kTool;
  Part& result = turn.parts.emplace_back();
  result.kind = Part::Kind::kToolResult;
  result.id = {"c"};
  result.failed = failed;
  return request;
}

TEST(ChatRequestWriterTest, AnObjectOfArgumentsBecomesAString) {
  const Request request = WithResult("{}", false);
  EXPECT_EQ(
      Say(request, Flavour::kOpenai).body,
      R"({"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",)"
      R"("function":{"name":"f","arguments":"{\"a\":\"b\\n\"}"}}]},)"
      R"({"role":"tool","tool_call_id":"c","content":""}]})");
}

TEST(ChatRequestWriterTest, AFailedToolSaysSoInWords) {
  Request request = WithResult("{}", true);
  Part text;
  text.text = {"no such file"};
  request.turns[1].parts[0].inner.push_back(text);
  EXPECT_NE(Say(request, Flavour::kOpenai).body.find(R"("content":"Error: no such file")"),
            std::string::npos);
  request.turns[1].parts[0].inner[0].text = {"error 5"};
  EXPECT_NE(Say(request, Flavour::kOpenai).body.find(R"("content":"error 5")"), std::string::npos);
}

TEST(ChatRequestWriterTest, ImagesOfAToolFollowInAMessageOfTheUser) {
  Request request = WithResult("{}", false);
  Part image;
  image.kind = Part::Kind::kImage;
  image.media.source = Media::Source::kBase64;
  image.media.media_type = {"image/png"};
  image.media.data = {"AA"};
  request.turns[1].parts[0].inner.push_back(image);
  const Said said = Say(request, Flavour::kOpenai);
  EXPECT_NE(
      said.body.find(R"("content":"the output is in the message that follows"},{"role":"user","content":[)"
                     R"({"type":"text","text":"Output of the tool call c:"},)"
                     R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]})"),
      std::string::npos)
      << said.body;
  EXPECT_EQ(said.names, Names{});
}

TEST(ChatRequestWriterTest, ATextDocumentBecomesTextUnderItsTitleAndContext) {
  Request request;
  request.operation = chat::Operation::kMessages;
  Turn& turn = request.turns.emplace_back();
  Part& part = turn.parts.emplace_back();
  part.kind = Part::Kind::kDocument;
  part.media.source = Media::Source::kText;
  part.media.data = {"body"};
  part.media.filename = {"title"};
  part.media.context = {"context"};
  const Said said = Say(request, Flavour::kDeepseek);
  EXPECT_EQ(said.body, R"({"model":"m","messages":[{"role":"user","content":[)"
                       R"({"type":"text","text":"title\n\ncontext\n\nbody"}]}]})");
  EXPECT_EQ(said.unsayable, 0U);
}

TEST(ChatRequestWriterTest, ACallThatCannotBeSaidTakesItsResultWithIt) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"g","input":"x"}}]},)"
      R"({"role":"tool","tool_call_id":"c","content":"r"},{"role":"user","content":"q"}]})");
  const Said said = Say(request, Flavour::kCompatible);
  EXPECT_EQ(said.body, R"({"model":"m","messages":[{"role":"user","content":"q"}]})");
  EXPECT_EQ(said.names, (Names{"messages[0].tool_calls[0]", "messages[1]"}));
  EXPECT_EQ(said.unsayable, 2U);
}

TEST(ChatRequestWriterTest, AnAnswerThatMessagesBeginsForTheModelCannotBeSaid) {
  Request request;
  request.operation = chat::Operation::kMessages;
  request.body = "{}";
  for (const Role role : {Role::kUser, Role::kAssistant}) {
    Turn& turn = request.turns.emplace_back();
    turn.role = role;
    turn.raw = request.body;
    turn.parts.emplace_back().text = {"x"};
  }
  const Said said = Say(request, Flavour::kOpenai);
  EXPECT_EQ(said.body, R"({"model":"m","messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(said.unsayable, 1U);
}

TEST(ChatRequestWriterTest, AnIdTooLongForOpenaiIsReplacedInTheCallAndItsResult) {
  Request request = WithResult("{}", false);
  const std::string id = "chatcmpl-tool-" + std::string(32, 'f');
  request.turns[0].parts[0].id = request.turns[1].parts[0].id = {id};
  const std::string body = Say(request, Flavour::kOpenai).body;
  EXPECT_EQ(body.find(id), std::string::npos);
  const std::string made = body.substr(body.find("sha256-"), 40);
  EXPECT_NE(body.find(R"("id":")" + made + '"'), std::string::npos);
  EXPECT_NE(body.find(R"("tool_call_id":")" + made + '"'), std::string::npos);
  EXPECT_NE(Say(request, Flavour::kCompatible).body.find(id), std::string::npos);
  const std::string forty(40, 'a');
  request.turns[0].parts[0].id = {forty};
  EXPECT_NE(Say(request, Flavour::kOpenai).body.find(forty), std::string::npos);
}

TEST(ChatRequestWriterTest, ARequestOfWhichNothingCanBeSaidIsStillOne) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"u"}}]}]})");
  const Said said = Say(request, Flavour::kOpenai);
  EXPECT_EQ(said.body, R"({"model":"m","messages":[{"role":"user","content":""}]})");
  EXPECT_EQ(said.names, Names{"messages[0].content[0]"});
}

TEST(ChatRequestWriterTest, WhatIsNotStrictNeedsNoWord) {
  constexpr std::string_view kTools =
      R"("tools":[{"type":"function","function":{"name":"f","strict":false}}])";
  for (const Flavour flavour : {Flavour::kOpenai, Flavour::kDeepseek, Flavour::kCompatible}) {
    EXPECT_EQ(Rest(kTools, flavour), R"(,"tools":[{"type":"function","function":{"name":"f"}}]})");
    EXPECT_EQ(Lost(kTools, flavour), Names{});
  }
}

TEST(ChatRequestWriterTest, WithoutToolsNothingIsSaidOfThem) {
  constexpr std::string_view kIdle = R"("tool_choice":"none","parallel_tool_calls":false)";
  EXPECT_EQ(Rest(kIdle, Flavour::kOpenai), "}");
  EXPECT_EQ(Lost(kIdle, Flavour::kOpenai), (Names{"tool_choice", "parallel_tool_calls"}));
  EXPECT_EQ(Lost(R"("tool_choice":"required")", Flavour::kOpenai), Names{"tool_choice"});
}

TEST(ChatRequestWriterTest, MoreStopSequencesThanAProviderTakesAreNamed) {
  EXPECT_EQ(Rest(R"("stop":["1","2","3","4","5"])", Flavour::kOpenai), R"(,"stop":["1","2","3","4"]})");
  EXPECT_EQ(Lost(R"("stop":["1","2","3","4","5"])", Flavour::kOpenai), Names{"stop"});
  EXPECT_EQ(Lost(R"("stop":["1","2","3","4"])", Flavour::kOpenai), Names{});
  EXPECT_EQ(Lost(R"("stop":["1","2","3","4","5"])", Flavour::kCompatible), Names{});
}

TEST(ChatRequestWriterTest, HintsForACacheAreNamedAndNeverRefused) {
  const Request request = Read(
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}]}]})");
  const Said said = Say(request, Flavour::kOpenai);
  EXPECT_EQ(said.names, Names{"messages[0].content[0].cache_control"});
  EXPECT_EQ(said.unsayable, 0U);
  EXPECT_EQ(said.body, R"({"model":"m","messages":[{"role":"user","content":"t"}]})");
}

}  // namespace
}  // namespace translate
