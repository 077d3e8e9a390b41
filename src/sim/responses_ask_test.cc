#include "sim/responses_ask.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/signature.h"
#include "sim/tokenizer.h"

namespace sim {
namespace {

constexpr std::uint64_t kSeed = 5;

std::string Body(const std::string& input, const std::string& more = "") {
  return R"({"model":"gpt-5","input":)" + input + more + "}";
}

std::string Hello(const std::string& more = "") {
  return Body(R"("Hello there")", more);
}

tl::expected<ResponsesAsk, ErrorReply> Read(const std::string& body, const ResponseStore& store = {}) {
  const ResponsesRules rules{.seed = kSeed,
                             .find_response = [&store](const std::string& id) -> std::optional<Conversation> {
                               const Conversation* kept = store.Find(id);
                               return kept == nullptr ? std::nullopt : std::optional(*kept);
                             },
                             .find_item = [&store](const std::string& id) { return store.FindItem(id); }};
  return ReadResponsesAsk(body, rules);
}

ResponsesAsk Good(const std::string& body, const ResponseStore& store = {}) {
  auto read = Read(body, store);
  EXPECT_TRUE(read) << body << "\n" << (read ? "" : read.error().message);
  return read ? std::move(*read) : ResponsesAsk{};
}

// What is wrong: the parameter and the code.
std::string Problem(const std::string& body, const ResponseStore& store = {}) {
  const auto read = Read(body, store);
  if (read) return "nothing";
  EXPECT_EQ(read.error().type, "invalid_request_error");
  EXPECT_FALSE(read.error().message.empty());
  return std::to_string(read.error().status) + " " + read.error().param + " " +
         std::string(read.error().code);
}

std::string Words(const ResponsesAsk& read) {
  std::string out;
  for (const Message& message : read.ask.messages) out += message.role + "(" + message.text + ")";
  return out;
}

TEST(ResponsesAskTest, TheMembersThatAreNeeded) {
  EXPECT_EQ(Problem(R"({"input":"x"})"), "400 model missing_required_parameter");
  EXPECT_EQ(Problem(R"({"model":"m"})"), "400 input missing_required_parameter");
  EXPECT_EQ(Problem(R"({"model":"m","input":[]})"), "400 input missing_required_parameter");
  EXPECT_EQ(Problem(R"({"model":"m","input":7})"), "400 input invalid_type");
  EXPECT_EQ(Problem("[]"), "400  ");
  EXPECT_EQ(Problem("{\"model\":"), "400  ");
}

TEST(ResponsesAskTest, WhatIsUnknownIsRefusedAndWhatHasAnotherNameHereIsTold) {
  EXPECT_EQ(Problem(Hello(R"(,"stop":["x"])")), "400 stop unknown_parameter");
  EXPECT_EQ(Problem(Hello(R"(,"messages":[])")), "400 messages unsupported_parameter");
  EXPECT_EQ(Problem(Hello(R"(,"response_format":{})")), "400 response_format unsupported_parameter");
  const auto read = Read(Hello(R"(,"max_completion_tokens":5)"));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("'max_output_tokens'"), std::string::npos);
}

TEST(ResponsesAskTest, ValuesOfTheWrongKindAndOutOfBounds) {
  EXPECT_EQ(Problem(Hello(R"(,"store":"no")")), "400 store invalid_type");
  EXPECT_EQ(Problem(Hello(R"(,"max_output_tokens":15)")), "400 max_output_tokens integer_below_min_value");
  EXPECT_EQ(Problem(Hello(R"(,"max_output_tokens":16.5)")), "400 max_output_tokens invalid_type");
  EXPECT_EQ(Problem(Hello(R"(,"max_output_tokens":16)")), "nothing");
  EXPECT_EQ(Problem(Hello(R"(,"temperature":2)")), "nothing");
  EXPECT_EQ(Problem(Hello(R"(,"temperature":2.1)")), "400 temperature decimal_above_max_value");
  EXPECT_EQ(Problem(Hello(R"(,"top_p":-0.1)")), "400 top_p decimal_below_min_value");
  EXPECT_EQ(Problem(Hello(R"(,"top_logprobs":21)")), "400 top_logprobs integer_above_max_value");
  EXPECT_EQ(Problem(Hello(R"(,"truncation":"yes")")), "400 truncation invalid_value");
  EXPECT_EQ(Problem(Hello(R"(,"service_tier":"gold")")), "400 service_tier invalid_value");
  EXPECT_EQ(Problem(Hello(R"(,"include":["everything"])")), "400 include[0] invalid_value");
  EXPECT_EQ(Problem(Hello(R"(,"reasoning":{"effort":"huge"})")), "400 reasoning.effort invalid_value");
  EXPECT_EQ(Problem(Hello(R"(,"reasoning":{"summary":"long"})")), "400 reasoning.summary invalid_value");
  EXPECT_EQ(Problem(Hello(R"(,"temperature":null,"tools":null,"metadata":null)")), "nothing");
}

TEST(ResponsesAskTest, WhatIsNotSimulatedIsRefused) {
  EXPECT_EQ(Problem(Hello(R"(,"background":true)")), "400 background unsupported_parameter");
  EXPECT_EQ(Problem(Hello(R"(,"conversation":"conv_1")")), "404 conversation ");
  EXPECT_EQ(Problem(Hello(R"(,"prompt":{"id":"pmpt_1"})")), "404 prompt ");
}

TEST(ResponsesAskTest, TextsOfAllRolesAndTheirTokens) {
  const auto read = Good(Body(
      R"([{"role":"developer","content":"Be brief"},{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},)"
      R"({"type":"input_text","text":"b"}]},{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text",)"
      R"("text":"c"},{"type":"refusal","refusal":"no"}]},{"role":"user","content":"d"}])",
      R"(,"instructions":"Obey")"));
  EXPECT_EQ(Words(read), "system(Obey)developer(Be brief)user(a\nb)assistant(c\nno)user(d)");
  const std::size_t texts = CountTokens("Obey") + CountTokens("Be brief") + 2 + 1 + CountTokens("no") + 1;
  EXPECT_EQ(read.prompt.tokens.size(), texts + 6 * kItemTokens);
}

