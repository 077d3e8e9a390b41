#include "sim/scenario.h"

#include <algorithm>
#include <charconv>

#include "sim/json_find.h"

namespace sim {
namespace {

using base::Code;
using base::Fail;
using base::Result;
using wire::JsonValue;

bool Matches(std::string_view pattern, std::string_view text) {
  if (pattern.ends_with('*')) return text.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == text;
}

// Reads the members of one object by name; remembers the first that is wrong.
class MemberReader {
 public:
  MemberReader(std::string_view where, std::string_view object) : where_(where), object_(object) {}

  std::string Text(std::string_view name) {
    const auto value = Find(name);
    if (!value) return {};
    if (!value->IsString()) Wrong(name, "a string");
    return value->IsString() ? value->Text() : std::string();
  }
  std::optional<std::int64_t> Count(std::string_view name) {
    const auto value = Find(name);
    if (!value) return std::nullopt;
    const auto count = value->Int64();
    if (!count || *count < 1) Wrong(name, "a whole number from 1");
    return count;
  }
  std::optional<double> Number(std::string_view name, double max) {
    const auto value = Find(name);
    if (!value) return std::nullopt;
    const auto number = NumberOf(*value);
    if (!number || !(*number >= 0 && *number <= max))
      Wrong(name, "a number from 0 to " + std::to_string(static_cast<int>(max)));
    return number;
  }
  bool Bool(std::string_view name, bool otherwise) {
    const auto value = Find(name);
    if (!value) return otherwise;
    if (!value->Bool()) Wrong(name, "true or false");
    return value->Bool().value_or(otherwise);
  }
  // Pico-units; a decimal in a string, as providers write amounts.
  std::optional<base::Int128> Amount(std::string_view name) {
    const auto value = Find(name);
    if (!value) return std::nullopt;
    const auto amount = base::ParsePico(value->IsString() ? value->Text() : std::string());
    if (amount && *amount >= 0) return *amount;
    Wrong(name, "an amount in a string, such as \"10.50\"");
    return std::nullopt;
  }
  void Wrong(std::string_view name, std::string_view wanted) {
    if (problem_.empty())
      problem_ = std::string(where_) + ": '" + std::string(name) + "' must be " + std::string(wanted);
  }

  // After all members were read: an unknown one is wrong too.
  Result<> End() {
    ForEachMember(object_, [this](std::string_view key, const JsonValue&) {
      if (problem_.empty() && std::find(known_.begin(), known_.end(), key) == known_.end()) {
        problem_ = std::string(where_) + ": unknown member '" + std::string(key) + "'";
      }
    });
    if (!problem_.empty()) return Fail(Code::kInvalid, problem_);
    return {};
  }

 private:
  std::optional<JsonValue> Find(std::string_view name) {
    known_.push_back(name);
    return FindMember(object_, name);
  }

