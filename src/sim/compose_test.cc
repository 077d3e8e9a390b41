#include "sim/compose.h"

#include <gtest/gtest.h>

#include "sim/code.h"
#include "sim/json_find.h"
#include "sim/schema_value.h"
#include "sim/topic.h"
#include "wire/json_scanner.h"

namespace sim {
namespace {

Composed Answer(const std::string& body, std::uint64_t seed = 1) {
  const auto ask = ReadAsk(chat::Operation::kChat, body);
  EXPECT_TRUE(ask) << body;
  base::Random random(seed);
  return Compose(*ask, 0, random);
}

std::string Body(const std::string& question, const std::string& more = "") {
  return R"({"model":"m","messages":[{"role":"user","content":")" + question + "\"}]" + more + "}";
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ComposeTest, AnswersDependOnTheQuestion) {
  EXPECT_TRUE(Contains(Answer(Body("How does photosynthesis work?")).text, "photosynthesis"));
  EXPECT_TRUE(Contains(Answer(Body("Is granite harder than marble?")).text, "granite"));
  EXPECT_TRUE(Contains(Answer(Body("List some tips on gardening")).text, "1. "));
  EXPECT_TRUE(Contains(Answer(Body("Translate 'house' to French")).text, "maison"));
  EXPECT_EQ(Answer(Body("Say exactly: pong")).text, "pong");
}

TEST(ComposeTest, TheSameSeedGivesTheSameAnswer) {
  EXPECT_EQ(Answer(Body("Explain tides"), 5).text, Answer(Body("Explain tides"), 5).text);
  bool differs = false;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    differs = differs || Answer(Body("Explain tides"), seed).text != Answer(Body("Explain tides"), 5).text;
  }
  EXPECT_TRUE(differs);
}

TEST(ComposeTest, ChineseIsAnsweredInChinese) {
  const std::string text = Answer(Body("请解释一下量子纠缠")).text;
  EXPECT_TRUE(Contains(text, "量子纠缠")) << text;
}

TEST(ComposeTest, SumsAreComputed) {
  EXPECT_EQ(FindSum("what is 12*(3+4)?")->value, "84");
  EXPECT_EQ(FindSum("2 + 2.")->value, "4");
  EXPECT_EQ(FindSum("7 / 2")->value, "3.5");
  EXPECT_EQ(FindSum("-3 and 4 - 10")->value, "-6");
  EXPECT_FALSE(FindSum("in 2026 there were 3 of them"));
  EXPECT_FALSE(FindSum("1 / 0"));
  EXPECT_FALSE(FindSum(std::string(5000, '(') + "1"));
}

TEST(ComposeTest, JsonModeGivesAnObject) {
  const std::string text =
      Answer(Body("Describe rain as json", R"(,"response_format":{"type":"json_object"})")).text;
  EXPECT_TRUE(wire::ScanJson(text)) << text;
  EXPECT_EQ(text.front(), '{');
}

TEST(SchemaValueTest, ValuesFitTheirSchema) {
  const std::string_view schema = R"({"type":"object","properties":{
    "name":{"type":"string","minLength":30},"age":{"type":"integer","minimum":18,"maximum":30},
    "kind":{"enum":["cat","dog"]},"ok":{"type":"boolean"},"none":{"type":"null"},
    "list":{"type":"array","minItems":3,"items":{"$ref":"#/$defs/point"}},
    "either":{"anyOf":[{"type":"null"},{"type":"number","exclusiveMinimum":5}]},"fix":{"const":[1,2]}},
    "$defs":{"point":{"type":"object","properties":{"x":{"type":"number"}}}}})";
  base::Random random(3);
  const std::string text = ValueFor(schema, "My dog Rex is 4", random);
  ASSERT_TRUE(wire::ScanJson(text)) << text;
  EXPECT_EQ(FindText(text, "kind"), "dog");
  EXPECT_GE(FindText(text, "name").size(), 30u);
  EXPECT_EQ(FindInteger(text, "age"), 18);
  EXPECT_TRUE(FindBool(text, "ok").has_value());
  std::size_t items = 0;
  ForEachElement(FindMember(text, "list")->raw, [&](const wire::JsonValue& item) {
    ++items;
    EXPECT_TRUE(FindMember(item.raw, "x"));
  });
  EXPECT_EQ(items, 3u);
  EXPECT_EQ(FindMember(text, "fix")->raw, "[1,2]");
}

