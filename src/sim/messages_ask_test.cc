#include "sim/messages_ask.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/signature.h"
#include "sim/tokenizer.h"

namespace sim {
namespace {

constexpr std::uint64_t kSeed = 5;

std::string Body(const std::string& messages, const std::string& more = "") {
  return R"({"model":"claude-sonnet-5","max_tokens":5000,"messages":)" + messages + more + "}";
}

std::string Hello(const std::string& more = "") {
  return Body(R"([{"role":"user","content":"Hello there"}])", more);
}

tl::expected<MessagesAsk, BadRequest> Read(const std::string& body, Dialect dialect = Dialect::kAnthropic,
                                           bool counting = false) {
  const MessagesRules rules{.dialect = dialect, .counting = counting, .seed = kSeed};
  return ReadMessagesAsk(body, rules);
}

std::size_t TokensOf(const std::string& body) {
  const auto read = Read(body);
  EXPECT_TRUE(read) << body << "\n" << (read ? "" : read.error().message);
  return read ? read->prompt.tokens.size() : 0;
}

// What is wrong with the request; empty when nothing is.
std::string Problem(const std::string& body, Dialect dialect = Dialect::kAnthropic) {
  const auto read = Read(body, dialect);
  return read ? std::string() : read.error().message;
}

bool Begins(const std::string& text, std::string_view with) {
  return text.starts_with(with);
}

TEST(MessagesAskTest, TheMembersThatAreNeeded) {
  EXPECT_EQ(Problem(R"({"max_tokens":5,"messages":[]})"), "model: Field required");
  EXPECT_EQ(Problem(R"({"model":"m","messages":[]})"), "max_tokens: Field required");
  EXPECT_EQ(Problem(R"({"model":"m","max_tokens":5})"), "messages: Field required");
  EXPECT_TRUE(Begins(Problem(R"({"model":"m","max_tokens":5,"messages":[]})"), "messages: "));
  EXPECT_TRUE(Begins(Problem(R"({"model":"m","max_tokens":0,"messages":[]})"), "max_tokens: "));
  EXPECT_TRUE(Begins(Problem("[]"), "body: "));
  EXPECT_TRUE(Begins(Problem("{\"model\":"), "body: "));
}

TEST(MessagesAskTest, AMemberOfAnotherDialectIsRefusedByItsName) {
  EXPECT_EQ(Problem(Hello(R"(,"stream_options":{})")), "stream_options: Extra inputs are not permitted");
  EXPECT_EQ(Problem(Hello(R"(,"stream_options":{})"), Dialect::kDeepseekMessages), "");
}

TEST(MessagesAskTest, CountingWantsNoLimitAndTakesNone) {
  const std::string counted = R"({"model":"m","messages":[{"role":"user","content":"Hello there"}]})";
  const auto read = Read(counted, Dialect::kAnthropic, true);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->prompt.tokens.size(), TokensOf(Hello()));
  EXPECT_FALSE(Read(Hello(), Dialect::kAnthropic, true));
}

TEST(MessagesAskTest, TextsMessagesAndBlocksHaveTheirStatedPrice) {
  EXPECT_EQ(TokensOf(Hello()), CountTokens("Hello there") + 2 * kBlockTokens);
  EXPECT_EQ(TokensOf(Hello(R"(,"system":"Be brief")")), TokensOf(Hello()) + kBlockTokens + 2);
  EXPECT_EQ(TokensOf(Hello(R"(,"system":[{"type":"text","text":"Be brief"}])")),
            TokensOf(Hello(R"(,"system":"Be brief")")));
  const std::string image = R"({"type":"image","source":{"type":"url","url":"https://a/b.png"}})";
  const std::string text = R"({"type":"text","text":"Hello there"})";
  const auto user = [](const std::string& blocks) {
    return Body(R"([{"role":"user","content":[)" + blocks + "]}]");
  };
  EXPECT_EQ(TokensOf(user(text)), TokensOf(Hello()));
  EXPECT_EQ(TokensOf(user(text + "," + image)), TokensOf(Hello()) + kMessagesImageTokens);
  const std::string pdf =
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}})";
  EXPECT_EQ(TokensOf(user(text + "," + pdf)), TokensOf(Hello()) + kFileTokens);
  const std::string plain =
      R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"Some words"}})";
  EXPECT_EQ(TokensOf(user(text + "," + plain)), TokensOf(Hello()) + CountTokens("Some words"));
}