  std::string where_;
  std::string_view object_;
  std::vector<std::string_view> known_;
  std::string problem_;
};

Result<> ReadModel(std::string_view where, std::string_view object, const Pace& pace, Scenario& scenario) {
  MemberReader members(where, object);
  ScenarioModel model;
  model.name = members.Text("name");
  if (model.name.empty()) members.Wrong("name", "given");
  if (const std::string dialect = members.Text("dialect"); !dialect.empty()) {
    model.dialect = ParseDialect(dialect);
    if (!model.dialect) members.Wrong("dialect", "openai, deepseek or anthropic");
  }
  Pace own = pace;
  if (const std::string ttft = members.Text("ttft"); !ttft.empty()) {
    const auto duration = ParseDuration(ttft);
    if (!duration) members.Wrong("ttft", "a duration such as 300ms");
    own.first_token = duration.value_or(own.first_token);
  }
  if (const std::string rate = members.Text("rate"); !rate.empty()) {
    const auto parsed = ParseRate(rate);
    if (!parsed) members.Wrong("rate", "tokens a second such as 60/s");
    own.tokens_per_second = parsed.value_or(own.tokens_per_second);
  }
  own.jitter = members.Number("jitter", 2).value_or(own.jitter);
  model.pace = own;
  scenario.models.push_back(std::move(model));
  return members.End();
}

Result<> ReadKey(std::string_view where, std::string_view object, Scenario& scenario) {
  MemberReader members(where, object);
  ScenarioKey key;
  key.key = members.Text("key");
  if (key.key.empty()) members.Wrong("key", "given");
  key.concurrency = members.Count("concurrency");
  key.out_of_balance = !members.Bool("balance", true);
  if (const std::string currency = members.Text("currency"); !currency.empty()) {
    if (const auto parsed = base::Currency::Parse(currency)) {
      key.currency = *parsed;
    } else {
      members.Wrong("currency", "USD or CNY");
    }
  }
  const auto granted = members.Amount("granted");
  const auto topped_up = members.Amount("topped_up");
  key.limited = granted.has_value() || topped_up.has_value();
  key.granted = granted.value_or(0);
  key.topped_up = topped_up.value_or(0);
  scenario.keys.push_back(std::move(key));
  return members.End();
}

Result<> ReadRule(std::string_view where, std::string_view object, Scenario& scenario) {
  MemberReader members(where, object);
  Rule rule;
  rule.model = members.Text("model");
  rule.path = members.Text("path");
  rule.key = members.Text("key");
  rule.nth = members.Count("nth");
  rule.every = members.Count("every");
  rule.probability = members.Number("probability", 1).value_or(1);
  auto fault = ParseFault(members.Text("fault"));
  if (auto end = members.End(); !end) return end;
  if (!fault) return Fail(Code::kInvalid, std::string(where) + ": " + fault.error().detail);
  rule.fault = *std::move(fault);
  scenario.rules.push_back(std::move(rule));
  if (scenario.rules.size() > kRulesMax) return Fail(Code::kTooLarge, "a scenario has at most 1000 rules");
  return {};
}

template <class Read>
Result<> ReadList(std::string_view name, const JsonValue& list, Read&& read) {
  if (!list.IsArray()) return Fail(Code::kInvalid, "'" + std::string(name) + "' must be a list");
  Result<> result;
  std::size_t index = 0;
  ForEachElement(list.raw, [&](const JsonValue& element) {
    const std::string where = std::string(name) + "[" + std::to_string(index++) + "]";
    if (!result) return;
    result =
        element.IsObject() ? read(where, element.raw) : Fail(Code::kInvalid, where + " must be an object");
  });
  return result;
}

}  // namespace

const ScenarioModel* Scenario::FindModel(std::string_view name) const {
  const auto found =
      std::find_if(models.begin(), models.end(), [name](const auto& m) { return Matches(m.name, name); });
  return found == models.end() ? nullptr : &*found;
}

const ScenarioKey* Scenario::FindKey(std::string_view key) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [key](const auto& k) { return k.key == key; });
  return found == keys.end() ? nullptr : &*found;
}

std::optional<double> ParseRate(std::string_view text) {
  double rate = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), rate);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (problem != std::errc() || !(rate > 0 && rate <= 1e6) || !(unit.empty() || unit == "/s"))
    return std::nullopt;
  return rate;
}

Result<Scenario> ParseScenario(std::string_view json, const Pace& pace) {
  if (json.size() > kScenarioBytesMax) return Fail(Code::kTooLarge, "a scenario file has at most 4 MiB");
  const auto whole = wire::ScanJson(json);
  if (!whole) return Fail(whole.error());
  if (!whole->IsObject()) return Fail(Code::kInvalid, "a scenario is a JSON object");
  Scenario scenario;
  Result<> result;
  ForEachMember(whole->raw, [&](std::string_view key, const JsonValue& value) {
    if (!result) return;
    if (key == "models") {
      result =
          ReadList(key, value, [&](auto where, auto raw) { return ReadModel(where, raw, pace, scenario); });
    } else if (key == "keys") {
      result = ReadList(key, value, [&](auto where, auto raw) { return ReadKey(where, raw, scenario); });
    } else if (key == "rules") {
      result = ReadList(key, value, [&](auto where, auto raw) { return ReadRule(where, raw, scenario); });
    } else {
      result = Fail(Code::kInvalid, "unknown member '" + std::string(key) + "': write models, keys or rules");
    }
  });
  if (!result) return Fail(result.error());
  return scenario;
}

RuleBook::RuleBook(const std::vector<Rule>& rules, std::uint64_t seed)
    : rules_(rules), seed_(seed), seen_(rules.size()), random_(seed) {}

const Fault* RuleBook::Find(const Request& request) {
  const Fault* found = nullptr;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const Rule& rule = rules_[i];
    if (!rule.model.empty() && !Matches(rule.model, request.model)) continue;
    if (!rule.path.empty() && !Matches(rule.path, request.path)) continue;
    if (!rule.key.empty() && rule.key != request.key) continue;
    const std::int64_t count = ++seen_[i];
    if (rule.nth && count != *rule.nth) continue;
    if (rule.every && count % *rule.every != 0) continue;
    if (rule.probability < 1 && random_.Uniform() >= rule.probability) continue;
    if (found == nullptr) found = &rule.fault;
  }
  return found;
}

void RuleBook::Restart() {
  seen_.assign(rules_.size(), 0);
  random_ = base::Random(seed_);
}

}  // namespace sim
