#include "gateway/attribution.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway {
namespace {

using chat::Operation;

net::Fields Headers(std::initializer_list<net::Field> list) {
  net::Fields fields;
  for (const net::Field& field : list) fields.Add(field);
  return fields;
}

std::string Print(const Attribution& said) {
  std::string text(said.user());
  text.append("|").append(said.session());
  for (const auto& [name, value] : said.tags()) {
    text.append("|").append(name).append("=").append(value);
  }
  return text;
}

// What the headers and then the body say; the error where a header cannot be read.
std::string Read(std::initializer_list<net::Field> fields, const std::string& body = "",
                 Operation operation = Operation::kChat) {
  Attribution said;
  if (const auto read = said.ReadFields(Headers(fields)); !read) return read.error().detail;
  if (!body.empty()) {
    const auto request = wire::ParseRequest(operation, body);
    EXPECT_TRUE(request) << body;
    said.ReadBody(*request);
  }
  return Print(said);
}

TEST(AttributionTest, HeadersNameUserSessionAndTags) {
  EXPECT_EQ(
      Read({{"x-sluice-user", "u1"}, {"X-Sluice-Session", "s 1"}, {"x-sluice-tags", "app=a, env=p=q ,"}}),
      "u1|s 1|app=a|env=p=q");
}

TEST(AttributionTest, AKeyOfOneUserIsForNobodyElse) {
  Attribution said;
  said.Bind("u1");
  ASSERT_TRUE(said.ReadFields(Headers({{"x-sluice-user", "u1"}, {"x-sluice-session", "s"}})));
  const auto request = wire::ParseRequest(Operation::kChat, R"({"model":"m","user":"u2"})");
  ASSERT_TRUE(request);
  said.ReadBody(*request);
  EXPECT_EQ(Print(said), "u1|s");
  const auto other = said.ReadFields(Headers({{"x-sluice-user", "u2"}}));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, base::Code::kInvalid);
}

TEST(AttributionTest, NobodySaysAnything) {
  EXPECT_EQ(Read({{"content-type", "x"}}, R"({"model":"m"})"), "|");
}

TEST(AttributionTest, ATagThatIsNoneIsRefused) {
  for (const char* list : {"app", "app=", "=a", "a b=c", "app=\x01", "app=\xff"}) {
    EXPECT_NE(Read({{"x-sluice-tags", list}}).find("app=checkout"), std::string::npos) << list;
  }
  EXPECT_NE(Read({{"x-sluice-tags", "a=1,a=2"}}).find("twice"), std::string::npos);
}

TEST(AttributionTest, TagsAreLimited) {
  std::string list;
  for (std::size_t i = 0; i < kTagsMax; ++i) list += "t" + std::to_string(i) + "=v,";
  EXPECT_EQ(Read({{"x-sluice-tags", list}}).find("at most"), std::string::npos);
  list += "one=more";
  EXPECT_NE(Read({{"x-sluice-tags", list}}).find("at most"), std::string::npos);
  const std::string name(kTagNameBytesMax + 1, 'n');
  EXPECT_NE(Read({{"x-sluice-tags", name + "=v"}}).find("app=checkout"), std::string::npos);
}

TEST(AttributionTest, AHeaderThatIsTooLongIsRefused) {
  const std::string longest(kWhoBytesMax, 'u');
  const std::string longer = longest + "u";
  EXPECT_EQ(Read({{"x-sluice-user", longest}}), longest + "|");
  EXPECT_NE(Read({{"x-sluice-user", longer}}).find("x-sluice-user must be"), std::string::npos);
  EXPECT_NE(Read({{"x-sluice-session", ""}}).find("x-sluice-session must be"), std::string::npos);
}

TEST(AttributionTest, MetadataOfOpenAiBecomesTagsBehindTheHeaders) {
  EXPECT_EQ(
      Read({{"x-sluice-tags", "app=header"}},
           R"({"model":"m","user":"bo\u0062","metadata":{"app":"body","n":1,"env":"pr\u006fd","a b":"c"}})"),
      "bob||app=header|env=prod");
}

TEST(AttributionTest, MetadataOfMessagesNamesTheUser) {
  EXPECT_EQ(Read({}, R"({"model":"m","metadata":{"user_id":"u9","app":"x"}})", Operation::kMessages), "u9|");
}

TEST(AttributionTest, TheHeaderOfTheUserWinsOverTheBody) {
  EXPECT_EQ(Read({{"x-sluice-user", "header"}}, R"({"model":"m","user":"body"})"), "header|");
}

TEST(AttributionTest, DeepseeksCodingToolsNameTheirUserAndSession) {
  EXPECT_EQ(Read({{"x-deepseek-harness-user-id", "h1"}, {"x-deepseek-harness-session-id", "h2"}},
                 R"({"model":"m","user_id":"b"})"),
            "h1|h2");
}

TEST(AttributionTest, AUserOfTheBodyThatIsTooLongIsCutBetweenCharacters) {
  std::string name(kWhoBytesMax - 1, 'u');
  EXPECT_EQ(Read({}, R"({"model":"m","user":")" + name + R"(é"})"), name + "|");
}

}  // namespace
}  // namespace gateway