TEST(MessagesAskTest, ADocumentHasTextsAndImagesAndNoDocuments) {
  const auto nested = [](const std::string& inside) {
    return Body(R"([{"role":"user","content":[{"type":"document","source":{"type":"content","content":[)" +
                inside + "]}}]}]");
  };
  EXPECT_EQ(Problem(nested(R"({"type":"text","text":"a"},{"type":"image","source":{}})")), "");
  EXPECT_TRUE(Begins(Problem(nested(R"({"type":"document","source":{}})")),
                     "messages.0.content.0.source.content.0.type: "));
}

TEST(MessagesAskTest, ACacheMarkCostsNoTokensAndEndsItsBlock) {
  const auto plain = Read(Hello(R"(,"system":[{"type":"text","text":"Be brief"}])"));
  const auto marked =
      Read(Hello(R"(,"system":[{"type":"text","text":"Be brief","cache_control":{"type":"ephemeral"}}])"));
  ASSERT_TRUE(plain && marked);
  EXPECT_EQ(plain->prompt.tokens, marked->prompt.tokens);
  EXPECT_TRUE(plain->prompt.marks.empty());
  ASSERT_EQ(marked->prompt.marks.size(), 1u);
  EXPECT_EQ(marked->prompt.block_ends[marked->prompt.marks[0].block], kBlockTokens + 2);
}

TEST(MessagesAskTest, AtMostFourMarksAndTheLongOnesFirst) {
  const auto blocks = [](std::size_t count, const std::string& control) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) {
      all += std::string(i == 0 ? "" : ",") + R"({"type":"text","text":"x","cache_control":)" + control + "}";
    }
    return ",\"system\":[" + all + "]";
  };
  EXPECT_EQ(Problem(Hello(blocks(4, R"({"type":"ephemeral"})"))), "");
  EXPECT_TRUE(Begins(Problem(Hello(blocks(5, R"({"type":"ephemeral"})"))), "system.4.cache_control: "));
  EXPECT_TRUE(Begins(Problem(Hello(blocks(1, R"({"type":"ephemeral","ttl":"2h"})"))), "system.0"));
  const std::string user = R"([{"role":"user","content":[{"type":"text","text":"x","cache_control":)";
  EXPECT_TRUE(Begins(
      Problem(Body(user + R"({"type":"ephemeral","ttl":"1h"}}]}])", blocks(1, R"({"type":"ephemeral"})"))),
      "messages.0.content.0.cache_control: "));
  EXPECT_EQ(Problem(Hello(blocks(5, "{}")), Dialect::kDeepseekMessages), "");  // takes no notice
}

TEST(MessagesAskTest, ToolsAreReadAndChosen) {
  const std::string tools =
      R"(,"tools":[{"name":"get_weather","description":"d","input_schema":{"type":"object"}}])";
  const std::string body = Hello(tools + R"(,"tool_choice":{"type":"any","disable_parallel_tool_use":true})");
  const auto any = Read(body);
  ASSERT_TRUE(any);
  ASSERT_EQ(any->ask.tools.size(), 1u);
  EXPECT_EQ(any->ask.tools[0].parameters, R"({"type":"object"})");
  EXPECT_EQ(any->ask.tool_choice, ToolChoice::kRequired);
  EXPECT_FALSE(any->ask.parallel_tools);
  EXPECT_EQ(Read(Hello(tools + R"(,"tool_choice":{"type":"tool","name":"get_weather"})"))->ask.tool_choice,
            ToolChoice::kNamed);
  EXPECT_TRUE(Begins(Problem(Hello(tools + R"(,"tool_choice":{"type":"tool","name":"other"})")),
                     "tool_choice.name: "));
  EXPECT_TRUE(Begins(Problem(Hello(R"(,"tool_choice":{"type":"auto"})")), "tool_choice: "));
  EXPECT_TRUE(Begins(Problem(Hello(R"(,"tools":[{"name":"a b","input_schema":{}}])")), "tools.0.name: "));
  EXPECT_TRUE(Begins(Problem(Hello(R"(,"tools":[{"name":"a"}])")), "tools.0.input_schema: "));
}

TEST(MessagesAskTest, ToolUsesAndResultsBelongTogether) {
  const std::string use =
      R"({"role":"user","content":"Weather?"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"w","input":{}}]})";
  const auto result = [&use](const std::string& id) {
    return Body("[" + use + R"(,{"role":"user","content":[{"type":"tool_result","tool_use_id":")" + id +
                R"(","is_error":true,"content":"no such city"}]}])");
  };
  const std::string body = result("t1");
  const auto read = Read(body);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->ask.messages.back().role, "tool");
  EXPECT_TRUE(read->ask.messages.back().is_error);
  EXPECT_EQ(read->ask.LastOf("user"), "Weather?");
  EXPECT_TRUE(Begins(Problem(result("t2")), "messages.2: "));
  EXPECT_TRUE(Begins(Problem(Body("[" + use + R"(,{"role":"user","content":"So?"}])")), "messages.2: "));
  EXPECT_TRUE(
      Begins(Problem(Body(R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1"}]}])")),
             "messages.0: "));
}

