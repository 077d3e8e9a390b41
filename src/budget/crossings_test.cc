#include "budget/crossings.h"

#include <gtest/gtest.h>

#include <memory>

#include "config/reader.h"

namespace budget {
namespace {

using namespace std::chrono_literals;
constexpr auto kUnit = static_cast<base::Int128>(base::kPico);

class CrossingsTest : public testing::Test {
 protected:
  // A budget of 200 USD with this window and these steps.
  void Budget(const std::string& steps, const std::string& window = "window: day") {
    const std::string text =
        "providers: { d: { dialect: deepseek, key: k } }\n"
        "budgets:\n  - { scope: team/*, limit: 200 USD, " +
        window + ", steps: [" + steps + "] }\n";
    const auto read = config::ReadText(text, "f", [](std::string_view) { return std::nullopt; });
    ASSERT_TRUE(read) << config::Print(read.error().front());
    policy_ = Policy::Compile(**read, hash_);
  }

  Standing At(int settled, int limit = 200) const {
    const BudgetRule& rule = policy_->budgets().at(0);
    return {.rule = &rule,
            .value_hash = hash_("support"),
            .value = "support",
            .view = {.settled = settled * kUnit,
                     .reserved = 0,
                     .limit = limit * kUnit,
                     .span = rule.terms.window.At(now_)},
            .forecast = {}};
  }

  // What was told since the last time: "+75%", "-75%".
  std::string Told() {
    std::string out;
    for (const Crossing& crossing : told_) {
      out += (out.empty() ? "" : " ") + std::string(crossing.taken ? "+" : "-") + config::Print(crossing.at);
    }
    told_.clear();
    return out;
  }

  const ScopeHash hash_;
  std::shared_ptr<const Policy> policy_;
  base::WallTime now_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 10h};
  std::vector<Crossing> told_;
  Crossings crossings_{[this](Crossing crossing) { told_.push_back(std::move(crossing)); }};
};

const char kTwo[] = "{ at: 75%, alert: \"http://127.0.0.1/x\" }, { at: 90%, block: true }";

TEST_F(CrossingsTest, AStepIsToldOnceWhenItIsReached) {
  Budget(kTwo);
  crossings_.Note(At(149));
  EXPECT_EQ(Told(), "");
  crossings_.Note(At(150));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].scope, "team/support");
  EXPECT_EQ(told_[0].alert.Print(), "http://127.0.0.1/x");
  EXPECT_EQ(base::Print(told_[0].used), "150 USD");
  EXPECT_EQ(base::Print(told_[0].limit), "200 USD");
  EXPECT_EQ(told_[0].window_end, policy_->budgets()[0].terms.window.At(now_).end);
  EXPECT_EQ(told_[0].reason, "team/support has used 75% of 200 USD");
  EXPECT_EQ(Told(), "+75%");
  for (const int settled : {151, 160, 179}) crossings_.Note(At(settled));
  EXPECT_EQ(Told(), "");
  crossings_.Note(At(190));
  EXPECT_EQ(Told(), "+90%");
}

TEST_F(CrossingsTest, SeveralStepsAreReachedAtOnce) {
  Budget(kTwo);
  crossings_.Note(At(200));
  EXPECT_EQ(Told(), "+75% +90%");
}

TEST_F(CrossingsTest, WhoNotesLateTakesNothingBack) {
  Budget(kTwo);
  crossings_.Note(At(190));
  crossings_.Note(At(140));
  crossings_.Note(At(195));
  EXPECT_EQ(Told(), "+75% +90%");
}

TEST_F(CrossingsTest, ARaiseTakesBackWhatIsNoLongerReached) {
  Budget(kTwo);
  crossings_.Note(At(190));
  Told();
  crossings_.Note(At(190, 250));
  EXPECT_EQ(Told(), "-90%");
  crossings_.Note(At(190, 400));
  EXPECT_EQ(Told(), "-75%");
  crossings_.Note(At(300, 400));
  EXPECT_EQ(Told(), "+75%");
}

TEST_F(CrossingsTest, ANewWindowTakesAllBack) {
  Budget(kTwo);
  crossings_.Note(At(190));
  Told();
  const Standing late = At(195);
  now_ += 24h;
  crossings_.Note(At(151));
  EXPECT_EQ(Told(), "-75% -90% +75%");
  crossings_.Note(late);
  EXPECT_EQ(Told(), "") << "what is of the old window is not told any more";
}

