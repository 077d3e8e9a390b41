#include "sim/scenario.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;

TEST(ScenarioTest, ModelsKeysAndRulesAreRead) {
  const auto scenario = ParseScenario(R"({
    "models": [{"name": "deep-*", "dialect": "deepseek", "ttft": "200ms", "rate": "80/s", "jitter": 0.5}],
    "keys": [{"key": "sk-a", "concurrency": 2}, {"key": "sk-b", "balance": false}],
    "rules": [{"model": "deep-*", "nth": 2, "fault": "status=503; retry_after=1"}]})",
                                      Pace{});
  ASSERT_TRUE(scenario) << scenario.error().detail;
  const ScenarioModel* model = scenario->FindModel("deep-thought");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->dialect, Dialect::kDeepseek);
  EXPECT_EQ(model->pace->first_token, 200ms);
  EXPECT_EQ(model->pace->tokens_per_second, 80);
  EXPECT_EQ(scenario->FindModel("shallow"), nullptr);
  EXPECT_EQ(scenario->FindKey("sk-a")->concurrency, 2);
  EXPECT_TRUE(scenario->FindKey("sk-b")->out_of_balance);
  EXPECT_EQ(scenario->rules.at(0).fault.status, 503);
}

TEST(ScenarioTest, MistakesNameTheirMember) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"[]", "object"},
      {"{", "byte"},
      {R"({"model": []})", "unknown member 'model'"},
      {R"({"models": {}})", "'models' must be a list"},
      {R"({"models": [3]})", "models[0] must be an object"},
      {R"({"models": [{"ttft": "1s"}]})", "models[0]: 'name'"},
      {R"({"models": [{"name": "m", "ttft": "fast"}]})", "models[0]: 'ttft'"},
      {R"({"models": [{"name": "m", "rate": "-1/s"}]})", "models[0]: 'rate'"},
      {R"({"models": [{"name": "m", "jitter": 3}]})", "models[0]: 'jitter'"},
      {R"({"models": [{"name": "m", "dialect": "klingon"}]})", "models[0]: 'dialect'"},
      {R"({"keys": [{"key": "a"}, {"key": "b", "concurrency": 0}]})", "keys[1]: 'concurrency'"},
      {R"({"keys": [{"key": "a", "balance": "no"}]})", "keys[0]: 'balance'"},
      {R"({"rules": [{"probability": 1.5, "fault": "garbage"}]})", "rules[0]: 'probability'"},
      {R"({"rules": [{"fault": "explode"}]})", "rules[0]: 'explode'"},
      {R"({"rules": [{"when": 1, "fault": "garbage"}]})", "rules[0]: unknown member 'when'"},
  };
  for (const auto& [json, words] : mistakes) {
    const auto scenario = ParseScenario(json, Pace{});
    ASSERT_FALSE(scenario) << json;
    EXPECT_NE(scenario.error().detail.find(words), std::string::npos)
        << json << " -> " << scenario.error().detail;
  }
}

std::vector<Rule> RulesOf(const char* json) {
  auto scenario = ParseScenario(json, Pace{});
  return scenario ? std::move(scenario->rules) : std::vector<Rule>{};
}

TEST(RuleBookTest, TheNthMatchingRequestMeetsTheFault) {
  const auto rules =
      RulesOf(R"({"rules": [{"model": "a*", "path": "/v1/x", "key": "k", "nth": 2, "fault": "garbage"}]})");
  RuleBook book(rules, 1);
  EXPECT_EQ(book.Find({"apple", "/v1/x", "k"}), nullptr);
  EXPECT_EQ(book.Find({"pear", "/v1/x", "k"}), nullptr);
  EXPECT_EQ(book.Find({"apple", "/v1/y", "k"}), nullptr);
  EXPECT_EQ(book.Find({"apple", "/v1/x", "other"}), nullptr);
  EXPECT_NE(book.Find({"avocado", "/v1/x", "k"}), nullptr);
  EXPECT_EQ(book.Find({"apple", "/v1/x", "k"}), nullptr);
}

TEST(RuleBookTest, EveryThirdRequestMeetsTheFault) {
  const auto rules = RulesOf(R"({"rules": [{"every": 3, "fault": "garbage"}]})");
  RuleBook book(rules, 1);
  for (int i = 1; i <= 9; ++i) EXPECT_EQ(book.Find({"m", "/", ""}) != nullptr, i % 3 == 0);
}

TEST(RuleBookTest, ProbabilityIsTheSameForTheSameSeed) {
  const auto rules = RulesOf(R"({"rules": [{"probability": 0.2, "fault": "garbage"}]})");
  RuleBook one(rules, 42), two(rules, 42), other(rules, 43);
  std::string first, second, third;
  for (int i = 0; i < 1000; ++i) {
    first += one.Find({"m", "/", ""}) ? '1' : '0';
    second += two.Find({"m", "/", ""}) ? '1' : '0';
    third += other.Find({"m", "/", ""}) ? '1' : '0';
  }
  EXPECT_EQ(first, second);
  EXPECT_NE(first, third);
  EXPECT_NEAR(static_cast<double>(std::count(first.begin(), first.end(), '1')), 200, 50);
  one.Restart();
  std::string again;
  for (int i = 0; i < 1000; ++i) again += one.Find({"m", "/", ""}) ? '1' : '0';
  EXPECT_EQ(again, first);
}

TEST(RuleBookTest, TheFirstRuleThatHoldsDecides) {
  const auto rules = RulesOf(R"({"rules": [{"nth": 2, "fault": "status=429"}, {"fault": "status=500"}]})");
  RuleBook book(rules, 1);
  EXPECT_EQ(book.Find({"m", "/", ""})->status, 500);
  EXPECT_EQ(book.Find({"m", "/", ""})->status, 429);
}

}  // namespace
}  // namespace sim
