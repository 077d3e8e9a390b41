#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "config/explain.h"
#include "config/read_result_for_test.h"
#include "config/reader.h"

namespace config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

const std::string kBase =
    "providers:\n"
    "  deepseek: { dialect: deepseek, key: k }\n"
    "  box: { dialect: openai, base_url: \"http://127.0.0.1:1/v1\", local: true }\n"
    "models:\n"
    "  assistant: { ladder: [box/small, deepseek/flash, deepseek/pro] }\n";

ReadResult Read(const std::string& text) {
  return ReadText(kBase + text, "f", [](std::string_view) { return std::nullopt; });
}

std::shared_ptr<const Settings> Accept(const std::string& text) {
  return Accepted(Read(text));
}

// All problems, one per line; lines count from the first one of `text`.
std::string Refusal(const std::string& text) {
  ReadResult result = Read(text);
  if (result) return "accepted";
  std::string out;
  for (Problem& problem : result.error()) {
    problem.file.clear();
    out += std::to_string(problem.at.line - 5) + Print(problem).substr(Print(problem).find(':', 1)) + "\n";
  }
  return out;
}

// What is said of one budget with these settings beside its scope and limit.
std::string OfBudget(const std::string& settings) {
  return Refusal("budgets:\n  - { scope: team/a, limit: 5 USD, " + settings + " }\n");
}
std::string OfStep(const std::string& step) {
  return OfBudget("window: day, steps: [" + step + "]");
}