TEST(SchemaValueTest, ASchemaThatRefersToItselfEnds) {
  base::Random random(3);
  const std::string text =
      ValueFor(R"({"type":"object","properties":{"next":{"$ref":"#"},"other":{"$ref":"#"}}})", "", random);
  EXPECT_TRUE(wire::ScanJson(text));
  EXPECT_LT(text.size(), 2'000'000u);
  EXPECT_EQ(ValueFor(R"({"$ref":"#"})", "", random), "null");
}

constexpr const char* kTools = R"(,"tools":[
  {"type":"function","function":{"name":"get_weather","description":"the weather of a city",
   "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}},
  {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{"zone":{"type":"string"}}}}}])";

TEST(ToolCallsTest, TheToolThatFitsIsCalledWithNamesOfTheQuestion) {
  const auto composed = Answer(Body("What is the weather in Paris?", kTools));
  ASSERT_EQ(composed.calls.size(), 1u);
  EXPECT_EQ(composed.calls[0].name, "get_weather");
  EXPECT_EQ(composed.calls[0].arguments, R"({"city":"Paris"})");
}

TEST(ToolCallsTest, BothNamedToolsAreCalledUnlessCallsMayNotBeParallel) {
  const std::string question = "Use get_weather and get_time for Oslo";
  EXPECT_EQ(Answer(Body(question, kTools)).calls.size(), 2u);
  EXPECT_EQ(Answer(Body(question, std::string(kTools) + R"(,"parallel_tool_calls":false)")).calls.size(), 1u);
}

TEST(ToolCallsTest, TheChoiceIsHonoured) {
  EXPECT_TRUE(Answer(Body("weather?", std::string(kTools) + R"(,"tool_choice":"none")")).calls.empty());
  const auto named =
      Answer(Body("weather?", std::string(kTools) +
                                  R"(,"tool_choice":{"type":"function","function":{"name":"get_time"}})"));
  ASSERT_EQ(named.calls.size(), 1u);
  EXPECT_EQ(named.calls[0].name, "get_time");
}

TEST(ToolCallsTest, AToolsResultIsUsedInAText) {
  const auto composed = Answer(R"({"model":"m","messages":[{"role":"user","content":"Weather?"},
    {"role":"assistant","tool_calls":[]},{"role":"tool","tool_call_id":"c","content":"17 degrees"}])" +
                               std::string(kTools) + "}");
  EXPECT_TRUE(composed.calls.empty());
  EXPECT_TRUE(Contains(composed.text, "17 degrees"));
}

TEST(CodeTest, AnUnfinishedFunctionIsContinued) {
  EXPECT_EQ(ContinueCode("def factorial(n: int) -> int:\n    \"\"\"doc\"\"\"\n"),
            "    result = 1\n    for i in range(2, n + 1):\n        result *= i\n    return result\n");
}

TEST(CodeTest, AChatAnswerHasTheFunctionThatWasBegun) {
  const std::string text = WriteCode(
      "from typing import List\n\n\ndef close(numbers: List[float], t: float) -> bool:\n    \"\"\"x\"\"\"\n",
      FindTopic("def close"));
  EXPECT_TRUE(
      Contains(text,
               "```python\nfrom typing import List\n\n\ndef close(numbers: List[float], t: float) -> bool:\n"
               "    result = bool(numbers)\n    return result\n```"))
      << text;
}

}  // namespace
}  // namespace sim
