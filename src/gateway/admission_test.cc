#include "gateway/admission.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "budget/books_for_test.h"
#include "net/loop.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

class AdmissionTest : public testing::Test {
 protected:
  // One request in the hands of the test.
  struct Played {
    explicit Played(std::string text)
        : body(std::move(text)), request(*wire::ParseRequest(chat::Operation::kChat, body)) {
      spender.team = "support";
      spender.key_id = "key_1";
    }

    const std::string body;
    const wire::RequestView request;
    wire::LazyExtent extent{request};
    budget::Spender spender;
    std::optional<Admission> admission;
    RefusalText refusal{.refusal = Refusal::kInvalidRequest, .message = {}};
  };

  void Limits(const std::string& text) {
    settings_ = *budget::SettingsOf(text);
    policy_ = budget::Policy::Compile(settings_, hash_);
  }
  std::unique_ptr<Played> Ask(const std::string& session = {}) {
    return AskFor(R"({"model":"m","messages":[]})", session);
  }
  std::unique_ptr<Played> AskFor(std::string body, const std::string& session = {}) {
    auto one = std::make_unique<Played>(std::move(body));
    sessions_.push_back(std::make_unique<std::string>(session));
    one->spender.session = *sessions_.back();
    one->admission.emplace(Admission::Parts{.loop = loop_,
                                            .settings = settings_,
                                            .policy = *policy_,
                                            .hash = hash_,
                                            .limits = limits_,
                                            .spender = one->spender,
                                            .extent = one->extent});
    return one;
  }
  static bool Enter(Played& one, const budget::Restrictions* tighter = nullptr) {
    return one.admission->Enter(tighter, one.refusal);
  }
  static bool EnterCall(Played& one, const std::string& provider) {
    const routing::Candidate candidate{{provider, "flash"}, chat::Rung::kStrong, {}, {}, {}};
    return one.admission->EnterCall(candidate, one.refusal);
  }
  static chat::Usage Used(std::int64_t tokens) { return {.input = tokens}; }

  base::FakeClock clock_;
  net::Loop loop_{clock_};
  const budget::ScopeHash hash_;
  config::Settings settings_;
  std::shared_ptr<const budget::Policy> policy_;
  budget::RateLimits limits_;
  std::vector<std::unique_ptr<std::string>> sessions_;
};

TEST_F(AdmissionTest, WhoAsksTooOftenIsToldWhoseLimitItIsAndWhenToComeBack) {
  Limits("limits:\n  - { scope: team/*, requests: 2/min }\n");
  const auto first = Ask();
  const auto second = Ask();
  EXPECT_TRUE(Enter(*first) && Enter(*second));
  const auto third = Ask();
  ASSERT_FALSE(Enter(*third));
  EXPECT_EQ(third->refusal.refusal, Refusal::kRateLimited);
  EXPECT_EQ(third->refusal.message,
            "team/support may make 2 requests in 1m, and has; ask again when retry-after is over");
  EXPECT_EQ(third->refusal.retry_after, 60s);
}

TEST_F(AdmissionTest, ARequestIsInFlightUntilItIsSettledOrGone) {
  Limits("limits:\n  - { scope: team/*, in_flight: 1 }\n");
  auto first = Ask();
  ASSERT_TRUE(Enter(*first));
  EXPECT_FALSE(Enter(*Ask()));
  first->admission->Settle({});
  auto second = Ask();
  ASSERT_TRUE(Enter(*second));
  second.reset();
  EXPECT_TRUE(Enter(*Ask()));
}

TEST_F(AdmissionTest, APromptCountsWithAllItMayHaveUntilItIsKnownWhatWasUsed) {
  Limits("limits:\n  - { scope: team/*, tokens: 500/min }\n");
  const auto first = Ask();
  ASSERT_TRUE(Enter(*first));
  EXPECT_FALSE(Enter(*Ask()));
  RequestRecord record;
  record.usage = Used(10);
  first->admission->Settle(record);
  EXPECT_TRUE(Enter(*Ask()));
}

