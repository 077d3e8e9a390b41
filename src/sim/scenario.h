#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/random.h"
#include "base/result.h"
#include "sim/dialect.h"
#include "sim/fault.h"
#include "sim/pace.h"

namespace sim {

inline constexpr std::size_t kScenarioBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kRulesMax = 1000;

// One model of the scenario: what is not given is as for every model.
struct ScenarioModel {
  std::string name;  // '*' at the end stands for any ending
  std::optional<Dialect> dialect;
  std::optional<Pace> pace;
};

struct ScenarioKey {
  std::string key;
  std::optional<std::int64_t> concurrency;
  bool out_of_balance = false;
  std::optional<base::Currency> currency;  // of its account, where a provider has several price lists
  bool limited = false;                    // its account holds what follows and no more
  base::Int128 granted = 0;                // pico-units of the currency; spent first
  base::Int128 topped_up = 0;
};

// When a fault happens: every condition that is given must hold.
struct Rule {
  std::string model;  // empty: any; '*' at the end stands for any ending
  std::string path;
  std::string key;
  std::optional<std::int64_t> nth;    // only the nth request that the conditions above hold for, from 1
  std::optional<std::int64_t> every;  // each so-manieth of them
  double probability = 1;             // of those that are left
  Fault fault;
};

// A scenario file: JSON, every member optional.
//
//   {"models": [{"name": "deepseek-flash", "dialect": "deepseek", "ttft": "200ms", "rate": "80/s", "jitter":
//   0.2}],
//    "keys":   [{"key": "sk-a", "concurrency": 2}, {"key": "sk-b", "balance": false},
//               {"key": "sk-c", "currency": "CNY", "granted": "10", "topped_up": "100.50"}],
//    "rules":  [{"model": "gpt-*", "path": "/v1/chat/completions", "key": "sk-a", "nth": 3, "every": 5,
//                "probability": 0.1, "fault": "status=503; retry_after=1"}]}
struct Scenario {
  std::vector<ScenarioModel> models;  // not empty: no other model exists
  std::vector<ScenarioKey> keys;
  std::vector<Rule> rules;  // the first that holds decides

  const ScenarioModel* FindModel(std::string_view name) const;
  const ScenarioKey* FindKey(std::string_view key) const;
};

// `pace` is what a model has whose own is not given. Error: kInvalid, naming the member.
base::Result<Scenario> ParseScenario(std::string_view json, const Pace& pace);

// A rate such as 60/s or 60; none for anything else, or above a million.
std::optional<double> ParseRate(std::string_view text);

// Which fault a request meets. Counts the requests of each rule. Not thread-safe.
class RuleBook {
 public:
  RuleBook(const std::vector<Rule>& rules, std::uint64_t seed);  // `rules` outlive this

  struct Request {
    std::string_view model, path, key;
  };
  const Fault* Find(const Request& request);  // null: none
  void Restart();                             // counts from the beginning

 private:
  const std::vector<Rule>& rules_;
  const std::uint64_t seed_;
  std::vector<std::int64_t> seen_;
  base::Random random_;
};

}  // namespace sim