TEST(ResponsesAskTest, WrongMessages) {
  EXPECT_EQ(Problem(Body(R"([{"role":"tool","content":"x"}])")), "400 input[0].role invalid_value");
  EXPECT_EQ(Problem(Body(R"([{"role":"user"}])")), "400 input[0].content missing_required_parameter");
  EXPECT_EQ(Problem(Body(R"([{"role":"user","content":[{"type":"text","text":"x"}]}])")),
            "400 input[0].content[0].type invalid_value");
  EXPECT_EQ(Problem(Body(R"([{"role":"assistant","content":[{"type":"input_text","text":"x"}]}])")),
            "400 input[0].content[0].type invalid_value");
  EXPECT_EQ(Problem(Body(R"([{"role":"assistant","id":"chatcmpl-1","content":"x"}])")),
            "400 input[0].id invalid_value");
  EXPECT_EQ(Problem(Body(R"(["x"])")), "400 input[0] invalid_type");
  EXPECT_EQ(Problem(Body(R"([{"type":"thinking"}])")), "400 input[0].type invalid_value");
}

TEST(ResponsesAskTest, ImagesAndFilesCostTokens) {
  const auto tokens = [](const std::string& part) {
    return Good(Body(R"([{"role":"user","content":[)" + part + "]}]")).prompt.tokens.size();
  };
  const std::size_t none = tokens(R"({"type":"input_text","text":""})");
  EXPECT_EQ(tokens(R"({"type":"input_image","image_url":"https://a.example/x.png"})"), none + kImageTokens);
  EXPECT_EQ(tokens(R"({"type":"input_image","image_url":"data:image/png;base64,AAAA"})"),
            none + kImageTokens);
  EXPECT_EQ(tokens(R"({"type":"input_image","file_id":"file-1"})"), none + kImageTokens);
  EXPECT_GT(tokens(R"({"type":"input_file","file_data":"data:application/pdf;base64,AAAA"})"),
            none + kImageTokens);
  EXPECT_EQ(Problem(Body(R"([{"role":"user","content":[{"type":"input_image","image_url":{"url":"x"}}]}])")),
            "400 input[0].content[0].image_url invalid_value");
  EXPECT_EQ(Problem(Body(R"([{"role":"user","content":[{"type":"input_image"}]}])")),
            "400 input[0].content[0].image_url missing_required_parameter");
}

constexpr const char* kCall =
    R"({"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}"})";
constexpr const char* kOutput = R"({"type":"function_call_output","call_id":"c1","output":"sunny"})";

TEST(ResponsesAskTest, ACallAndItsOutput) {
  const auto read =
      Good(Body(R"([{"role":"user","content":"Weather?"},)" + std::string(kCall) + "," + kOutput + "]"));
  EXPECT_EQ(Words(read), "system()user(Weather?)tool(sunny)");
  EXPECT_EQ(Problem(Body("[" + std::string(kCall) + "]")), "400 input ");
  EXPECT_EQ(Problem(Body("[" + std::string(kOutput) + "]")), "400 input ");
  EXPECT_EQ(
      Problem(Body(R"([{"type":"function_call","id":"call_1","call_id":"c","name":"f","arguments":"{}"}])")),
      "400 input[0].id invalid_value");
  EXPECT_EQ(Problem(Body(R"([{"type":"function_call","call_id":"c","name":"f","arguments":{}}])")),
            "400 input[0].arguments invalid_type");
  EXPECT_EQ(Problem(Body(R"([{"type":"function_call_output","call_id":"c"}])")),
            "400 input[0].output missing_required_parameter");
}

TEST(ResponsesAskTest, TheOutputOfACallMayBeParts) {
  const auto read = Good(
      Body("[" + std::string(kCall) +
           R"(,{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"a"},)"
           R"({"type":"input_image","image_url":"https://a.example/x.png"}]}])"));
  EXPECT_EQ(Words(read), "system()tool(a)");
  EXPECT_EQ(read.ask.messages.back().images, 1u);
}

TEST(ResponsesAskTest, ThoughtsComeBackSealedOrAreKept) {
  const std::string sealed = Seal(kSeed, "0123456789abcdef");
  const auto thought = [](const std::string& more) {
    return Body(R"([{"type":"reasoning","summary":[])" + more + R"(},{"role":"user","content":"x"}])");
  };
  EXPECT_EQ(Problem(thought(R"(,"id":"rs_1","encrypted_content":")" + sealed + "\"")), "nothing");
  EXPECT_EQ(Problem(thought(R"(,"encrypted_content":")" + sealed + "\"")), "nothing");
  EXPECT_EQ(
      Problem(thought(R"(,"id":"rs_1","encrypted_content":")" + Seal(kSeed + 1, "0123456789abcdef") + "\"")),
      "400  invalid_encrypted_content");
  EXPECT_EQ(Problem(thought(R"(,"id":"rs_1","encrypted_content":"gAAAAAB")")),
            "400  invalid_encrypted_content");
  EXPECT_EQ(Problem(thought(R"(,"id":"rs_1")")), "404 input ");
  ResponseStore store;
  store.Keep("resp_1", {std::make_shared<const ResponseItem>(
                           ResponseItem{.kind = ResponseItem::Kind::kReasoning, .id = "rs_1"})});
  EXPECT_EQ(Problem(thought(R"(,"id":"rs_1")"), store), "nothing");
}

