#include "budget/forecaster.h"

#include <gtest/gtest.h>

#include <map>

#include "config/reader.h"
#include "store/directory_for_test.h"
#include "store/journal.h"
#include "store/played_disk_for_test.h"
#include "store/row_for_test.h"

namespace budget {
namespace {

using std::chrono::hours;

constexpr base::WallTime kMonday{std::chrono::seconds(1'795'392'000)};  // 2026-11-23T00:00Z
constexpr auto kUnit = static_cast<base::Int128>(base::kPico);

class ForecasterTest : public testing::Test {
 protected:
  std::shared_ptr<const Policy> Compile(const std::string& budgets) {
    const auto read =
        config::ReadText("providers: { d: { dialect: deepseek, key: k } }\nbudgets:\n" + budgets, "f",
                         [](std::string_view) { return std::nullopt; });
    EXPECT_TRUE(read);
    return Policy::Compile(**read, hash_);
  }

  // One row in each hour of two days, `units` of money each.
  void Spend(std::string_view team, int units) {
    auto journal = store::Journal::Open(directory_.path(), clock_, disk_, {.segment_bytes = base::MiB});
    ASSERT_TRUE(journal);
    for (int hour = 0; hour < 48; ++hour) {
      store::LedgerRow row = rows_.Usual(kMonday + hours(hour));
      row.team = team;
      row.attempts = {};
      row.price.currency = base::Currency::kUsd;
      row.price.cost = units * kUnit;
      ASSERT_TRUE((*journal)->Append(row));
    }
  }

  // What is forecast at that time, by the account's value.
  std::map<std::string, std::uint64_t> Forecasts(const Policy& policy, base::WallTime now) {
    auto ledger = store::Ledger::Open(directory_.path());
    EXPECT_TRUE(ledger);
    std::map<std::string, std::uint64_t> out;
    const auto done = ForecastAll(**ledger, policy, accounts_, hash_, now, [&](const Standing& standing) {
      out[std::string(standing.value)] = standing.forecast.value_or(0);
    });
    EXPECT_TRUE(done) << done.error().detail;
    return out;
  }

  const store::TemporaryDirectory directory_;
  const base::SystemClock clock_;
  store::PlayedDisk disk_;
  store::RowMaker rows_{3};
  const ScopeHash hash_;
  Accounts accounts_{clock_, {}};
};

TEST_F(ForecasterTest, EachAccountIsForecastByItsOwnHours) {
  Spend("support", 2);
  Spend("search", 1);
  const auto policy = Compile(
      "  - { scope: team/*, limit: 48 USD, window: day, steps: [{ forecast: 90%, block: true }] }\n"
      "  - { scope: team/none, limit: 48 USD, window: week, steps: [{ at: 90%, block: true }] }\n");
  // Wednesday's first hour: nothing is settled in its window, 24 hours are left.
  const base::WallTime now = kMonday + hours(48);
  EXPECT_EQ(Forecasts(*policy, now),
            (std::map<std::string, std::uint64_t>{{"support", 10'000}, {"search", 5'000}}));
}

TEST_F(ForecasterTest, WhatIsSettledAndWhatIsLeftAreAddedUp) {
  Spend("support", 2);
  const auto policy = Compile(
      "  - { scope: team/support, limit: 48 USD, window: day, steps: [{ forecast: 90%, block: true }] }\n");
  const base::WallTime now = kMonday + hours(48 + 18);
  const BudgetRule& rule = policy->budgets().at(0);
  const Demand spent{.key = {rule.terms.id, hash_("support")},
                     .terms = &rule.terms,
                     .value = "support",
                     .amount = 12 * kUnit};
  ASSERT_TRUE(accounts_.Apply({&spent, 1}, now, now));
  // 12 settled; six hours are left, of an hour of the day that cost 2.
  EXPECT_EQ(Forecasts(*policy, now), (std::map<std::string, std::uint64_t>{{"support", 5'000}}));
}

TEST_F(ForecasterTest, AllTogetherAreOneAccount) {
  Spend("support", 2);
  Spend("search", 1);
  const auto policy =
      Compile("  - { scope: org, limit: 72 USD, window: day, steps: [{ forecast: 90%, block: true }] }\n");
  EXPECT_EQ(Forecasts(*policy, kMonday + hours(48)), (std::map<std::string, std::uint64_t>{{"", 10'000}}));
}

}  // namespace
}  // namespace budget