TEST_F(AdmissionTest, AnOutputLimitCountsUntilItIsKnownWhatWasAnswered) {
  Limits("limits:\n  - { scope: team/*, tokens: 5000/min }\n");
  const std::string body = R"({"model":"m","messages":[],"max_tokens":4000})";
  const auto first = AskFor(body);
  ASSERT_TRUE(Enter(*first));
  const auto second = AskFor(body);
  ASSERT_FALSE(Enter(*second)) << "two of them may be 8,000 tokens";
  EXPECT_EQ(second->refusal.retry_after, 60s);
  EXPECT_TRUE(Enter(*Ask())) << "one that says no limit counts with its prompt";
  RequestRecord record;
  record.usage = Used(10);
  first->admission->Settle(record);
  EXPECT_TRUE(Enter(*AskFor(body)));
}

TEST_F(AdmissionTest, WhatNobodyKnowsTheTokensOfCountsWithWhatWasHeldForIt) {
  Limits("limits:\n  - { scope: team/*, tokens: 5000/min }\n  - { scope: provider/*, tokens: 5000/min }\n");
  const std::string body = R"({"model":"m","messages":[],"max_tokens":4000})";
  const auto first = AskFor(body);
  ASSERT_TRUE(Enter(*first) && EnterCall(*first, "deepseek"));
  RequestRecord record;
  AttemptNote& note = record.attempts.emplace_back();
  note.usage.emplace();
  note.untold = true;
  first->admission->LeaveCall(note.usage, note.untold);
  record.usage = Used(10);
  first->admission->Settle(record);
  const auto second = AskFor(body);
  EXPECT_FALSE(Enter(*second));
  EXPECT_FALSE(EnterCall(*second, "deepseek"));
  EXPECT_TRUE(EnterCall(*second, "chinese"));
}

TEST_F(AdmissionTest, TheLastCallOfARequestMayBeWhatNobodyKnowsTheTokensOf) {
  Limits("limits:\n  - { scope: team/*, tokens: 5000/min }\n");
  const std::string body = R"({"model":"m","messages":[],"max_tokens":4000})";
  const auto first = AskFor(body);
  ASSERT_TRUE(Enter(*first));
  RequestRecord record;
  record.untold = true;
  first->admission->Settle(record);
  EXPECT_FALSE(Enter(*AskFor(body)));
}

TEST_F(AdmissionTest, EachAnswerThatIsAskedForCountsWithTheOutputLimit) {
  Limits("limits:\n  - { scope: team/*, tokens: 5000/min }\n");
  const auto three = AskFor(R"({"model":"m","messages":[],"n":3,"max_completion_tokens":1500})");
  ASSERT_TRUE(Enter(*three));
  EXPECT_FALSE(Enter(*Ask()));
}

TEST_F(AdmissionTest, ARequestOfMoreTokensThanALimitGetsInWhereNothingCounts) {
  Limits("limits:\n  - { scope: team/*, tokens: 5000/min }\n");
  const std::string body =
      R"({"model":"m","messages":[],"n":9223372036854775807,"max_tokens":9223372036854775807})";
  const auto first = AskFor(body);
  ASSERT_TRUE(Enter(*first));
  EXPECT_FALSE(Enter(*Ask()));
  first->admission->Settle({});
  EXPECT_TRUE(Enter(*AskFor(body)));
}

TEST_F(AdmissionTest, ACallCountsWithItsOutputLimitAtItsProvider) {
  Limits("limits:\n  - { scope: provider/*, tokens: 5000/min }\n");
  const std::string body = R"({"model":"m","messages":[],"max_tokens":4000})";
  const auto first = AskFor(body);
  const auto second = AskFor(body);
  ASSERT_TRUE(EnterCall(*first, "deepseek"));
  EXPECT_FALSE(EnterCall(*second, "deepseek"));
  EXPECT_TRUE(EnterCall(*second, "chinese"));
  first->admission->LeaveCall(Used(10));
  second->admission->LeaveCall(Used(10));
  EXPECT_TRUE(EnterCall(*second, "deepseek"));
}

TEST_F(AdmissionTest, ACallCountsAtItsOwnProviderAndModel) {
  Limits(
      "limits:\n  - { scope: provider/deepseek, requests: 1/min }\n"
      "  - { scope: model/chinese/flash, requests: 1/min }\n");
  const auto one = Ask();
  ASSERT_TRUE(Enter(*one));
  ASSERT_TRUE(EnterCall(*one, "deepseek"));
  one->admission->LeaveCall(std::nullopt);
  EXPECT_FALSE(EnterCall(*one, "deepseek"));
  EXPECT_NE(one->refusal.message.find("provider/deepseek may make 1 request in "), std::string::npos)
      << one->refusal.message;
  EXPECT_TRUE(EnterCall(*one, "chinese"));
}