TEST(ResponsesAskTest, APreviousResponseAndAnItemAreLookedUp) {
  ResponseStore store;
  const auto first = Good(Body(R"("One")", R"(,"instructions":"Only then")"));
  store.Keep("resp_1", first.conversation);
  const auto second = Good(Body(R"("Two")", R"(,"previous_response_id":"resp_1")"), store);
  EXPECT_EQ(Words(second), "system()user(One)user(Two)");
  const auto same = Good(Body(R"([{"role":"user","content":"One"},{"role":"user","content":"Two"}])"));
  EXPECT_EQ(second.prompt.tokens, same.prompt.tokens);
  EXPECT_EQ(Problem(Hello(R"(,"previous_response_id":"resp_2")")),
            "400 previous_response_id previous_response_not_found");
  EXPECT_EQ(Problem(Body(R"([{"type":"item_reference","id":"msg_1"}])")), "404 input ");
  store.Keep("resp_3", {std::make_shared<const ResponseItem>(
                           ResponseItem{.id = "msg_1", .role = "assistant", .text = "kept"})});
  EXPECT_EQ(Words(Good(Body(R"([{"type":"item_reference","id":"msg_1"},{"id":"msg_1"}])"), store)),
            "system()assistant(kept)assistant(kept)");
}

TEST(ResponsesAskTest, ToolsAndTheirChoice) {
  const std::string tools =
      R"(,"tools":[{"type":"function","name":"f","parameters":{"type":"object"}},{"type":"custom","name":"g"},{"type":"web_search"}])";
  const auto read = Good(Hello(tools + R"(,"tool_choice":{"type":"custom","name":"g"})"));
  ASSERT_EQ(read.ask.tools.size(), 2u);
  EXPECT_FALSE(read.ask.tools[0].custom);
  EXPECT_TRUE(read.ask.tools[1].custom);
  EXPECT_EQ(read.ask.tool_named, "g");
  const auto allowed = Good(Hello(
      tools +
      R"(,"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]})"));
  ASSERT_EQ(allowed.ask.tools.size(), 1u);
  EXPECT_EQ(allowed.ask.tool_choice, ToolChoice::kRequired);
  EXPECT_EQ(Problem(Hello(R"(,"tools":[{"type":"function","function":{"name":"f"}}])")),
            "400 tools[0].name missing_required_parameter");
  EXPECT_EQ(Problem(Hello(R"(,"tools":[{"type":"magic"}])")), "400 tools[0].type invalid_value");
  EXPECT_EQ(Problem(Hello(tools + R"(,"tool_choice":"maybe")")), "400 tool_choice invalid_value");
  EXPECT_EQ(Problem(Hello(tools + R"(,"tool_choice":{"type":"function","name":"h"})")), "400 tool_choice ");
  EXPECT_EQ(Problem(Hello(tools + R"(,"tool_choice":{"type":"function","function":{"name":"f"}})")),
            "400 tool_choice.name missing_required_parameter");
}

