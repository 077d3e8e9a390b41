#include "translate/strict_schema_internal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "translate/translate.h"

namespace translate {
namespace {

using internal::IsStrictSchema;

constexpr std::string_view kStrict =
    R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":["integer","null"]}},)"
    R"("required":["b","a"],"additionalProperties":false,"description":"d"})";
constexpr std::string_view kLoose =
    R"({"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false})";

TEST(StrictSchemaTest, EveryObjectRequiresAllAndAllowsNoOthers) {
  EXPECT_TRUE(IsStrictSchema(kStrict));
  EXPECT_TRUE(IsStrictSchema(R"({"type":"object","properties":{},"additionalProperties":false})"));
  EXPECT_FALSE(IsStrictSchema(kLoose));
  EXPECT_FALSE(IsStrictSchema(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})"));
  EXPECT_FALSE(IsStrictSchema(
      R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":true})"));
  EXPECT_FALSE(IsStrictSchema("{}"));
  EXPECT_FALSE(IsStrictSchema(R"({"type":"array","items":{"type":"string"}})"));
  EXPECT_FALSE(IsStrictSchema("true"));
}

TEST(StrictSchemaTest, WhatIsFurtherInCounts) {
  const auto with = [](std::string_view inner, std::string_view beside = "") {
    return R"({"type":"object","properties":{"a":)" + std::string(inner) +
           R"(},"required":["a"],"additionalProperties":false)" + std::string(beside) + "}";
  };
  const std::string strict(kStrict);
  const std::string loose(kLoose);
  EXPECT_TRUE(IsStrictSchema(with(R"({"type":"array","items":)" + strict + "}")));
  EXPECT_FALSE(IsStrictSchema(with(R"({"type":"array","items":)" + loose + "}")));
  EXPECT_TRUE(IsStrictSchema(with(R"({"anyOf":[{"type":"null"},)" + strict + "]}")));
  EXPECT_FALSE(IsStrictSchema(with(R"({"anyOf":[{"type":"null"},)" + loose + "]}")));
  EXPECT_TRUE(IsStrictSchema(with(R"({"$ref":"#/$defs/d"})", R"(,"$defs":{"d":)" + strict + "}")));
  EXPECT_FALSE(IsStrictSchema(with(R"({"$ref":"#/$defs/d"})", R"(,"$defs":{"d":)" + loose + "}")));
  EXPECT_FALSE(IsStrictSchema(with(R"({"description":"any value"})")));
  EXPECT_FALSE(IsStrictSchema(with(R"({"allOf":[{"type":"string"}]})")));
  EXPECT_FALSE(IsStrictSchema(with(R"({"type":["object","null"]})")));
}

TEST(StrictSchemaTest, WhatNestsDeeperThanAnybodyTakesIsNot) {
  const auto nested = [](int depth) {
    std::string schema = R"({"type":"string"})";
    for (int i = 0; i < depth; ++i) schema = R"({"type":"array","items":)" + schema + "}";
    return R"({"type":"object","properties":{"a":)" + schema +
           R"(},"required":["a"],"additionalProperties":false})";
  };
  EXPECT_TRUE(IsStrictSchema(nested(23)));
  EXPECT_FALSE(IsStrictSchema(nested(24)));
}

// What of a request in Messages is said to OpenAI with `schema` as its format and as that of its strict tool.
SaidRequest Say(chat::Operation operation, std::string_view schema) {
  const std::string body =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"output_config":{"format":)"
      R"({"type":"json_schema","schema":)" +
      std::string(schema) + R"(}},"tools":[{"name":"f","input_schema":)" + std::string(schema) +
      R"(,"strict":true}]})";
  const auto request = ReadRequest(chat::Operation::kMessages, body);
  const auto said = WriteRequest(*request, {.operation = operation, .model = "gpt-5"});
  EXPECT_TRUE(said);
  return said ? *said : SaidRequest{};
}

TEST(StrictSchemaTest, OpenaiIsAskedToBeStrictOnlyWhereItCanBe) {
  for (const chat::Operation operation : {chat::Operation::kChat, chat::Operation::kResponses}) {
    const SaidRequest strict = Say(operation, kStrict);
    EXPECT_EQ(strict.dropped, std::vector<std::string>{});
    EXPECT_NE(strict.body.find(R"("strict":true)"), std::string::npos);
    const SaidRequest loose = Say(operation, kLoose);
    EXPECT_EQ(loose.body.find(R"("strict":true)"), std::string::npos) << loose.body;
    std::vector<std::string> names = loose.dropped;
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"output_config.format", "tools[0].strict"}));
  }
}

}  // namespace
}  // namespace translate