TEST(BudgetsTest, TheExampleOfThePublicPageIsRead) {
  const auto settings = Accept(R"(
alert_secret: s
budgets:
  - scope: team/support
    limit: 200 USD
    window: month
    timezone: Asia/Shanghai
    steps:
      - { at: 75%, alert: https://hooks.example.com/x }
      - { at: 90%, ladder_max: deepseek/flash }
      - { at: 100%, allow: [rules, cache, local] }
limits:
  - { scope: key/*, requests: 600/min, tokens: 2000000/min, in_flight: 50 }
)");
  ASSERT_EQ(settings->budgets.size(), 1u);
  const BudgetSettings& budget = settings->budgets[0];
  EXPECT_EQ(budget.scope, (ScopePattern{ScopeKind::kTeam, "support", false}));
  EXPECT_EQ(base::Print(budget.limit), "200 USD");
  EXPECT_EQ(budget.window, CalendarWindow::kMonth);
  EXPECT_EQ(budget.timezone.name(), "Asia/Shanghai");
  EXPECT_EQ(budget.mode, BudgetMode::kStrict);
  EXPECT_EQ(budget.reserve_wait, milliseconds(2'000));
  ASSERT_EQ(budget.steps.size(), 3u);
  EXPECT_EQ(budget.steps[0].at, Percent{7'500});
  EXPECT_EQ(budget.steps[0].alert.Print(), "https://hooks.example.com/x");
  EXPECT_EQ(budget.steps[1].ladder_max.Print(), "deepseek/flash");
  EXPECT_EQ(budget.steps[2].allow,
            (std::vector{AllowedRungs::kRules, AllowedRungs::kCache, AllowedRungs::kLocal}));
  ASSERT_EQ(settings->limits.size(), 1u);
  EXPECT_EQ(settings->limits[0].scope, (ScopePattern{ScopeKind::kKey, "", true}));
  EXPECT_EQ(settings->limits[0].most.requests, (Rate{600, std::chrono::minutes(1)}));
  EXPECT_EQ(settings->limits[0].most.tokens, (Rate{2'000'000, std::chrono::minutes(1)}));
  EXPECT_EQ(settings->limits[0].most.in_flight, 50u);
}

TEST(BudgetsTest, EveryOtherSettingIsRead) {
  const auto settings = Accept(R"(
exchange: { CNY: 0.14 USD }
budgets:
  - { scope: session/*, limit: 0.5 USD, idle: 2h, mode: typical, reserve_wait: 0s, output_floor: 16 }
  - { scope: org, limit: 10 CNY, rolling: 24h }
  - { scope: tag/app=*, limit: 10 USD, window: day }
  - scope: team/*
    limit: 10 USD
    window: quarter
    carry_over: 25%
    steps:
      - { forecast: 131.5%, limits: { requests: 1/s, in_flight: 2 } }
      - { at: 0%, block: true }
)");
  ASSERT_EQ(settings->budgets.size(), 4u);
  EXPECT_EQ(settings->budgets[0].idle, hours(2));
  EXPECT_EQ(settings->budgets[0].mode, BudgetMode::kTypical);
  EXPECT_EQ(settings->budgets[0].output_floor, 16u);
  EXPECT_EQ(settings->budgets[1].rolling, hours(24));
  EXPECT_EQ(settings->budgets[2].scope, (ScopePattern{ScopeKind::kTag, "app=", true}));
  EXPECT_EQ(settings->budgets[3].carry_over, Percent{2'500});
  EXPECT_EQ(settings->budgets[3].steps[0].forecast, Percent{13'150});
  EXPECT_EQ(settings->budgets[3].steps[0].limits.in_flight, 2u);
  EXPECT_TRUE(settings->budgets[3].steps[1].block);
}

TEST(BudgetsTest, AScopeIsPrintedAsItIsWritten) {
  for (const char* text :
       {"org", "org/acme", "org/*", "team/support", "key/*", "user/a b", "tag/app=checkout", "tag/app=*",
        "tag/*", "provider/deepseek", "model/deepseek/flash", "model/assistant", "session/*"}) {
    const auto scope = ScopePattern::Parse(text);
    ASSERT_TRUE(scope) << text;
    EXPECT_EQ(scope->Print(), text);
  }
}

TEST(BudgetsTest, AScopeThatIsNoneIsTold) {
  for (const auto& [text, instead] :
       {std::pair("teams/support", "write team/support"),
        {"Team/support", "write team/support"},
        {"orgs", "write org"},
        {"usr/*", "write user/*"},
        {"everyone", "write for example team/support, or key/* for each key"},
        {"team", "write team/NAME, or team/* for each"},
        {"team/", "write team/NAME, or team/* for each"},
        {"team/sup*", "write team/* for each"},
        {"tag/app", "write for example tag/app=checkout, or tag/app=* for each value of app"},
        {"tag/app=", "write for example tag/app=checkout, or tag/app=* for each value of app"},
        {"user/a\tb", "write for example user/*"}}) {
    const auto scope = ScopePattern::Parse(text);
    ASSERT_FALSE(scope) << text;
    EXPECT_EQ(scope.error().instead, instead) << text;
  }
  EXPECT_TRUE(ScopePattern::Parse("user/" + std::string(328, 'x')));
  EXPECT_FALSE(ScopePattern::Parse("user/" + std::string(329, 'x')));
}

TEST(BudgetsTest, ARateHasItsTime) {
  for (const char* text : {"1/s", "600/min", "5/h", "1000000000000/day"}) {
    ASSERT_TRUE(Rate::Parse(text)) << text;
    EXPECT_EQ(Rate::Parse(text)->Print(), text);
  }
  for (const auto& [text, instead] :
       {std::pair("600", "write for example 600/min"),
        {"600/m", "write 600/min"},
        {"600/minute", "write 600/min"},
        {"10/sec", "write 10/s"},
        {"10/hour", "write 10/h"},
        {"10/d", "write 10/day"},
        {"10/week", "write 10/min"},
        {"-1/s", "write for example 600/min"},
        {"1.5/s", "write for example 600/min"},
        {"0/s", "write 1/s, or a budget with a step at 0% that has block: true"},
        {"1000000000001/day", "write a smaller number"}}) {
    const auto rate = Rate::Parse(text);
    ASSERT_FALSE(rate) << text;
    EXPECT_EQ(rate.error().instead, instead) << text;
  }
}

TEST(BudgetsTest, ABudgetHasOneWindow) {
  EXPECT_EQ(
      OfBudget("mode: strict"),
      "2:5: budgets[0] has no window, it does not say when it begins anew, write window: month, or rolling: "
      "24h\n");
  EXPECT_EQ(
      OfBudget("window: day, rolling: 24h"),
      "2:58: budgets[0] has both window and rolling, it begins anew on the calendar or never stops counting "
      "back, not both, remove one of them\n");
  EXPECT_EQ(
      OfBudget("rolling: 1h, timezone: UTC, carry_over: 5%"),
      "2:59: budgets[0] has a timezone and no window, only the calendar differs from place to place, remove "
      "it, or write window: month\n"
      "2:76: budgets[0] has carry_over and no window, only what begins anew on the calendar leaves a rest, "
      "remove it, or write window: month\n");
  EXPECT_NE(OfBudget("window: day, idle: 1h").find("has idle, only a budget of sessions"), std::string::npos);
  EXPECT_NE(OfBudget("rolling: 999ms").find("the least is 1s"), std::string::npos);
  EXPECT_NE(OfBudget("window: year").find("this setting is one of hour, day, week, month or quarter"),
            std::string::npos);
  EXPECT_NE(
      OfBudget("window: day, timezone: Asia/Shangai").find("there is no such time zone, write its name"),
      std::string::npos);
}

TEST(BudgetsTest, ALimitIsMoneyOfACurrency) {
  for (const char* limit : {"200", "200USD", "200 usd", "-1 USD", "0 USD", "1,5 USD"}) {
    const std::string told =
        Refusal("budgets:\n  - { scope: org, window: day, limit: \"" + std::string(limit) + "\" }\n");
    EXPECT_NE(told.find("budgets[0].limit is \"" + std::string(limit) + "\""), std::string::npos) << told;
    EXPECT_NE(told.find("write for example 200 USD\n"), std::string::npos) << told;
  }
}

TEST(BudgetsTest, AListOfMapsIsExpected) {
  EXPECT_EQ(Refusal("budgets: { scope: org }\n"),
            "1:10: budgets is a map, a list is expected here, write budgets: [{ name: value }]\n");
  EXPECT_EQ(
      Refusal("limits:\n  - key/*\n  - { scope: key/*, requests: 5/s, burst: 3 }\n"),
      "2:5: limits[0] is a single value, a map of settings is expected here, write - { name: value }\n"
      "3:36: unknown key \"burst\", there is no such setting under limits[1], use one of: scope requests "
      "tokens in_flight\n");
  EXPECT_EQ(
      Refusal("budgets:\n  - { limit: 5 USD, window: day }\n"),
      "2:5: budgets[0] has no scope, it cannot be left out (scope, `KIND/NAME`), add scope: team/support\n");
}

TEST(BudgetsTest, AStepIsTakenAtOneShareAndDoesOneThing) {
  const auto begins = [](const std::string& told, const std::string& what) {
    return told.find("budgets[0].steps[0]" + what) != std::string::npos ? "" : told;
  };
  EXPECT_EQ(begins(OfStep("{ block: true }"), " has no at"), "");
  EXPECT_EQ(begins(OfStep("{ at: 5%, forecast: 9%, block: true }"), " has both at and forecast"), "");
  EXPECT_EQ(begins(OfStep("{ at: 5% }"), " does nothing"), "");
  EXPECT_EQ(begins(OfStep("{ at: 5%, block: false }"), ".block is false"), "");
  EXPECT_EQ(begins(OfStep("{ at: 5%, block: true, allow: [local] }"), " has both allow and block"), "");
  EXPECT_EQ(begins(OfStep("{ at: 101%, block: true }"), ".at is \"101%\", it is at most 100%"), "");
  EXPECT_EQ(begins(OfStep("{ at: 75, block: true }"), ".at is \"75\", a share needs its percent sign"), "");
  EXPECT_EQ(
      begins(OfStep("{ forecast: 1000.01%, block: true }"), ".forecast is \"1000.01%\", it is at most 1000%"),
      "");
  EXPECT_EQ(begins(OfStep("{ at: 9%, allow: [cahce] }"), ".allow[0] is \"cahce\""), "");
  EXPECT_EQ(
      begins(OfStep("{ at: 9%, ladder_max: deepseek/flesh }"),
             ".ladder_max is \"deepseek/flesh\", no ladder under models has this rung, write deepseek/flash"),
      "");
  EXPECT_NE(OfBudget("rolling: 1h, steps: [{ forecast: 120%, block: true }]")
                .find("budgets[0].steps[0] has a forecast and its budget no window"),
            std::string::npos);
  EXPECT_NE(OfStep("{ at: 9%, block: true }, { at: 9%, block: true }")
                .find("budgets[0].steps[1] has block at the share of budgets[0].steps[0]"),
            std::string::npos);
  EXPECT_EQ(OfStep("{ at: 9%, alert: \"http://a/x\" }, { at: 9%, alert: \"http://b/x\" }"), "accepted");
}

TEST(BudgetsTest, AForecastIsOfWhatIsSummedByTheHour) {
  EXPECT_NE(
      Refusal("budgets:\n  - { scope: user/*, limit: 5 USD, window: day, steps: [{ forecast: 99%, block: "
              "true }] }\n")
          .find("budgets[0].steps[0].forecast is of a budget of a user"),
      std::string::npos);
}

TEST(BudgetsTest, AnAlertMayHaveAQueryThatIsNotShown) {
  const auto settings = Accept(
      "budgets:\n  - { scope: org, limit: 5 USD, window: day, steps: [{ at: 9%, alert: "
      "\"https://chat.example.com?key=s3cret\" }] }\n");
  EXPECT_EQ(settings->budgets.at(0).steps.at(0).alert.hook.path, "/?key=s3cret");
  const std::string words = Explain(*settings);
  EXPECT_NE(words.find("an alert goes to https://chat.example.com/....\n"), std::string::npos) << words;
  EXPECT_EQ(words.find("s3cret"), std::string::npos);
}

TEST(BudgetsTest, TwoRulesAreNotTheSame) {
  EXPECT_EQ(
      Refusal("budgets:\n"
              "  - { scope: org, limit: 5 USD, window: day }\n"
              "  - { scope: org, limit: 9 USD, window: day }\n"),
      "3:5: budgets[1] has the scope, the window and the currency of budgets[0], one of the two would never "
      "be reached, write one budget with the steps of both\n");
  EXPECT_EQ(Refusal("budgets:\n"
                    "  - { scope: org, limit: 5 USD, window: day }\n"
                    "  - { scope: org, limit: 9 USD, window: day, timezone: Asia/Shanghai }\n"
                    "  - { scope: org, limit: 9 USD, rolling: 24h }\n"),
            "accepted");
  EXPECT_EQ(
      Refusal("limits:\n  - { scope: key/*, requests: 5/s }\n  - { scope: key/*, requests: 6/s }\n"),
      "3:31: limits[1] and limits[0] both limit requests of key/*, the larger of the two would never be "
      "reached, remove one of them\n");
  EXPECT_EQ(Refusal("limits:\n  - { scope: key/*, requests: 5/s }\n  - { scope: key/*, requests: 60/min }\n"),
            "accepted");
  EXPECT_EQ(
      Refusal("limits:\n  - { scope: key/* }\n"),
      "2:5: limits[0] limits nothing, it has neither requests nor tokens nor in_flight, write for example "
      "requests: 600/min\n");
}

TEST(BudgetsTest, WhatAScopeNamesIsThere) {
  EXPECT_NE(
      Refusal("limits:\n  - { scope: provider/depseek, in_flight: 1 }\n").find("write provider/deepseek\n"),
      std::string::npos);
  EXPECT_NE(
      Refusal("limits:\n  - { scope: model/depseek/x, in_flight: 1 }\n").find("write model/deepseek/x\n"),
      std::string::npos);
  EXPECT_NE(Refusal("limits:\n  - { scope: model/asistant, in_flight: 1 }\n").find("write model/assistant\n"),
            std::string::npos);
  EXPECT_EQ(Refusal("limits:\n  - { scope: model/assistant, in_flight: 1 }\n"), "accepted");
}

TEST(BudgetsTest, ACurrencyThatIsBilledHasARate) {
  const std::string budget = "budgets:\n  - { scope: org, limit: 5 CNY, window: day }\n";
  EXPECT_EQ(
      Refusal(budget),
      "2:26: budgets[0].limit is in CNY, and the provider deepseek is billed in USD, without a rate nobody "
      "knows what its calls take of it, write what one USD is worth, as in exchange: { USD: 0.15 CNY }\n");
  EXPECT_EQ(Refusal(budget + "exchange: { USD: 7.1 CNY }\n"), "accepted");
  EXPECT_EQ(Refusal(budget + "exchange: { CNY: 0.14 USD }\n"), "accepted");
  EXPECT_EQ(Refusal(budget + "exchange: { CNY: 0.13 EUR, EUR: 1.1 USD }\n"), "accepted");
  EXPECT_EQ(Refusal("budgets:\n  - { scope: provider/box, limit: 5 CNY, window: day }\n"), "accepted");
  EXPECT_NE(Refusal(budget + "exchange: { USD: 7.1 CNY, CNY: 0.14 USD }\n")
                .find("exchange says what CNY is worth in USD and the other way round"),
            std::string::npos);
  EXPECT_NE(Refusal("exchange: { USD: 1 USD }\n").find("a currency is worth itself"), std::string::npos);
  EXPECT_NE(Refusal("exchange: { usd: 7.1 CNY }\n").find("a currency is its three capital letters"),
            std::string::npos);
}

TEST(ExchangeTest, ARateIsExactInBothDirectionsAndOverAThirdCurrency) {
  const auto usd = base::Currency::kUsd, cny = base::Currency::kCny;
  const auto eur = *base::Currency::Parse("EUR");
  const ExchangeSettings rates = {{"CNY", *base::ParseMoney("0.14 USD")},
                                  {"EUR", *base::ParseMoney("1.1 USD")}};
  EXPECT_EQ(RateBetween(rates, usd, usd), (ExchangeRate{1, 1}));
  EXPECT_EQ(RateBetween(rates, cny, usd), (ExchangeRate{7, 50}));
  EXPECT_EQ(RateBetween(rates, usd, cny), (ExchangeRate{50, 7}));
  EXPECT_EQ(RateBetween(rates, cny, eur), (ExchangeRate{7, 55}));
  EXPECT_EQ(RateBetween({}, cny, usd), std::nullopt);
}

TEST(BudgetsTest, CheckSaysInWordsWhatWillHappen) {
  const std::string words = Explain(*Accept(R"(
exchange: { CNY: 0.14 USD }
budgets:
  - scope: team/support
    limit: 200 USD
    window: month
    timezone: Asia/Shanghai
    steps:
      - { at: 75%, alert: https://hooks.example.com/x }
      - { at: 90%, ladder_max: deepseek/flash }
      - { forecast: 131%, limits: { requests: 60/min, in_flight: 1 } }
      - { at: 100%, allow: [rules, cache, local] }
  - { scope: session/*, limit: 1 USD }
  - { scope: user/ann, limit: 1 USD, window: hour }
  - { scope: org, limit: 9 USD, rolling: 24h, mode: typical, steps: [{ at: 100%, block: true }] }
limits:
  - { scope: key/*, requests: 600/min, tokens: 2000000/min, in_flight: 50 }
)"));
  for (const char* line :
       {"team/support may spend 200 USD a month (Asia/Shanghai).\n",
        "  At 75% an alert goes to https://hooks.example.com/....\n",
        "  At 90% no rung above deepseek/flash answers.\n",
        "  When at this pace the month ends at 131% it has at most 60/min requests, 1 request at once.\n",
        "  At 100% only rules, cache, local answer.\n",
        "Each session may spend 1 USD until it is silent for 1d.\n",
        "user/ann may spend 1 USD an hour (UTC).\n", "Everybody together may spend 9 USD in any 1d.\n",
        "  At 100% requests are refused.\n",
        "Each key has at most 600/min requests, 2000000/min tokens, 50 requests at once.\n",
        "One CNY counts as 0.14 USD in budgets.\n", "  Warning: without alert_secret"}) {
    EXPECT_NE(words.find(line), std::string::npos) << line << "\nin\n" << words;
  }
}

}  // namespace
}  // namespace config
