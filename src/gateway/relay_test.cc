#include "gateway/relay.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "gateway/relay_fixture_for_test.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;
using routing::Outcome;

constexpr std::string_view kEnd = "data: [DONE]\n\n";

std::string Chunk(std::string_view rest) {
  return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]" + std::string(rest) + "}\n\n";
}

constexpr std::string_view kUsage = R"(,"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12})";

TEST_F(RelayTest, BytesAreTheSameWhereverTheyAreCut) {
  const std::string text = ": hello\n\n" + Chunk("") + "event: x\r\ndata: {\"a\":\ndata: 1}\r\n\r\n" +
                           Chunk(kUsage) + "\n" + std::string(kEnd);
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    PassCut(text, cut);
    EXPECT_EQ(got_, text) << cut;
    EXPECT_EQ(outcome_, Outcome::kAnswered) << cut;
    EXPECT_EQ(record_.usage->output, 5) << cut;
  }
}

TEST_F(RelayTest, SignsOfLifeWaitForTheAnswerToBegin) {
  Begin();
  Say(": queued\n\n");
  Say(": queued\n\n");
  Say(Chunk(""));
  Heard(": queued\n\n: queued\n\n" + Chunk(""));
  Say(kEnd);
  Finish();
}

TEST_F(RelayTest, SignsOfLifeLeaveWhenTheAnswerTakesTooLongToBegin) {
  Begin();
  Say(": queued\n\n");
  Do([this] { clock_.Advance(options_.commit_after); });
  Say(": still queued\n\n");
  Heard(": queued\n\n: still queued\n\n");
  Say(": and again\n\n");
  Heard(": and again\n\n");
  Finish();
  EXPECT_EQ(outcome_, Outcome::kAnswered);  // the client has a beginning, so nobody else can be asked
  EXPECT_NE(got_.find("upstream_error"), std::string::npos);
  EXPECT_EQ(record_.error_code, "upstream_error");
}

TEST_F(RelayTest, HeldBackSignsOfLifeAreBounded) {
  const std::string sign = ": " + std::string(1020, 'x') + "\n\n";
  Begin();
  for (int i = 0; i < 10; ++i) Say(sign);
  Say(Chunk("") + std::string(kEnd));
  Finish();
  EXPECT_EQ(got_, sign + sign + sign + sign + Chunk("") + std::string(kEnd));
}

TEST_F(RelayTest, FailureBeforeTheBeginningGivesUpWithItsUsage) {
  const std::string reason =
      R"(data: {"choices":[{"finish_reason":"insufficient_system_resource","delta":{}}]})";
  EXPECT_EQ(Pass(reason + "\n\n" + Chunk(kUsage) + std::string(kEnd)), "");
  EXPECT_EQ(status_, 502);
  EXPECT_EQ(outcome_, Outcome::kServerError);
  EXPECT_EQ(error_, "insufficient_system_resource");
  EXPECT_EQ(record_.usage->input, 7);
  EXPECT_EQ(record_.usage->output, 5);
}

TEST_F(RelayTest, FailureBeforeTheBeginningHasItsUsageAlsoWhereThatComesInAWriteOfItsOwn) {
  const std::string reason =
      "data: {\"choices\":[{\"finish_reason\":\"insufficient_system_resource\",\"delta\":{}}]}\n\n";
  const std::string usage = "data: {\"choices\":[]" + std::string(kUsage) + "}\n\n";
  Begin();
  Say(reason);
  Until([this] { return record_.finish == chat::FinishReason::kInsufficientResource; });
  Say(usage);
  Until([this] { return record_.usage.has_value(); });
  Finish();
  EXPECT_EQ(status_, 502);
  EXPECT_EQ(error_, "insufficient_system_resource");
  EXPECT_EQ(record_.usage->input, 7);

  Begin();  // and where it does not come, that is waited for a moment only
  Say(reason);
  Until([this] { return record_.finish == chat::FinishReason::kInsufficientResource; });
  Do([this] {
    clock_.Advance(1s);
    Turn();
  });
  Until([this] { return outcome_ == Outcome::kServerError && error_ == "insufficient_system_resource"; });
  Finish();
  EXPECT_FALSE(record_.usage);
}

constexpr std::string_view kNo = "data: {\"error\":{\"message\":\"no\"}}\n\n";

// A role, and no text yet.
std::string Role(std::string_view rest = "") {
  return "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]" +
         std::string(rest) + "}\n\n";
}