TEST_F(AdmissionTest, ACallIsInFlightUntilItIsLeft) {
  Limits("limits:\n  - { scope: provider/*, in_flight: 1 }\n");
  const auto one = Ask();
  const auto other = Ask();
  ASSERT_TRUE(EnterCall(*one, "deepseek"));
  EXPECT_FALSE(EnterCall(*other, "deepseek"));
  EXPECT_TRUE(EnterCall(*other, "chinese"));
  one->admission->LeaveCall(std::nullopt);
  other->admission->LeaveCall(std::nullopt);
  EXPECT_TRUE(EnterCall(*other, "deepseek"));
}

TEST_F(AdmissionTest, TokensAreThoseOfTheProviderThatUsedThem) {
  Limits("limits:\n  - { scope: provider/*, tokens: 1000/min }\n");
  RequestRecord record;
  const auto one = Ask();
  ASSERT_TRUE(EnterCall(*one, "deepseek"));
  record.attempts.emplace_back().usage = Used(900);
  one->admission->LeaveCall(Used(900));
  ASSERT_TRUE(EnterCall(*one, "chinese"));
  record.usage = Used(100);
  one->admission->Settle(record);
  const auto next = Ask();
  EXPECT_FALSE(EnterCall(*next, "deepseek")) << "the call that failed has used 900 of 1,000";
  EXPECT_TRUE(EnterCall(*next, "chinese")) << "and they are not the other one's";
}

TEST_F(AdmissionTest, MoreLimitsThanARequestMayHaveAreNamed) {
  settings_ = *budget::SettingsOf("limits:\n  - { scope: provider/*, requests: 9/h }\n");
  settings_.limits.resize(budget::RateLimits::kDemandsMax, settings_.limits.front());
  policy_ = budget::Policy::Compile(settings_, hash_);
  EXPECT_TRUE(EnterCall(*Ask(), "deepseek"));
  settings_.limits.push_back(settings_.limits.front());
  policy_ = budget::Policy::Compile(settings_, hash_);
  const auto one = Ask();
  EXPECT_TRUE(Enter(*one));
  ASSERT_FALSE(EnterCall(*one, "deepseek"));
  EXPECT_EQ(one->refusal.message, "it falls in more limits than the 64 that one request may have");
  EXPECT_EQ(one->refusal.should_retry, false);
}

TEST_F(AdmissionTest, WhatAStepTightensIsALimitToo) {
  Limits(
      "budgets:\n  - { scope: team/*, limit: 1 USD, window: day, steps: [{ at: 50%, limits: { requests: "
      "1/min "
      "} }] }\n");
  const budget::BudgetRule& rule = policy_->budgets().front();
  budget::Restrictions tighter;
  tighter.Add({.rule = &rule,
               .value_hash = hash_("support"),
               .value = "support",
               .view = {.settled = 6, .reserved = 0, .limit = 10, .span = {}},
               .forecast = {}});
  EXPECT_TRUE(Enter(*Ask(), &tighter));
  const auto second = Ask();
  ASSERT_FALSE(Enter(*second, &tighter));
  EXPECT_NE(second->refusal.message.find("team/support, by a step of its budget, may make 1 request in "),
            std::string::npos)
      << second->refusal.message;
}

TEST_F(AdmissionTest, ASessionThatAsksForTheSameAgainAndAgainIsStoppedByName) {
  Limits("sessions: { repeats_max: 2 }\n");
  EXPECT_TRUE(Enter(*Ask("run-1")));
  EXPECT_TRUE(Enter(*Ask("run-1")));
  const auto third = Ask("run-1");
  ASSERT_FALSE(Enter(*third));
  EXPECT_NE(third->refusal.message.find("the session 'run-1' has asked for the same 2 times"),
            std::string::npos)
      << third->refusal.message;
  EXPECT_EQ(third->refusal.should_retry, false);
  EXPECT_TRUE(Enter(*Ask("run-2")));
  EXPECT_TRUE(Enter(*Ask()));
}

}  // namespace
}  // namespace gateway
