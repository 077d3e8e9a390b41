#include "apps/arguments.h"

#include <gtest/gtest.h>

namespace apps {
namespace {

const std::vector<std::string> kKnown = {"-c", "--team", "--models"};

base::Result<Arguments> Parse(const std::vector<std::string>& given) {
  return Arguments::Parse(given, kKnown);
}

std::string Refusal(const std::vector<std::string>& given) {
  const auto arguments = Parse(given);
  if (arguments) return "nothing was refused";
  EXPECT_EQ(arguments.error().code, base::Code::kInvalid);
  return arguments.error().detail;
}

TEST(ArgumentsTest, OptionsHaveTheirValueBehindThemOrBehindAnEqualsSign) {
  const auto arguments = Parse({"-c", "a.yaml", "--team=search", "--models", "x,y"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->Find("-c"), "a.yaml");
  EXPECT_EQ(arguments->Find("--team"), "search");
  EXPECT_EQ(arguments->Get("--models", "none"), "x,y");
  EXPECT_TRUE(arguments->words().empty());
}

TEST(ArgumentsTest, WordsKeepTheirOrder) {
  const auto arguments = Parse({"create", "--team", "t", "second", "-"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->words(), (std::vector<std::string>{"create", "second", "-"}));
}

TEST(ArgumentsTest, WhatIsNotGivenHasItsFallback) {
  const auto arguments = Parse({});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->Find("--team"), std::nullopt);
  EXPECT_EQ(arguments->Get("--team", "default"), "default");
}

TEST(ArgumentsTest, ValuesMayBeEmptyHoldEqualsSignsOrLookLikeOptions) {
  const auto arguments = Parse({"--team=", "--models=a=b", "-c", "--team"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->Find("--team"), "");
  EXPECT_EQ(arguments->Find("--models"), "a=b");
  EXPECT_EQ(arguments->Find("-c"), "--team");
}

TEST(ArgumentsTest, UnknownOptionIsRefusedWithTheNearestName) {
  EXPECT_EQ(Refusal({"--tema", "x"}), "there is no option --tema; did you mean --team?");
  EXPECT_EQ(Refusal({"--xyzzy-plugh"}), "there is no option --xyzzy-plugh; see --help");
  EXPECT_NE(Refusal({"-c=a.yaml"}), "nothing was refused");
  EXPECT_NE(Refusal({"--"}), "nothing was refused");
}

TEST(ArgumentsTest, RefusalDoesNotRepeatTheValue) {
  EXPECT_EQ(Refusal({"--token=s3cret"}).find("s3cret"), std::string::npos);
}

TEST(ArgumentsTest, OptionWithoutItsValueIsRefused) {
  EXPECT_EQ(Refusal({"create", "--team"}), "--team needs a value");
}

TEST(ArgumentsTest, OptionGivenTwiceIsRefused) {
  EXPECT_EQ(Refusal({"--team=a", "--team", "b"}), "--team is given twice");
}

TEST(ArgumentsTest, FlagsHaveNoValue) {
  const ArgumentKinds kinds = {.flags = {"--check"}};
  const auto arguments = Arguments::Parse({"--check", "word"}, kKnown, kinds);
  ASSERT_TRUE(arguments);
  EXPECT_TRUE(arguments->Has("--check"));
  EXPECT_FALSE(arguments->Has("--team"));
  EXPECT_EQ(arguments->words(), std::vector<std::string>{"word"});
  EXPECT_FALSE(Arguments::Parse({"--check=yes"}, kKnown, kinds));
  EXPECT_FALSE(Arguments::Parse({"--check", "--check"}, kKnown, kinds));
}

TEST(ArgumentsTest, HelpIsAskedForAnywhereBehindACommand) {
  EXPECT_TRUE(AsksForHelp({"--help"}));
  EXPECT_TRUE(AsksForHelp({"create", "--team", "t", "-h"}));
  EXPECT_FALSE(AsksForHelp({}));
  EXPECT_FALSE(AsksForHelp({"list", "help", "--helpful"}));
}

TEST(ArgumentsTest, OptionsThatMayBeRepeatedKeepTheirOrder) {
  const auto arguments = Arguments::Parse({"--where", "b", "--where=a"}, kKnown, {.repeatable = {"--where"}});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->All("--where"), (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(arguments->All("--team").empty());
}

}  // namespace
}  // namespace apps
