#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/time_text.h"
#include "pricing/day_rule_text_internal.h"
#include "pricing/import_readers_internal.h"

namespace pricing {
namespace {

using chat::Meter;
using config::Node;

// What its names of prices mean, and for how many of what they are.
struct Unit {
  std::string_view name;
  Meter meter;
  std::uint64_t per;
};
constexpr std::array kUnits = {
    Unit{"input_mtok", Meter::kInput, 1'000'000},
    Unit{"cache_read_mtok", Meter::kCachedInput, 1'000'000},
    Unit{"cache_write_mtok", Meter::kCacheWrite5m, 1'000'000},
    Unit{"cache_write_5m_mtok", Meter::kCacheWrite5m, 1'000'000},
    Unit{"cache_write_1h_mtok", Meter::kCacheWrite1h, 1'000'000},
    Unit{"output_mtok", Meter::kOutput, 1'000'000},
    Unit{"output_reasoning_mtok", Meter::kReasoning, 1'000'000},
    Unit{"input_audio_mtok", Meter::kInputAudio, 1'000'000},
    Unit{"input_image_mtok", Meter::kInputImage, 1'000'000},
    Unit{"output_audio_mtok", Meter::kOutputAudio, 1'000'000},
    Unit{"output_image_mtok", Meter::kOutputImage, 1'000'000},
    Unit{"requests_kcount", Meter::kRequest, 1'000},
    Unit{"web_searches_kcount", Meter::kSearch, 1'000},
    Unit{"input_document_kpages", Meter::kPage, 1'000},
    Unit{"input_mchars", Meter::kCharacter, 1'000'000},
    Unit{"audio_hours", Meter::kSecond, 3'600},
    Unit{"input_audio_hours", Meter::kSecond, 3'600},
    Unit{"output_audio_hours", Meter::kSecond, 3'600},
};

constexpr std::int64_t kContextMax = 1'000'000'000;

// What one meter costs, by the number of input tokens above which it does; 0: from the first one on.
using BySize = std::map<std::int64_t, std::int64_t>;

class ModelReader {
 public:
  ModelReader(std::string_view provider, const Node& node, LeftOut& left_out)
      : node_(node), foreign_(provider, TextOf(node, "id"), left_out) {}

  std::optional<CatalogueModel> Read() {
    CatalogueModel model;
    auto name = foreign_.Name();
    if (!name) return std::nullopt;
    model.name = std::move(*name);
    if (const Node* match = Member(node_, "match")) AddNames(*match, model);
    if (const Node* prices = Member(node_, "prices")) AddPrices(*prices, model);
    model.limits.context = TokensOf(node_, "context_window");
    if (!model.prices.empty()) return model;
    Leave("it has no price that can be taken over");
    return std::nullopt;
  }

 private:
  void Leave(std::string_view why) { foreign_.Leave(why); }

  // The names among the alternatives at the top are looked up, everything else is a rule.
  void AddNames(const Node& match, CatalogueModel& model) {
    if (const Node* any = Member(match, "or")) {
      for (const Node& one : any->items) AddNames(one, model);
      return;
    }
    if (const std::string_view name = TextOf(match, "equals"); !name.empty()) {
      if (const std::string small = base::Lower(name); small != model.name) model.names.push_back(small);
      return;
    }
    if (const auto rule = Rule(match, 0)) model.rules.push_back(*rule);
  }

  std::optional<NameRule> Rule(const Node& match, int depth) {
    using Kind = NameRule::Kind;
    constexpr std::array<std::pair<std::string_view, Kind>, 4> kTexts = {{{"equals", Kind::kEquals},
                                                                          {"starts_with", Kind::kPrefix},
                                                                          {"ends_with", Kind::kSuffix},
                                                                          {"contains", Kind::kContains}}};
    NameRule rule;
    for (const auto& [name, kind] : kTexts) {
      if (const std::string_view text = TextOf(match, name); !text.empty()) {
        rule.kind = kind;
        rule.text = base::Lower(text);
        return rule;
      }
    }
    if (const std::string_view regex = TextOf(match, "regex"); !regex.empty()) {
      if (PatternOf(regex, rule)) return rule;
      Leave("the expression '" + std::string(regex) + "' for its names says more than literals and digits");
      return std::nullopt;
    }
    for (const auto& [name, kind] :
         {std::pair<std::string_view, Kind>{"or", Kind::kAny}, {"and", Kind::kAll}}) {
      const Node* list = Member(match, name);
      if (list == nullptr || depth == 8) continue;
      rule.kind = kind;
      for (const Node& one : list->items) {
        auto part = Rule(one, depth + 1);
        if (!part) return std::nullopt;
        rule.rules.push_back(std::move(*part));
      }
      if (!rule.rules.empty()) return rule;
    }
    Leave("a rule for its names is of an unknown kind");
    return std::nullopt;
  }

  // Its prices are tried from the last to the first, ours from the first to the last.
  void AddPrices(const Node& prices, CatalogueModel& model) {
    if (prices.kind == Node::Kind::kMap) {
      AddPrice(prices, PriceEntry{}, model);
      return;
    }
    std::optional<base::WallTime> next;  // from when on a later one holds at all hours
    for (auto one = prices.items.rbegin(); one != prices.items.rend(); ++one) {
      const Node* amounts = Member(*one, "prices");
      PriceEntry entry;
      entry.until = next;
      const Node* constraint = Member(*one, "constraint");
      if (amounts == nullptr || (constraint != nullptr && !ReadConstraint(*constraint, entry))) {
        Leave("a condition of one of its prices is of an unknown kind");
        continue;
      }
      AddPrice(*amounts, entry, model);
      if (entry.from) next = next ? std::min(*next, *entry.from) : *entry.from;
    }
  }

  static bool ReadConstraint(const Node& node, PriceEntry& entry) {
    if (const std::string_view date = TextOf(node, "start_date"); !date.empty()) {
      const auto from = base::ParseTime(date);
      if (from) entry.from = *from;
      return from.has_value() && node.entries.size() == 1;
    }
    // "16:30:00Z": UTC, whole minutes.
    const auto minutes = [&node](std::string_view name) -> std::string {
      const std::string_view text = TextOf(node, name);
      const bool whole = text.size() == 9 && text.ends_with(":00Z");
      return whole ? std::string(text.substr(0, 5)) : std::string();
    };
    const auto window = ParseWindow(minutes("start_time") + "-" + minutes("end_time"));
    if (!window || node.entries.size() != 2) return false;
    entry.when.emplace();
    entry.when->windows.push_back(*window);
    return true;
  }

  void AddPrice(const Node& amounts, PriceEntry entry, CatalogueModel& model) {
    std::map<Meter, BySize> meters;
    std::set<std::int64_t, std::greater<>> sizes = {0};
    for (const Node::Entry& amount : amounts.entries) {
      const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                     [&amount](const Unit& one) { return one.name == amount.key; });
      if (unit == kUnits.end()) {
        Leave("nothing here is counted as '" + amount.key + "'");
        continue;
      }
      const auto by_size = ReadAmount(amount.value, *unit);
      if (!by_size) continue;
      for (const auto& [size, rate] : *by_size) sizes.insert(size);
      // The five-minute price has two names; the more exact one counts.
      if (amount.key == "cache_write_mtok" && meters.contains(unit->meter)) continue;
      meters[unit->meter] = *by_size;
    }
    if (meters.empty()) return;
    entry.source = "genai-prices v2";
    for (const std::int64_t size : sizes) {
      Rates rates;
      for (const auto& [meter, by_size] : meters) {
        const auto above = by_size.upper_bound(size);
        if (above != by_size.begin()) rates[meter] = std::prev(above)->second;
      }
      entry.context_over = size;
      entry.rates = {{base::Currency::kUsd, rates}};
      model.prices.push_back(entry);
    }
  }

  // A number, or a base with tiers above it.
  std::optional<BySize> ReadAmount(const Node& node, const Unit& unit) {
    BySize by_size;
    const Node* base = Member(node, "base");
    if (!Put(base == nullptr ? node : *base, unit, 0, by_size)) return std::nullopt;
    const Node* tiers = base == nullptr ? nullptr : Member(node, "tiers");
    if (tiers == nullptr) return by_size;
    for (const Node& tier : tiers->items) {
      const auto start = base::ParseDecimal(TextOf(tier, "start"));
      const Node* price = Member(tier, "price");
      if (!start || *start > kContextMax || price == nullptr) {
        Leave("a tier of '" + std::string(unit.name) + "' is not understood");
        return std::nullopt;
      }
      if (!Put(*price, unit, static_cast<std::int64_t>(*start), by_size)) return std::nullopt;
    }
    return by_size;
  }

  bool Put(const Node& node, const Unit& unit, std::int64_t size, BySize& out) {
    const auto rate = foreign_.Rate(unit.name, node.text, unit.per);
    if (rate) out[size] = *rate;
    return rate.has_value();
  }

  const Node& node_;
  ForeignModel foreign_;
};

void ReadProvider(const Node& node, Catalogue& out, LeftOut& left_out) {
  CatalogueProvider provider;
  provider.id = TextOf(node, "id");
  if (!IsProviderId(provider.id)) {
    left_out.Add("a provider", "", "its id is empty or too long");
    return;
  }
  if (const std::string_view address = TextOf(node, "api_pattern"); !address.empty()) {
    provider.hosts = HostsOf(address);
    if (provider.hosts.empty()) {
      left_out.Add(provider.id, "",
                   "its address '" + std::string(address) +
                       "' is no list of hosts; a provider at it needs the setting prices: " + provider.id);
    }
  }
  if (const Node* models = Member(node, "models")) {
    for (const Node& model : models->items) {
      if (auto read = ModelReader(provider.id, model, left_out).Read())
        provider.models.push_back(std::move(*read));
    }
  }
  out.providers.push_back(std::move(provider));
}

}  // namespace

void ReadGenaiPrices(const Node& root, Catalogue& out, LeftOut& left_out) {
  for (const Node& provider : root.items) ReadProvider(provider, out, left_out);
}

}  // namespace pricing
