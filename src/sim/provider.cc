#include "sim/provider.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json_text.h"
#include "sim/hash.h"

namespace sim {
namespace {

CacheRule RuleOf(Dialect dialect) {
  return IsDeepseek(dialect) ? CacheRule::kUnits : CacheRule::kBlocks;
}

std::uint64_t DomainOf(Dialect dialect, const Ask& ask) {
  const std::uint64_t model = HashBytes(ask.model, 4);
  return IsDeepseek(dialect) ? HashBytes(ask.user_id, model) : model;
}

// The list of models that a dialect's callers choose from: each provider has one for all of its dialects.
// OpenAI's models that charge for what is written to their cache.
bool ChargesWrites(std::string_view model) {
  return model.starts_with("gpt-5.6");
}

// How many tokens of a prompt go into a cache of blocks, of which `hits` were there. The last block of a
// prompt that was there is computed again, but not written.
std::size_t WrittenBlocks(std::size_t prompt, std::size_t hits) {
  const std::size_t blocks = prompt - prompt % kCacheBlock;
  if (blocks < kCacheBlocksFrom || (blocks == prompt && hits + kCacheBlock == blocks)) return 0;
  return blocks - hits;
}

constexpr base::Int128 kGranted = base::Int128{10} * base::kPico;  // of accounts without a limit
constexpr base::Int128 kToppedUp = base::Int128{100} * base::kPico;

Dialect ListOf(Dialect dialect) {
  if (dialect == Dialect::kResponses) return Dialect::kOpenai;
  return dialect == Dialect::kDeepseekMessages ? Dialect::kDeepseek : dialect;
}

}  // namespace

Provider::Provider(const base::Clock& clock, ProviderOptions options)
    : clock_(clock),
      options_(std::move(options)),
      visits_(options_.visits),
      rules_(options_.scenario.rules, options_.seed) {}

Dialect Provider::ChatDialectOf(std::string_view model) const {
  const ScenarioModel* listed = options_.scenario.FindModel(model);
  if (listed != nullptr && listed->dialect && !SpeaksMessages(*listed->dialect)) return *listed->dialect;
  if (options_.dialect && !SpeaksMessages(*options_.dialect)) return *options_.dialect;
  return model.starts_with("deepseek") ? Dialect::kDeepseek : Dialect::kOpenai;
}

bool Provider::Offers(Dialect dialect) const {
  if (!options_.dialect) return true;
  const bool one_alone = SpeaksMessages(dialect) || dialect == Dialect::kResponses;
  return one_alone ? *options_.dialect == ListOf(dialect) : !SpeaksMessages(*options_.dialect);
}

const Pace& Provider::PaceOf(std::string_view model) const {
  const ScenarioModel* listed = options_.scenario.FindModel(model);
  return listed != nullptr && listed->pace ? *listed->pace : options_.pace;
}

bool Provider::HasModel(Dialect dialect, std::string_view model) const {
  if (options_.scenario.models.empty()) return model.find("unknown") == std::string_view::npos;
  const ScenarioModel* listed = options_.scenario.FindModel(model);
  return listed != nullptr && (!listed->dialect || *listed->dialect == ListOf(dialect));
}

std::vector<std::string> Provider::Models(Dialect dialect) const {
  std::vector<std::string> names;
  for (const ScenarioModel& model : options_.scenario.models) {
    const bool of_dialect =
        !model.dialect || *model.dialect == ListOf(dialect) ||
        (!SpeaksMessages(dialect) && !SpeaksMessages(*model.dialect));  // OpenAI and DeepSeek share a path
    if (!model.name.ends_with('*') && of_dialect) names.push_back(model.name);
  }
  if (!options_.scenario.models.empty()) return names;
  if (dialect == Dialect::kAnthropic) return {"claude-opus-4-8", "claude-sonnet-5", "claude-haiku-4-5"};
  if (!SpeaksMessages(dialect) && options_.dialect != Dialect::kDeepseek)
    names = {"gpt-5-mini", "gpt-4o-mini", "text-embedding-3-small"};
  if (SpeaksMessages(dialect) || options_.dialect != Dialect::kOpenai)
    names.insert(names.end(), {"deepseek-flash", "deepseek-v4-pro"});
  return names;
}

Provider::KeyState Provider::CheckKey(std::string_view key) const {
  if (key.empty()) return KeyState::kMissing;
  const ScenarioKey* listed = options_.scenario.FindKey(key);
  if (listed != nullptr) {
    const bool spent = listed->limited && bill_.With([&](const Bill& bill) {
      return bill.Spent(key, CurrencyOf(key)) >= listed->granted + listed->topped_up;
    });
    return listed->out_of_balance || spent ? KeyState::kOutOfBalance : KeyState::kGood;
  }
  const bool known = options_.keys.empty() ||
                     std::find(options_.keys.begin(), options_.keys.end(), key) != options_.keys.end();
  return known ? KeyState::kGood : KeyState::kUnknown;
}

base::Currency Provider::CurrencyOf(std::string_view key) const {
  const ScenarioKey* listed = options_.scenario.FindKey(key);
  return listed != nullptr && listed->currency ? *listed->currency : options_.currency;
}

std::string Provider::Take(const Charge& charge) {
  return bill_.With([&](Bill& bill) { return bill.Add(charge, CurrencyOf(charge.key)); });
}

std::string Provider::BalanceJson(std::string_view key) const {
  const ScenarioKey* listed = options_.scenario.FindKey(key);
  Funds funds{.granted = kGranted, .topped_up = kToppedUp};
  if (listed != nullptr && listed->limited)
    funds = {.granted = listed->granted, .topped_up = listed->topped_up};
  if (listed != nullptr && listed->out_of_balance) funds = {};
  const base::Currency currency = CurrencyOf(key);
  if (listed == nullptr || !listed->out_of_balance) {
    funds = funds.After(bill_.With([&](const Bill& bill) { return bill.Spent(key, currency); }));
  }
  return WriteBalance(funds, currency, CheckKey(key) == KeyState::kGood);
}

std::string Provider::BillJson() const {
  base::JsonObject json;
  json.Add("now", base::Rfc3339(clock_.WallNow()).view());
  json.Add("in_flight", running_.With([](const Running& running) { return running.now; }));
  return "{" + bill_.With([](const Bill& bill) { return bill.WriteMembers(); }) + "," + json.Take().substr(1);
}

std::optional<Fault> Provider::FaultOf(const RuleBook::Request& request) {
  if (options_.scenario.rules.empty()) return std::nullopt;
  const Fault* fault = rules_.With([&](RuleBook& rules) { return rules.Find(request); });
  return fault == nullptr ? std::nullopt : std::optional<Fault>(*fault);
}

CacheUse Provider::ReadCache(Dialect dialect, const Ask& ask, const Prompt& prompt) {
  const std::uint64_t domain = DomainOf(dialect, ask);
  if (dialect == Dialect::kAnthropic) {
    return marked_.With([&](BreakpointCache& cache) {
      return cache.Pass(domain, prompt, CacheMarkedMin(ask.model), clock_.Now());
    });
  }
  const std::size_t hits =
      cache_.With([&](PromptCache& cache) { return cache.Read(RuleOf(dialect), domain, prompt.tokens); });
  return {.read = hits,
          .written_5m = ChargesWrites(ask.model) ? WrittenBlocks(prompt.tokens.size(), hits) : 0};
}

void Provider::WriteCache(Dialect dialect, const Ask& ask, const TokenHashes& whole) {
  if (dialect == Dialect::kAnthropic) return;  // only what a caller marked is kept
  cache_.With([&](PromptCache& cache) { cache.Written(RuleOf(dialect), DomainOf(dialect, ask), whole); });
}

std::optional<Provider::Slot> Provider::TakeSlot(std::string_view key) {
  const ScenarioKey* listed = options_.scenario.FindKey(key);
  const std::int64_t cap =
      listed != nullptr && listed->concurrency ? *listed->concurrency : options_.concurrency_max;
  std::string name(key);
  const bool taken = running_.With([&](Running& running) {
    std::int64_t& of_key = running.by_key[name];
    if (cap > 0 && of_key >= cap) {
      ++running.refused;
      return false;
    }
    ++of_key, ++running.now, ++running.total;
    running.most = std::max(running.most, running.now);
    return true;
  });
  return taken ? std::optional<Slot>(Slot(this, std::move(name))) : std::nullopt;
}

Provider::Slot::~Slot() {
  if (provider_ == nullptr) return;
  provider_->running_.With([this](Running& running) {
    --running.now;
    const auto of_key = running.by_key.find(key_);
    if (--of_key->second == 0) running.by_key.erase(of_key);
  });
}

std::string Provider::StateJson() const {
  return running_.With([](const Running& running) {
    base::JsonObject json;
    json.Add("in_flight", running.now).Add("in_flight_max", running.most);
    json.Add("requests", running.total).Add("refused", running.refused);
    return json.Take();
  });
}

void Provider::Reset() {
  visits_.Clear();
  rules_.With([](RuleBook& rules) { rules.Restart(); });
  cache_.With([](PromptCache& cache) { cache.Clear(); });
  marked_.With([](BreakpointCache& cache) { cache.Clear(); });
  responses_.With([](ResponseStore& store) { store.Clear(); });
  bill_.With([](Bill& bill) { bill = Bill(); });
  running_.With([](Running& running) { running.most = running.now, running.total = 0, running.refused = 0; });
}

}  // namespace sim
