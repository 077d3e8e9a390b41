#include "translate/tool_names_internal.h"

#include <gtest/gtest.h>

#include "translate/played_stream_for_test.h"
#include "wire/json_scanner.h"

namespace translate {
namespace {

using chat::Flavour;
using chat::Operation;

const std::string kLong = "mcp__a_server_with_a_long_name__and_a_tool_whose_name_is_no_shorter_than_that";

std::string Asked(const std::string& name) {
  return R"({"model":"m","max_tokens":9,"tools":[{"name":")" + name +
         R"(","input_schema":{"type":"object"}},{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":")" +
         name +
         R"("},"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":")" +
         name +
         R"(","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"tool_reference","tool_name":")" +
         name + R"("}]}]}]})";
}

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(ToolNamesTest, ALongNameIsShortenedEverywhereAndStaysTheSame) {
  const std::string asked = Asked(kLong);
  const auto request = ReadRequest(Operation::kMessages, asked);
  ASSERT_TRUE(request);
  const std::string made = internal::ShortToolName({kLong});
  EXPECT_EQ(made.size(), internal::kToolNameMax);
  EXPECT_EQ(made, internal::ShortToolName({kLong}));
  EXPECT_NE(made, internal::ShortToolName({kLong + "s"}));
  for (const Operation to : {Operation::kChat, Operation::kResponses}) {
    const auto said =
        WriteRequest(*request, {.operation = to, .flavour = Flavour::kOpenai, .model = "gpt-5.2"});
    ASSERT_TRUE(said) << said.error().detail;
    EXPECT_EQ(CountOf(said->body, kLong), 0) << said->body;
    EXPECT_EQ(CountOf(said->body, '"' + made + '"'), 4) << said->body;
  }
  const auto open =
      WriteRequest(*request, {.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "q"});
  EXPECT_EQ(CountOf(open->body, kLong), 4);
}

TEST(ToolNamesTest, ANameOf64BytesIsLeftAlone) {
  const std::string name(internal::kToolNameMax, 'n');
  EXPECT_EQ(internal::ShortToolName({name}), name);
  EXPECT_NE(internal::ShortToolName({name + "n"}), name + "n");
}

TEST(ToolNamesTest, TheCallerGetsItsOwnNameBackWholeAndStreamed) {
  const std::string asked = Asked(kLong);
  const auto request = ReadRequest(Operation::kMessages, asked);
  const std::string made = internal::ShortToolName({kLong});
  const Between between{.request = *request, .provider = Operation::kChat, .now = 1, .request_id = "req_1"};
  const auto whole = TranslateAnswer(
      between,
      R"({"id":"c","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"t","type":"function","function":{"name":")" +
          made + R"(","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})");
  ASSERT_TRUE(whole);
  EXPECT_EQ(CountOf(whole->body, '"' + kLong + '"'), 1) << whole->body;
  StreamTranslation stream(between);
  const std::string chunk =
      R"({"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":")" +
      made + R"(","arguments":"{}"}}]}}]})";
  std::string said;
  ASSERT_TRUE(stream.Take(FrameOf(chunk), said));
  EXPECT_EQ(CountOf(said, '"' + kLong + '"'), 1) << said;
}

}  // namespace
}  // namespace translate
