#include "sim/delivery.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using Kind = Piece::Kind;

// 100 prompt tokens; two hidden thoughts, one thought aloud and three tokens of text.
Answer Planned(Dialect dialect) {
  Answer answer;
  answer.dialect = dialect;
  answer.include_usage = true;
  Choice choice;
  for (const Kind kind : {Kind::kReasoning, Kind::kText, Kind::kText, Kind::kText}) {
    choice.pieces.push_back({.kind = kind});
  }
  answer.choices.push_back(choice);
  answer.usage.prompt = 100;
  answer.usage.completion = 6;
  answer.usage.reasoning = 3;
  return answer;
}

constexpr Delivery kWhole{.begun = true, .whole = true, .frames = 9, .tokens = 4};

std::string Told(const std::optional<Due>& due) {
  if (!due) return "nothing";
  const char* names[] = {"told", "untold", "aborted"};
  return std::string(names[static_cast<int>(due->reckoning)]) + " " + std::to_string(due->counts.prompt) +
         " " + std::to_string(due->counts.completion) + " " + std::to_string(due->counts.reasoning);
}

TEST(DueTest, AWholeAnswerIsDueInFull) {
  for (const Dialect dialect :
       {Dialect::kOpenai, Dialect::kDeepseek, Dialect::kResponses, Dialect::kAnthropic}) {
    EXPECT_EQ(Told(DueFor(Planned(dialect), true, kWhole, false)), "told 100 6 3");
    EXPECT_EQ(Told(DueFor(Planned(dialect), false, kWhole, false)), "told 100 6 3");
  }
}

TEST(DueTest, WhatTheCallerWasNotToldIsDueAllTheSame) {
  Answer answer = Planned(Dialect::kOpenai);
  answer.include_usage = false;
  EXPECT_EQ(Told(DueFor(answer, true, kWhole, false)), "untold 100 6 3");
  EXPECT_EQ(Told(DueFor(answer, false, kWhole, false)), "told 100 6 3");
  answer.no_usage = true;
  EXPECT_EQ(Told(DueFor(answer, false, kWhole, false)), "untold 100 6 3");
  Answer responses = Planned(Dialect::kResponses);
  responses.no_done = true;
  EXPECT_EQ(Told(DueFor(responses, true, kWhole, false)), "untold 100 6 3");
}

TEST(DueTest, WhoHangsUpOwesWhatHadBeenGenerated) {
  const Answer answer = Planned(Dialect::kDeepseek);
  const auto at = [&answer](std::size_t tokens) {
    return Told(DueFor(answer, true, {.begun = true, .tokens = tokens}, true));
  };
  EXPECT_EQ(at(0), "aborted 100 0 0");
  EXPECT_EQ(at(1), "aborted 100 3 3");
  EXPECT_EQ(at(2), "aborted 100 4 3");
  EXPECT_EQ(at(9), "aborted 100 6 3");
  EXPECT_EQ(Told(DueFor(answer, true, {.begun = false}, true)), "nothing");
}

TEST(DueTest, AnAnswerThatTheProviderBrokeOffIsFree) {
  const Delivery broken{.begun = true, .whole = false, .frames = 3, .tokens = 2};
  EXPECT_EQ(Told(DueFor(Planned(Dialect::kDeepseek), true, broken, false)), "nothing");
  EXPECT_EQ(Told(DueFor(Planned(Dialect::kAnthropic), false, broken, false)), "nothing");
}

TEST(DueTest, AStreamOfMessagesHasToldItsBeginning) {
  Answer answer = Planned(Dialect::kAnthropic);
  const Delivery broken{.begun = true, .whole = false, .frames = 3, .tokens = 2};
  EXPECT_EQ(Told(DueFor(answer, true, broken, false)), "told 100 1 0");
  answer.choices[0].ending = Ending::kInsufficient;
  EXPECT_EQ(Told(DueFor(answer, true, kWhole, false)), "told 100 1 0");
  answer.no_usage = true;
  EXPECT_EQ(Told(DueFor(answer, true, kWhole, false)), "nothing");
}

TEST(DueTest, WhoGoesWhenItHasHeardHowTheAnswerEndedDidNotHangUp) {
  Answer answer = Planned(Dialect::kDeepseek);
  answer.choices[0].ending = Ending::kInsufficient;
  EXPECT_EQ(Told(DueFor(answer, true, kWhole, true)), "told 100 6 3");
  const Delivery broken{.begun = true, .broken = true, .frames = 3, .tokens = 2};
  EXPECT_EQ(Told(DueFor(answer, true, broken, true)), "nothing");
  EXPECT_EQ(Told(DueFor(Planned(Dialect::kAnthropic), true, broken, true)), "told 100 1 0");
}

TEST(DueTest, AnAnswerThatRanOutOfResourcesTellsItsUsageAndIsDue) {
  Answer answer = Planned(Dialect::kDeepseek);
  answer.choices[0].ending = Ending::kInsufficient;
  EXPECT_EQ(Told(DueFor(answer, true, kWhole, false)), "told 100 6 3");
}

}  // namespace
}  // namespace sim
