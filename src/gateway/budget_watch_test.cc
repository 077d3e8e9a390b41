#include "gateway/budget_watch.h"

#include <gtest/gtest.h>

#include "config/reader.h"
#include "gateway/hook_for_test.h"
#include "gateway/step_file.h"
#include "store/journal.h"
#include "store/row_for_test.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;
constexpr auto kUnit = static_cast<base::Int128>(base::kPico);

class BudgetWatchTest : public HookTest {
 protected:
  ~BudgetWatchTest() override {
    watch_.reset();
    EndServer();
  }

  // Budgets of 200 USD for each team with this window and these steps; HOOK in them is who takes alerts.
  void Budget(std::string steps, const std::string& window = "window: month") {
    if (const std::size_t at = steps.find("HOOK"); at != std::string::npos) steps.replace(at, 4, Url("/x"));
    const auto read = config::ReadText(
        "providers: { d: { dialect: deepseek, key: k } }\nalert_secret: s\nbudgets:\n  - { scope: team/*, "
        "limit: 200 USD, " +
            window + ", steps: [" + steps + "] }\n",
        "f", [](std::string_view) { return std::nullopt; });
    ASSERT_TRUE(read) << config::Print(read.error().front());
    policy_.Store(budget::Policy::Compile(**read, hash_));
  }

  void Start() {
    registry_of_watch_.emplace();
    auto watch = BudgetWatch::Start({.clock = clock_,
                                     .resolver = resolver_,
                                     .recorder = *recorder_,
                                     .registry = *registry_of_watch_,
                                     .accounts = accounts_,
                                     .hash = hash_,
                                     .disk = disk_,
                                     .policy = [this] { return policy_.Load(); },
                                     .data = directory_.path()},
                                    {.tick = 1ms, .forecast = 1ms, .delivery = {.first_pause = 1ms}});
    ASSERT_TRUE(watch) << watch.error().detail;
    watch_ = std::move(*watch);
  }

  // `units` of money more are settled on the account of a team, and no request notes it.
  void SettleUnnoted(int units, const std::string& team = "support") {
    const auto policy = policy_.Load();
    const budget::BudgetRule& rule = policy->budgets().at(0);
    const budget::Demand demand{
        .key = {rule.terms.id, hash_(team)}, .terms = &rule.terms, .value = team, .amount = units * kUnit};
    ASSERT_TRUE(accounts_.ApplyUnsettled({&demand, 1}, clock_.WallNow(), clock_.WallNow()));
  }

  // The same, and it is noted.
  void Spend(int units, const std::string& team = "support") {
    const auto policy = policy_.Load();
    const budget::BudgetRule& rule = policy->budgets().at(0);
    const budget::Demand demand{
        .key = {rule.terms.id, hash_(team)}, .terms = &rule.terms, .value = team, .amount = units * kUnit};
    ASSERT_TRUE(accounts_.Apply({&demand, 1}, clock_.WallNow(), clock_.WallNow()));
    budget::Standing standing{
        .rule = &rule, .value_hash = demand.key.value, .value = team, .view = {}, .forecast = {}};
    accounts_.Look({&demand, 1}, clock_.WallNow(), {&standing.view, 1});
    watch_->crossings().Note(standing);
  }

  const budget::ScopeHash hash_;
  store::SystemDisk disk_;
  budget::Accounts accounts_{clock_, {}};
  base::Snapshot<budget::Policy> policy_{nullptr};
  std::optional<telemetry::Registry> registry_of_watch_;
  std::unique_ptr<BudgetWatch> watch_;
};

TEST_F(BudgetWatchTest, ACrossingIsToldOnceAndSigned) {
  Budget("{ at: 75%, alert: \"HOOK\" }");
  Start();
  Spend(149);
  Spend(1);
  Spend(20);
  const std::vector<Posted> posted = Await(1);
  EXPECT_EQ(posted[0].target, "/x");
  EXPECT_EQ(posted[0].signature, AlertSignature(posted[0].body, config::Secret("s")));
  EXPECT_NE(
      posted[0].body.find(R"("event":"budget_threshold","scope":"team/support","at":"75%","used":"150 USD")"),
      std::string::npos)
      << posted[0].body;
  watch_.reset();
  EXPECT_EQ(Await(1).size(), 1u);
  EXPECT_NE(Log().find("team/support has used 75% of 200 USD: from 75% on an alert"), std::string::npos)
      << Log();
}

