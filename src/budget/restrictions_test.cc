#include "budget/restrictions.h"

#include <gtest/gtest.h>

#include "budget/share.h"
#include "config/reader.h"

namespace budget {
namespace {

constexpr auto kUnit = static_cast<base::Int128>(base::kPico);

class RestrictionsTest : public testing::Test {
 protected:
  // A budget of 200 USD with these steps.
  void Steps(const std::string& steps) {
    const std::string text =
        "providers:\n"
        "  d: { dialect: deepseek, key: k }\n"
        "  box: { dialect: openai, base_url: \"http://127.0.0.1:1/v1\", local: true }\n"
        "models:\n"
        "  assistant: { ladder: [box/small, d/flash, d/pro], fallback: [d/other] }\n"
        "  writer: { ladder: [d/pro, d/max] }\n"
        "budgets:\n"
        "  - { scope: team/*, limit: 200 USD, window: month, steps: [" +
        steps + "] }\n";
    const auto read = config::ReadText(text, "f", [](std::string_view) { return std::nullopt; });
    ASSERT_TRUE(read) << config::Print(read.error().front());
    settings_ = *read;
    policy_ = Policy::Compile(*settings_, hash_);
  }

  Standing At(int settled, int reserved = 0, std::optional<std::uint64_t> forecast = std::nullopt) const {
    return {
        .rule = &policy_->budgets().at(0),
        .value_hash = 7,
        .value = "support",
        .view = {.settled = settled * kUnit, .reserved = reserved * kUnit, .limit = 200 * kUnit, .span = {}},
        .forecast = forecast};
  }
  Restrictions With(const Standing& standing) const {
    Restrictions restrictions;
    restrictions.Add(standing);
    return restrictions;
  }
  std::string WhyNot(const Standing& standing, const std::string& model, std::string_view asked = "assistant",
                     chat::Rung rung = chat::Rung::kStrong) const {
    return With(standing).WhyNot(*settings_, asked, *config::ModelRef::Parse(model), rung);
  }

  const ScopeHash hash_;
  std::shared_ptr<const config::Settings> settings_;
  std::shared_ptr<const Policy> policy_;
};

TEST_F(RestrictionsTest, AStepHoldsFromItsShareOn) {
  Steps("{ at: 90%, ladder_max: d/flash }");
  EXPECT_TRUE(With(At(179)).empty());
  EXPECT_FALSE(With(At(180)).empty());
  EXPECT_FALSE(With(At(100, 80)).empty()) << "what others have reserved counts";
  EXPECT_EQ(WhyNot(At(184), "d/pro"),
            "team/support has used 92% of 200 USD: from 90% on no rung above d/flash answers");
  EXPECT_EQ(WhyNot(At(183, 2), "d/pro"),
            "team/support has used or reserved 92.5% of 200 USD: from 90% on no rung above d/flash answers");
}

TEST_F(RestrictionsTest, OnlyTheRungsAboveTheHighestOneAreRejected) {
  Steps("{ at: 90%, ladder_max: d/flash }");
  EXPECT_EQ(WhyNot(At(190), "box/small"), "");
  EXPECT_EQ(WhyNot(At(190), "d/flash"), "");
  EXPECT_NE(WhyNot(At(190), "d/pro"), "");
  EXPECT_NE(WhyNot(At(190), "d/other"), "") << "a fallback stands above every rung";
  EXPECT_EQ(WhyNot(At(190), "d/max", "writer"), "") << "a ladder without that rung is not touched";
  EXPECT_NE(WhyNot(At(190), "d/pro", "d/pro"), "") << "a rung that is asked for by its own name";
  EXPECT_EQ(WhyNot(At(190), "d/max", "d/max"), "");
}

TEST_F(RestrictionsTest, OnlyAllowedRungsAnswer) {
  Steps("{ at: 100%, allow: [rules, cache, local] }");
  EXPECT_EQ(WhyNot(At(200), "box/small", "assistant", chat::Rung::kLocal), "");
  EXPECT_EQ(WhyNot(At(200), "d/flash", "assistant", chat::Rung::kCheap),
            "team/support has used 100% of 200 USD: from 100% on only rules, cache, local answer");
}

TEST_F(RestrictionsTest, ABlockSaysWhichBudgetBlocks) {
  Steps("{ at: 50%, block: true }, { at: 10%, ladder_max: d/flash }");
  EXPECT_EQ(With(At(99)).blocked_by(), nullptr);
  const Restrictions blocked = With(At(100));
  ASSERT_NE(blocked.blocked_by(), nullptr);
  EXPECT_EQ(blocked.blocked_by()->value, "support");
  EXPECT_EQ(WhyNot(At(100), "box/small"),
            "team/support has used 50% of 200 USD: from 50% on nothing answers");
}

TEST_F(RestrictionsTest, AForecastHoldsByWhatItSays) {
  Steps("{ forecast: 120%, ladder_max: d/flash }");
  EXPECT_TRUE(With(At(199)).empty());
  EXPECT_TRUE(With(At(20, 0, 11'999)).empty());
  EXPECT_EQ(
      WhyNot(At(20, 0, 13'100), "d/pro"),
      "at the pace of the last days team/support will have used 131% of 200 USD when its window ends: from "
      "120% on no rung above d/flash answers");
}

TEST_F(RestrictionsTest, TighterLimitsComeWithTheAccountOfTheBudget) {
  Steps("{ at: 90%, limits: { requests: 6/min, tokens: 900/min, in_flight: 1 } }");
  base::BlockVector<LimitDemand> demands;
  EXPECT_TRUE(With(At(10)).AppendLimits(demands));
  EXPECT_TRUE(demands.empty());
  EXPECT_TRUE(With(At(180)).AppendLimits(demands));
  ASSERT_EQ(demands.size(), 3u);
  EXPECT_EQ(demands[0].terms->most, 6u);
  EXPECT_EQ(demands[0].key.value, 7u);
  EXPECT_EQ(demands[0].amount, 1u);
  EXPECT_EQ(WhyNot(At(180), "d/pro"), "");
}

TEST_F(RestrictionsTest, AlertsRestrictNothing) {
  Steps("{ at: 10%, alert: \"http://127.0.0.1/x\" }");
  EXPECT_TRUE(With(At(200)).empty());
}

TEST(ShareTest, IsRoundedDownAndHasAnEnd) {
  EXPECT_EQ(ShareOf(0, 3), 0u);
  EXPECT_EQ(ShareOf(-5, 3), 0u);
  EXPECT_EQ(ShareOf(1, 3), 3'333u);
  EXPECT_EQ(ShareOf(3, 3), 10'000u);
  EXPECT_EQ(ShareOf(4, 3), 13'333u);
  EXPECT_EQ(ShareOf(static_cast<base::Int128>(1) << 120, static_cast<base::Int128>(1) << 121), 5'000u);
  EXPECT_EQ(ShareOf(static_cast<base::Int128>(1) << 126, 1), kShareMax);
  EXPECT_EQ(PrintShare(9'250), "92.5%");
  EXPECT_EQ(PrintShare(13'101), "131.01%");
  EXPECT_EQ(PrintShare(700), "7%");
}

}  // namespace
}  // namespace budget
