#include "admin/ask.h"

#include <gtest/gtest.h>

namespace admin {
namespace {

constexpr std::string_view kOnce[] = {"team", "limit"};
constexpr std::string_view kOften[] = {"where"};

TEST(ParametersTest, AreDecodedAndMayRepeatWhereThatIsMeant) {
  const auto given = Parameters::Read("team=a+b%2Fc&where=x%3D1&where=y%3D%E5%AE%A2&&limit=", kOnce, kOften);
  ASSERT_TRUE(given) << given.error().detail;
  EXPECT_EQ(given->Get("team"), "a b/c");
  EXPECT_EQ(given->All("where"), (std::vector<std::string>{"x=1", "y=客"}));
  EXPECT_EQ(given->Get("limit"), "");
  EXPECT_TRUE(given->All("nothing").empty());
}

TEST(ParametersTest, ASlipIsNotAnAnswerToAnotherQuestion) {
  for (const char* query : {"tema=a", "team=a&team=b", "team=%2", "team=%zz", "team=%ff", "=x", "team=%"}) {
    const auto given = Parameters::Read(query, kOnce, kOften);
    ASSERT_FALSE(given) << query;
    EXPECT_EQ(given.error().code, base::Code::kInvalid);
  }
}

TEST(ParametersTest, AreSoManyAndNoMore) {
  std::string query;
  for (std::size_t i = 0; i < kParametersMax; ++i) query += "where=x&";
  EXPECT_TRUE(Parameters::Read(query, kOnce, kOften));
  EXPECT_FALSE(Parameters::Read(query + "where=x", kOnce, kOften));
}

TEST(ParametersTest, ANumberHasItsBounds) {
  const auto count = [](std::string_view query) {
    return Parameters::Read(query, kOnce, kOften)->Count("limit", 7, 10);
  };
  EXPECT_EQ(*count(""), 7u);
  EXPECT_EQ(*count("limit=1"), 1u);
  EXPECT_EQ(*count("limit=10"), 10u);
  for (const char* query : {"limit=0", "limit=11", "limit=-1", "limit=x", "limit="}) {
    EXPECT_FALSE(count(query)) << query;
  }
}

base::Result<> Read(std::string_view body, std::string& text, std::vector<std::string>& texts) {
  return ReadBody(body, [&](std::string_view name, const wire::JsonValue& value) -> base::Result<bool> {
    base::Result<> done;
    if (name == "text") {
      done = ReadText(name, value, text);
    } else if (name == "texts") {
      done = ReadTexts(name, value, texts);
    } else {
      return false;
    }
    if (!done) return base::Fail(done.error());
    return true;
  });
}

TEST(BodyTest, ItsMembersAreReadAndNullIsNothing) {
  std::string text = "before";
  std::vector<std::string> texts;
  ASSERT_TRUE(Read(R"( {"te\u0078t": "a\n\u5ba2", "texts": ["x", "y"]} )", text, texts));
  EXPECT_EQ(text, "a\n客");
  EXPECT_EQ(texts, (std::vector<std::string>{"x", "y"}));
  ASSERT_TRUE(Read(R"({"text":null,"texts":null})", text, texts));
  EXPECT_EQ(text, "a\n客");
  EXPECT_TRUE(Read("", text, texts));
}

TEST(BodyTest, WhatIsNotMeantIsRefused) {
  std::string text;
  std::vector<std::string> texts;
  for (const char* body :
       {"[]", "x", "{", R"({"text":"a"} x)", R"({"text":1})", R"({"texts":"x"})", R"({"texts":[1]})",
        R"({"texst":"a"})", R"({"text":"a","text":"b"})", R"({"text":"a","te\u0078t":"b"})"}) {
    const auto read = Read(body, text, texts);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, base::Code::kInvalid);
  }
}

}  // namespace
}  // namespace admin