TEST_F(CrossingsTest, AWindowThatIsOverIsNoticedWithoutARequest) {
  Budget(kTwo);
  crossings_.Note(At(190));
  Told();
  crossings_.Sweep(*policy_, now_ + 13h);
  EXPECT_EQ(Told(), "");
  crossings_.Sweep(*policy_, now_ + 14h);
  EXPECT_EQ(Told(), "-75% -90%");
  EXPECT_TRUE(crossings_.Save().empty());
}

TEST_F(CrossingsTest, ABudgetThatIsGoneIsForgottenWithoutAWord) {
  Budget(kTwo);
  crossings_.Note(At(190));
  Told();
  Budget(kTwo, "window: week");
  crossings_.Sweep(*policy_, now_);
  EXPECT_EQ(Told(), "");
  EXPECT_TRUE(crossings_.Save().empty());
}

TEST_F(CrossingsTest, TheEdgeOfARollingWindowIsToldOnce) {
  Budget("{ at: 75%, block: true }", "rolling: 1h");
  for (int i = 0; i < 10; ++i) {
    crossings_.Note(At(150));
    crossings_.Note(At(149));
    now_ += 1s;
  }
  EXPECT_EQ(Told(), "+75%");
  EXPECT_EQ(crossings_.Rolling().size(), 1u);
  crossings_.Note(At(147));
  EXPECT_EQ(Told(), "-75%");
  EXPECT_TRUE(crossings_.Rolling().empty());
}

TEST_F(CrossingsTest, ARefusalIsTheWholeBudget) {
  Budget("{ at: 75%, block: true }, { at: 100%, allow: [local] }");
  crossings_.NoteExhausted(At(179));
  EXPECT_EQ(Told(), "") << "it was a large request";
  crossings_.NoteExhausted(At(199));
  EXPECT_EQ(Told(), "+75% +100%");
  crossings_.Note(At(199));
  crossings_.NoteExhausted(At(199));
  EXPECT_EQ(Told(), "");
  crossings_.Note(At(199, 250));
  EXPECT_EQ(Told(), "-100%");
}

TEST_F(CrossingsTest, AForecastComesAndGoes) {
  Budget("{ forecast: 120%, block: true }");
  Standing standing = At(20);
  standing.forecast = 12'000;
  crossings_.Note(standing);
  EXPECT_EQ(Told(), "+120%");
  crossings_.Note(At(21));
  EXPECT_EQ(Told(), "") << "who settles knows no forecast";
  standing.forecast = 11'900;
  crossings_.Note(standing);
  EXPECT_EQ(Told(), "");
  standing.forecast = 11'899;
  crossings_.Note(standing);
  EXPECT_EQ(Told(), "-120%");
}

TEST_F(CrossingsTest, WhatWasToldBeforeARestartIsNotToldAgain) {
  Budget(kTwo);
  crossings_.Note(At(160));
  const std::vector<SavedStep> saved = crossings_.Save();
  ASSERT_EQ(saved.size(), 1u);
  Told();
  Crossings after([this](Crossing crossing) { told_.push_back(std::move(crossing)); });
  after.Restore(saved, hash_);
  EXPECT_EQ(after.Save(), saved);
  after.Note(At(161));
  EXPECT_EQ(Told(), "");
  after.Note(At(185));
  EXPECT_EQ(Told(), "+90%");
  now_ += 24h;
  after.Sweep(*policy_, now_);
  EXPECT_EQ(Told(), "-75% -90%");
}

TEST_F(CrossingsTest, AStepThatAReloadRemovesIsForgotten) {
  Budget(kTwo);
  crossings_.Note(At(185));
  Told();
  Budget("{ at: 95%, block: true }");
  crossings_.Note(At(189));
  EXPECT_EQ(Told(), "");
  crossings_.Note(At(191));
  EXPECT_EQ(Told(), "+95%");
}

TEST_F(CrossingsTest, MoreAccountsThanFitAreCounted) {
  Budget(kTwo);
  Crossings few([this](Crossing crossing) { told_.push_back(std::move(crossing)); }, {.accounts_max = 2});
  for (std::uint64_t i = 0; i < 5; ++i) {
    Standing standing = At(150);
    standing.value_hash = i;
    few.Note(standing);
  }
  EXPECT_EQ(told_.size(), 2u);
  EXPECT_EQ(few.missed(), 3u);
}

}  // namespace
}  // namespace budget
