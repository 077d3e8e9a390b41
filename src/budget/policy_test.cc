#include "budget/policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/random.h"
#include "config/reader.h"

namespace budget {
namespace {

using base::BlockVector;

const std::string kBase =
    "providers:\n"
    "  deepseek: { dialect: deepseek, key: k }\n"
    "  chinese: { dialect: deepseek, key: k, currency: CNY }\n"
    "models:\n"
    "  assistant: { ladder: [deepseek/flash, deepseek/pro] }\n"
    "exchange: { CNY: 0.14 USD }\n";

std::shared_ptr<const config::Settings> Settings(const std::string& text) {
  auto read = config::ReadText(kBase + text, "f", [](std::string_view) { return std::nullopt; });
  if (read) return *read;
  ADD_FAILURE() << config::Print(read.error().front());
  return std::make_shared<config::Settings>();
}

class PolicyTest : public testing::Test {
 protected:
  std::shared_ptr<const Policy> Compile(const std::string& text) {
    return Policy::Compile(*Settings(text), hash_);
  }

  // The scopes of the budgets that a request falls in, each with the account's value.
  static std::multiset<std::string> Matches(const Policy& policy, const Spender& spender,
                                            Part part = Part::kAll) {
    BlockVector<BudgetMatch> matches;
    EXPECT_TRUE(policy.MatchBudgets(spender, part, matches));
    std::multiset<std::string> out;
    for (const BudgetMatch& match : matches) {
      EXPECT_EQ(match.demand.key.rule, match.rule->terms.id);
      EXPECT_EQ(match.demand.terms, &match.rule->terms);
      out.insert(match.rule->scope.Print() + " " + std::string(match.demand.value));
    }
    return out;
  }