TEST_F(RelayTest, ErrorBeforeAnythingIsSaidGivesUpHoweverItComes) {
  const std::string text = Role(kUsage) + ": still here\n\n" + std::string(kNo);
  for (std::size_t cut = 1; cut < text.size(); cut += 3) {
    PassCut(text, cut);
    EXPECT_EQ(got_, "") << cut;
    EXPECT_EQ(outcome_, Outcome::kServerError) << cut;
    EXPECT_EQ(error_, "error_in_200") << cut;
    EXPECT_EQ(record_.usage->output, 5) << cut;
  }
}

TEST_F(RelayTest, ErrorBehindAFirstWordIsPassedOnHoweverItComes) {
  const std::string text = Role() + Chunk(kUsage) + std::string(kNo);
  for (std::size_t cut = 1; cut < text.size(); cut += 3) {
    PassCut(text, cut);
    EXPECT_EQ(got_, text) << cut;
    EXPECT_EQ(outcome_, Outcome::kAnswered) << cut;
    EXPECT_EQ(error_, "error_in_stream") << cut;
    EXPECT_EQ(record_.error_code, "upstream_error") << cut;
    EXPECT_EQ(record_.usage->output, 5) << cut;
  }
}

TEST_F(RelayTest, ABeginningThatSaysNothingIsHeldForALimitedTime) {
  Begin();
  Say(": hello\n\n");
  Say(Role());
  WaitOut();
  Heard(": hello\n\n" + Role());  // though nothing else has come
  Say(Role());
  Heard(Role() + Role());
  Say(kNo);
  Finish();
  EXPECT_EQ(got_, ": hello\n\n" + Role() + Role() + std::string(kNo));
  EXPECT_EQ(error_, "error_in_stream");
}

TEST_F(RelayTest, WhatIsHeldStaysWithAFailureWhosePriceIsWaitedFor) {
  Begin();
  Say(Role());
  Say("data: {\"choices\":[{\"finish_reason\":\"insufficient_system_resource\",\"delta\":{}}]}\n\n");
  Until([this] { return record_.finish == chat::FinishReason::kInsufficientResource; });
  WaitOut();
  Until([this] { return outcome_ == Outcome::kServerError; });
  Finish();
  EXPECT_EQ(got_, "");
  EXPECT_EQ(status_, 502);
}

TEST_F(RelayTest, ABeginningThatSaysNothingIsHeldUpToItsLimit) {
  const std::string large = Role(",\"pad\":\"" + std::string(Relay::kHeldMax / 2, 'x') + "\"");
  Begin();
  Say(large);
  Say(large);
  Heard(large);
  Say(kNo);
  Finish();
  EXPECT_EQ(got_, large + large + std::string(kNo));
  EXPECT_EQ(outcome_, Outcome::kAnswered);
}

TEST_F(RelayTest, AStreamThatEndsBeforeItSaysAnythingIsAFailure) {
  EXPECT_EQ(Pass(Role()), "");
  EXPECT_EQ(outcome_, Outcome::kServerError);
  EXPECT_EQ(error_, "truncated");
  EXPECT_EQ(Pass(Role() + std::string(kEnd)),
            Role() + std::string(kEnd));  // an end is an answer, if an empty one
}

TEST_F(RelayTest, HalfAFrameAtTheEndIsDroppedAndTheClientTold) {
  Begin();
  Say(Chunk(""));
  Heard(Chunk(""));
  Say("data: {\"choices\":[");
  Finish();
  EXPECT_TRUE(got_.starts_with(Chunk("") + "data: {\"error\":")) << got_;
  EXPECT_EQ(error_, "truncated");
}

TEST_F(RelayTest, UsageThatTheClientDidNotAskForIsKeptFromIt) {
  options_.hide_usage = true;
  const std::string usage = "data: {\"choices\":[]" + std::string(kUsage) + "}\n\n";
  EXPECT_EQ(Pass(Chunk("") + usage + std::string(kEnd)), Chunk("") + std::string(kEnd));
  EXPECT_EQ(record_.usage->input, 7);
}

TEST_F(RelayTest, WholeAnswerPassesUpToItsLimitAndFailsBeyondIt) {
  whole_ = true;
  const std::string answer = R"({"choices":[],"pad":"xxxxxxxx"})";
  options_.answer_bytes_max = answer.size();
  EXPECT_EQ(Pass(answer), answer);
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  options_.answer_bytes_max = answer.size() - 1;
  EXPECT_EQ(Pass(answer), "");
  EXPECT_EQ(outcome_, Outcome::kServerError);
  EXPECT_EQ(error_, "too_large");
}

}  // namespace
}  // namespace gateway