TEST_F(BudgetWatchTest, ARestartTellsNothingTwiceAndLosesNothing) {
  Budget("{ at: 75%, alert: \"HOOK\" }, { at: 80%, block: true }");
  thread_.Do([this] { statuses_ = {503}; });
  Start();
  Spend(150);
  Await(1);
  watch_.reset();
  EXPECT_EQ(ReadStepFile(directory_.path())->steps.size(), 1u);
  Start();
  const std::vector<Posted> posted = Await(2);  // what failed is tried again, with the same id
  EXPECT_EQ(posted[0].body, posted[1].body);
  Spend(5);
  Spend(20);
  watch_.reset();
  EXPECT_EQ(Await(2).size(), 2u);
  const StepState state = *ReadStepFile(directory_.path());
  EXPECT_EQ(state.steps.size(), 2u);
  EXPECT_TRUE(state.alerts.empty());
}

TEST_F(BudgetWatchTest, WhatLostCallsHaveCrossedIsToldAtTheStart) {
  Budget("{ at: 75%, alert: \"HOOK\" }");
  SettleUnnoted(160);
  Start();
  EXPECT_NE(Await(1)[0].body.find(R"("scope":"team/support","at":"75%","used":"160 USD")"),
            std::string::npos);
  watch_.reset();
  Start();
  watch_->LookAgain();
  watch_.reset();
  EXPECT_EQ(Await(1).size(), 1u);
}

TEST_F(BudgetWatchTest, WhatASettlementCrossesIsToldWithoutARequest) {
  Budget("{ at: 75%, alert: \"HOOK\" }");
  Start();
  Spend(150);
  Await(1);
  SettleUnnoted(190, "search");
  watch_->LookAgain();
  EXPECT_NE(Await(2)[1].body.find(R"("scope":"team/search","at":"75%","used":"190 USD")"), std::string::npos);
}

TEST_F(BudgetWatchTest, ADamagedFileIsNotReplaced) {
  store::WriteFile(directory_.path() / "steps.json", "{");
  Budget("{ at: 75%, block: true }");
  const auto watch = BudgetWatch::Start({.clock = clock_,
                                         .resolver = resolver_,
                                         .recorder = *recorder_,
                                         .registry = registry_,
                                         .accounts = accounts_,
                                         .hash = hash_,
                                         .disk = disk_,
                                         .policy = [this] { return policy_.Load(); },
                                         .data = directory_.path()});
  EXPECT_FALSE(watch);
  EXPECT_EQ(store::ReadFile(directory_.path() / "steps.json"), "{");
}

TEST_F(BudgetWatchTest, TheMetricSaysWhatEachTeamHasUsed) {
  Budget("{ at: 75%, block: true }");
  Start();
  EXPECT_NE(registry_of_watch_->Exposition().find("sluice_budget_used_ratio{scope=\"team/*\"} 0\n"),
            std::string::npos);
  Spend(50);
  Spend(100, "search");
  watch_.reset();
  Start();
  const std::string text = registry_of_watch_->Exposition();
  for (const char* line :
       {"{scope=\"team/*\"} 0.5\n", "{scope=\"team/support\"} 0.25\n", "{scope=\"team/search\"} 0.5\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST_F(BudgetWatchTest, AForecastIsMadeFromTheLedger) {
  Budget("{ forecast: 90%, alert: \"HOOK\" }");
  auto journal = store::Journal::Open(directory_.path(), clock_, disk_, {.segment_bytes = base::MiB});
  ASSERT_TRUE(journal);
  store::RowMaker rows(3);
  for (int hour = 1; hour <= 24; ++hour) {
    store::LedgerRow row = rows.Usual(clock_.WallNow() - std::chrono::hours(hour));
    row.team = "support";
    row.attempts = {};
    row.price.currency = base::Currency::kUsd;
    row.price.cost = 1'000 * kUnit;
    ASSERT_TRUE((*journal)->Append(row));
  }
  Start();
  Spend(180);
  EXPECT_NE(Await(1)[0].body.find(R"("event":"budget_forecast","scope":"team/support","at":"90%")"),
            std::string::npos);
  const budget::BudgetRule& rule = policy_.Load()->budgets().at(0);
  EXPECT_GE(watch_->crossings().ForecastOf({rule.terms.id, hash_("support")}).value_or(0), 9'000u);
  EXPECT_EQ(watch_->crossings().ForecastOf({rule.terms.id, hash_("search")}), std::nullopt);
}

TEST_F(BudgetWatchTest, ARollingShareFallsWithoutARequest) {
  Budget("{ at: 75%, alert: \"HOOK\" }", "rolling: 1s");
  Start();
  Spend(160);
  Await(1);
  while (Log().find("budget_step_back") == std::string::npos) thread_.Do([] {});
  EXPECT_TRUE(ReadStepFile(directory_.path()));
}

}  // namespace
}  // namespace gateway