TEST(MessagesAskTest, ThinkingNeedsABudgetBelowTheLimit) {
  EXPECT_EQ(Problem(Hello(R"(,"thinking":{"type":"enabled","budget_tokens":1024})")), "");
  EXPECT_TRUE(Begins(Problem(Hello(R"(,"thinking":{"type":"enabled","budget_tokens":1023})")), "thinking."));
  EXPECT_TRUE(
      Begins(Problem(Hello(R"(,"thinking":{"type":"enabled","budget_tokens":5000})")), "max_tokens: "));
  EXPECT_EQ(Problem(Hello(R"(,"thinking":{"type":"enabled","budget_tokens":4999})")), "");
  EXPECT_EQ(Problem(Hello(R"(,"thinking":{"type":"enabled","budget_tokens":1})"), Dialect::kDeepseekMessages),
            "");
}

TEST(MessagesAskTest, ThinkingThatComesBackMustBeWhatWasSaid) {
  const auto turn = [](const std::string& thinking, const std::string& signature) {
    return Body(
        R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":")" +
        thinking + R"(","signature":")" + signature +
        R"("},{"type":"text","text":"b"}]},{"role":"user","content":"c"}])");
  };
  EXPECT_EQ(Problem(turn("I think.", SignThinking(kSeed, "I think."))), "");
  const std::string wrong = "messages.1.content.0: Invalid `signature` in `thinking` block";
  EXPECT_EQ(Problem(turn("I thought.", SignThinking(kSeed, "I think."))), wrong);
  EXPECT_EQ(Problem(turn("I think.", "abcd")), wrong);
  EXPECT_EQ(Problem(turn("I think.", SignThinking(kSeed + 1, "I think."))), wrong);  // another provider's
}

TEST(MessagesAskTest, WithThinkingAnAnsweredToolUseBeginsWithIt) {
  const auto turns = [](const std::string& before) {
    return Body(
        R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + before +
            R"({"type":"tool_use","id":"t1","name":"w","input":{}}]},)"
            R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"17"}]}])",
        R"(,"thinking":{"type":"enabled","budget_tokens":1024})");
  };
  EXPECT_TRUE(Begins(Problem(turns("")), "messages: "));
  EXPECT_EQ(Problem(turns(R"({"type":"thinking","thinking":"t","signature":")" + SignThinking(kSeed, "t") +
                          "\"},")),
            "");
}

TEST(MessagesAskTest, TheVersionOf2026RefusesWhatTheOneBeforeTakes) {
  const std::string cited =
      Body(R"([{"role":"user","content":[{"type":"text","text":"a","citations":[{"type":"x"}]}]}])");
  const std::string document = Body(
      R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"document","source":{}}]}])");
  for (const auto& [body, member] :
       {std::pair(Hello(R"(,"temperature":1.0)"), "temperature: "),
        std::pair(Hello(R"(,"top_p":0.9)"), "top_p: "), std::pair(Hello(R"(,"top_k":3)"), "top_k: "),
        std::pair(cited, "messages.0.content.0.citations: "),
        std::pair(document, "messages.1.content.0.type: ")}) {
    EXPECT_TRUE(Read(body)) << body;
    const auto read = ReadMessagesAsk(body, {.of_2026 = true});
    ASSERT_FALSE(read) << body;
    EXPECT_TRUE(Begins(read.error().message, member)) << read.error().message;
  }
}

TEST(MessagesAskTest, DeepseekAnswersWithItsOwnModels) {
  const auto model = [](const std::string& name) {
    const auto read =
        Read(R"({"model":")" + name + R"(","max_tokens":5,"messages":[{"role":"user","content":"x"}]})",
             Dialect::kDeepseekMessages);
    return read ? read->ask.model : std::string();
  };
  EXPECT_EQ(model("claude-opus-4-8"), "deepseek-v4-pro");
  EXPECT_EQ(model("claude-haiku-4-5"), "deepseek-v4-flash");
  EXPECT_EQ(model("whatever"), "deepseek-v4-flash");
  EXPECT_EQ(model("deepseek-v4-pro"), "deepseek-v4-pro");
}

}  // namespace
}  // namespace sim