TEST(ResponsesAskTest, FormatsOfTheText) {
  const auto format = [](const std::string& json) { return Hello(R"(,"text":{"format":)" + json + "}"); };
  EXPECT_EQ(Good(format(R"({"type":"json_schema","name":"n","schema":{"type":"object"}})")).ask.schema,
            R"({"type":"object"})");
  EXPECT_EQ(Problem(format(R"({"type":"json_schema","schema":{}})")),
            "400 text.format.name missing_required_parameter");
  EXPECT_EQ(Problem(format(R"({"type":"json_schema","name":"n"})")),
            "400 text.format.schema missing_required_parameter");
  EXPECT_EQ(Problem(format(R"({"type":"xml"})")), "400 text.format.type invalid_value");
  EXPECT_EQ(Problem(format(R"({"type":"json_object"})")), "400 input ");
  EXPECT_EQ(Problem(Body(R"("As JSON")", R"(,"text":{"format":{"type":"json_object"}})")), "nothing");
}

TEST(ResponsesAskTest, WhatIsAskedForIsRepeatedAndTheRestHasItsDefault) {
  const auto read =
      Good(Hello(R"(,"temperature":0.5,"metadata":{"a":"b"},"store":false,"text":{"verbosity":"low"})"));
  for (const char* member :
       {R"(,"temperature":0.5)", R"(,"metadata":{"a":"b"})", R"(,"store":false)", R"(,"top_p":1.0)",
        R"(,"tools":[])", R"(,"instructions":null)", R"(,"reasoning":{"effort":null,"summary":null})",
        R"(,"text":{"format":{"type":"text"},"verbosity":"low"})"}) {
    EXPECT_NE(read.terms.echo.find(member), std::string::npos) << member << "\n" << read.terms.echo;
  }
  EXPECT_FALSE(read.terms.stored);
}

}  // namespace
}  // namespace sim