  const ScopeHash hash_;
  const std::array<std::string_view, 2> tags_ = {"app=checkout", "env=prod"};
  const Spender spender_{.org = "acme",
                         .team = "support",
                         .project = "bot",
                         .key_id = "key_1",
                         .user = "ann",
                         .session = "s1",
                         .tags = tags_,
                         .provider = "deepseek",
                         .model = "deepseek/flash",
                         .asked_model = "assistant"};
};

std::string Budget(const std::string& scope, const std::string& rest = "limit: 5 USD, window: day") {
  return "  - { scope: \"" + scope + "\", " + rest + " }\n";
}

using Set = std::multiset<std::string>;

TEST_F(PolicyTest, ARequestFallsInTheScopesThatNameItAndInThoseForEach) {
  std::string text = "budgets:\n";
  for (const char* scope : {"org",
                            "org/acme",
                            "org/other",
                            "team/support",
                            "team/other",
                            "team/*",
                            "project/bot",
                            "key/*",
                            "key/key_2",
                            "user/ann",
                            "session/*",
                            "tag/app=checkout",
                            "tag/app=other",
                            "tag/env=*",
                            "tag/zone=*",
                            "provider/deepseek",
                            "provider/chinese",
                            "model/deepseek/flash",
                            "model/deepseek/pro",
                            "model/assistant",
                            "model/*"}) {
    text += Budget(scope);
  }
  EXPECT_EQ(Matches(*Compile(text), spender_),
            (Set{"org ", "org/acme acme", "team/support support", "team/* support", "project/bot bot",
                 "key/* key_1", "user/ann ann", "session/* s1", "tag/app=checkout app=checkout",
                 "tag/env=* env=prod", "provider/deepseek deepseek", "model/deepseek/flash deepseek/flash",
                 "model/assistant assistant", "model/* deepseek/flash"}));
}

TEST_F(PolicyTest, NobodyIsInNoScopeButThatOfAll) {
  const auto policy = Compile("budgets:\n" + Budget("org") + Budget("team/*") + Budget("user/*") +
                              Budget("tag/*") + Budget("model/*") + Budget("session/*"));
  EXPECT_EQ(Matches(*policy, {}), Set{"org "});
}

TEST_F(PolicyTest, EachTagHasItsAccount) {
  const auto policy = Compile("budgets:\n" + Budget("tag/*"));
  EXPECT_EQ(Matches(*policy, spender_), (Set{"tag/* app=checkout", "tag/* env=prod"}));
}

TEST_F(PolicyTest, TheCallersScopesAndTheCandidatesTogetherAreAll) {
  const auto policy = Compile("budgets:\n" + Budget("org") + Budget("key/*") + Budget("model/assistant") +
                              Budget("model/*") + Budget("provider/*"));
  EXPECT_EQ(Matches(*policy, spender_, Part::kCaller),
            (Set{"org ", "key/* key_1", "model/assistant assistant"}));
  EXPECT_EQ(Matches(*policy, spender_, Part::kCandidate),
            (Set{"model/* deepseek/flash", "provider/* deepseek"}));
  EXPECT_TRUE(policy->HasBudgets(Part::kCandidate));
  EXPECT_TRUE(policy->HasBudgets(Part::kCaller));
  EXPECT_FALSE(policy->HasLimits(Part::kAll));
  EXPECT_FALSE(Compile("budgets:\n" + Budget("team/*"))->HasBudgets(Part::kCandidate));
  EXPECT_FALSE(Compile("budgets:\n" + Budget("model/*"))->HasBudgets(Part::kCaller));
}

TEST_F(PolicyTest, AnAccountIsTheSameByNameAndByEach) {
  const auto policy = Compile("budgets:\n" + Budget("team/support") + Budget("team/*"));
  BlockVector<BudgetMatch> matches;
  ASSERT_TRUE(policy->MatchBudgets(spender_, Part::kAll, matches));
  ASSERT_EQ(matches.size(), 2u);
  EXPECT_EQ(matches[0].demand.key.value, matches[1].demand.key.value);
  EXPECT_NE(matches[0].demand.key.rule, matches[1].demand.key.rule);
}

TEST_F(PolicyTest, MoreRulesThanFitAreTold) {
  std::string text = "budgets:\n";
  for (std::size_t i = 0; i < Policy::kMatchesMax; ++i) {
    text += Budget("org", "limit: 5 USD, rolling: " + std::to_string(i + 1) + "h");
  }
  BlockVector<BudgetMatch> matches;
  EXPECT_TRUE(Compile(text)->MatchBudgets(spender_, Part::kAll, matches));
  EXPECT_EQ(matches.size(), Policy::kMatchesMax);
  matches.clear();
  EXPECT_FALSE(Compile(text + Budget("team/*"))->MatchBudgets(spender_, Part::kAll, matches));
  EXPECT_EQ(matches.size(), Policy::kMatchesMax);
}

TEST_F(PolicyTest, ABudgetKeepsItsIdUntilItCountsSomethingElse) {
  const auto id = [this](const std::string& budget) {
    return Compile("budgets:\n" + Budget("org", "limit: 1 USD, rolling: 9h") + budget)
        ->budgets()
        .at(1)
        .terms.id;
  };
  const std::uint64_t before = id(Budget("team/a", "limit: 5 USD, window: day"));
  EXPECT_EQ(before, id(Budget("team/a",
                              "limit: 9 USD, window: day, mode: typical, steps: [{ at: 5%, block: true }]")));
  std::set<std::uint64_t> others = {before};
  for (const char* other :
       {"limit: 5 USD, window: month", "limit: 5 USD, window: day, timezone: Asia/Shanghai",
        "limit: 5 CNY, window: day", "limit: 5 USD, rolling: 1d", "limit: 5 USD, rolling: 2d"}) {
    EXPECT_TRUE(others.insert(id(Budget("team/a", other))).second) << other;
  }
  EXPECT_TRUE(others.insert(id(Budget("team/b"))).second);
  EXPECT_TRUE(others.insert(id(Budget("team/*"))).second);
  // Written down with the accounts: the same in every process.
  EXPECT_EQ(before, 14633931077428117528u);
}

TEST_F(PolicyTest, WhatABudgetSaysIsInItsRule) {
  const auto policy = Compile(
      "budgets:\n" +
      Budget("org",
             "limit: 8 USD, window: day, carry_over: 25%, mode: typical, reserve_wait: 1s, output_floor: 9, "
             "steps: [{ forecast: 120%, block: true }, { at: 90%, limits: { requests: 5/s, in_flight: 2 } }, "
             "{ at: 9.5%, allow: [cache, local] }]"));
  const BudgetRule& rule = policy->budgets().at(0);
  EXPECT_EQ(rule.terms.carry_most, static_cast<base::Int128>(base::kPico) * 2);
  EXPECT_EQ(rule.mode, config::BudgetMode::kTypical);
  EXPECT_EQ(rule.reserve_wait, std::chrono::seconds(1));
  EXPECT_EQ(rule.output_floor, 9);
  EXPECT_TRUE(rule.forecasts);
  ASSERT_EQ(rule.steps.size(), 3u);
  EXPECT_EQ(rule.steps[0].at.basis_points, 950u);
  EXPECT_EQ(rule.steps[0].allowed, "cache, local");
  EXPECT_TRUE(rule.steps[0].allow.Has(chat::Rung::kExact));
  EXPECT_TRUE(rule.steps[0].allow.Has(chat::Rung::kSemantic));
  EXPECT_FALSE(rule.steps[0].allow.Has(chat::Rung::kCheap));
  ASSERT_EQ(rule.steps[1].limits.size(), 2u);
  EXPECT_EQ(rule.steps[1].limits[0].most, 5u);
  EXPECT_TRUE(rule.steps[2].forecast);
  EXPECT_EQ(policy->FindBudget(rule.terms.id), &rule);
  EXPECT_EQ(policy->FindBudget(rule.terms.id + 1), nullptr);
}

TEST_F(PolicyTest, LimitsComeByWhatTheyCount) {
  const auto policy = Compile(
      "limits:\n  - { scope: key/*, requests: 600/min, tokens: 2000/min, in_flight: 5 }\n"
      "  - { scope: provider/deepseek, tokens: 9/day }\n");
  BlockVector<LimitDemand> all, of_caller;
  ASSERT_TRUE(policy->MatchLimits(spender_, Part::kAll, all));
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].terms->kind, LimitKind::kRequests);
  EXPECT_EQ(all[0].terms->per, std::chrono::minutes(1));
  EXPECT_EQ(all[0].value, "key_1");
  EXPECT_EQ(all[0].amount, 1u);
  ASSERT_TRUE(policy->MatchLimits(spender_, Part::kCaller, of_caller));
  std::map<LimitKind, std::uint64_t> most;
  for (const LimitDemand& demand : of_caller) most[demand.terms->kind] = demand.terms->most;
  EXPECT_EQ(most, (std::map<LimitKind, std::uint64_t>{
                      {LimitKind::kRequests, 600}, {LimitKind::kTokens, 2'000}, {LimitKind::kInFlight, 5}}));
  EXPECT_EQ(all[3].terms->kind, LimitKind::kTokens);
  EXPECT_EQ(all[3].value, "deepseek");
  EXPECT_EQ(all[3].amount, 0u) << "whoever asks knows how many";
}

TEST_F(PolicyTest, MoneyIsExchangedExactlyAndRoundedUp) {
  const auto policy = Compile("budgets:\n" + Budget("org", "limit: 5 USD, window: day") +
                              Budget("team/*", "limit: 5 CNY, window: day"));
  const BudgetRule& usd = policy->budgets().at(0);
  const BudgetRule& cny = policy->budgets().at(1);
  const auto in = [&](const BudgetRule& rule, base::Int128 pico, base::Currency currency) {
    const auto amount = policy->In(rule, {pico, currency});
    EXPECT_TRUE(amount);
    return amount.value_or(-1);
  };
  EXPECT_EQ(in(usd, 50, base::Currency::kUsd), 50);
  EXPECT_EQ(in(usd, 50, base::Currency::kCny), 7);
  EXPECT_EQ(in(usd, 51, base::Currency::kCny), 8);
  EXPECT_EQ(in(usd, 1, base::Currency::kCny), 1);
  EXPECT_EQ(in(usd, -51, base::Currency::kCny), -7);
  EXPECT_EQ(in(cny, 7, base::Currency::kUsd), 50);
  EXPECT_EQ(in(cny, 8, base::Currency::kUsd), 58);
  const auto eur = *base::Currency::Parse("EUR");
  EXPECT_EQ(policy->In(usd, {1, eur}), std::nullopt);
  EXPECT_EQ(policy->In(usd, {0, eur}), 0);
  const base::Int128 most = std::numeric_limits<base::Int128>::max();
  EXPECT_EQ(in(cny, most, base::Currency::kUsd), most);
  base::Random random(20261130);
  for (int i = 0; i < 10'000; ++i) {
    const auto amount = static_cast<base::Int128>(random.Next() >> random.Below(60));
    const base::Int128 exchanged = in(usd, amount, base::Currency::kCny);
    EXPECT_GE(exchanged * 50, amount * 7);
    EXPECT_LT((exchanged - 1) * 50, amount * 7);
  }
}

}  // namespace
}  // namespace budget
