#include "config/problem.h"

#include <gtest/gtest.h>

namespace config {
namespace {

TEST(ProblemTest, IsOneLineWithItsPlace) {
  const Problem problem{"a.yaml", {3, 7}, "what", "why", "instead"};
  EXPECT_EQ(Print(problem), "a.yaml:3:7: what, why, instead");
}

TEST(ProblemTest, WhatIsNotKnownOfThePlaceIsLeftOut) {
  EXPECT_EQ(Print({"a.yaml", {}, "what", "why", "instead"}), "a.yaml: what, why, instead");
  EXPECT_EQ(Print({"", {}, "what", "why", "instead"}), "what, why, instead");
}

TEST(QuoteTest, StaysOnOneLineAndShort) {
  EXPECT_EQ(Quote("plain \xc3\xa4"), "\"plain \xc3\xa4\"");
  EXPECT_EQ(Quote("a\n\x1b[1m\xff"), "\"a\\x0a\\x1b[1m\\xff\"");
  EXPECT_EQ(Quote(std::string(61, 'x')), "\"" + std::string(60, 'x') + "...\"");
  EXPECT_EQ(Quote(std::string(60, 'x')), "\"" + std::string(60, 'x') + "\"");
}

TEST(NearestTest, FindsSlipsAndNothingElse) {
  const std::vector<std::string> words{"listen", "admin", "drain_timeout", "http", "data"};
  EXPECT_EQ(Nearest("lisen", words), "listen");
  EXPECT_EQ(Nearest("litsen", words), "listen");
  EXPECT_EQ(Nearest("ADMIN", words), "admin");
  EXPECT_EQ(Nearest("drain-timeout", words), "drain_timeout");
  EXPECT_EQ(Nearest("htpt", words), "http");
  EXPECT_EQ(Nearest("providers", words), std::nullopt);
  EXPECT_EQ(Nearest("x", words), std::nullopt);
  EXPECT_EQ(Nearest("", words), std::nullopt);
  EXPECT_EQ(Nearest(std::string(5000, 'a'), words), std::nullopt);
}

}  // namespace
}  // namespace config
