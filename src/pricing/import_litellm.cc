#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/ascii.h"
#include "base/encoding.h"
#include "pricing/amount_internal.h"
#include "pricing/day_rule_text_internal.h"
#include "pricing/import_readers_internal.h"

namespace pricing {
namespace {

using chat::Meter;
using config::Node;

// What its names of prices mean, each for one of what is counted.
struct Unit {
  std::string_view name;
  Meter meter;
};
constexpr std::array kUnits = {
    Unit{"input_cost_per_token", Meter::kInput},
    Unit{"cache_read_input_token_cost", Meter::kCachedInput},
    Unit{"input_cost_per_token_cache_hit", Meter::kCachedInput},
    Unit{"cache_creation_input_token_cost", Meter::kCacheWrite5m},
    Unit{"cache_creation_input_token_cost_above_1hr", Meter::kCacheWrite1h},
    Unit{"cache_creation_input_token_cost_above_12hr", Meter::kCacheWrite1h},
    Unit{"output_cost_per_token", Meter::kOutput},
    Unit{"output_cost_per_reasoning_token", Meter::kReasoning},
    Unit{"input_cost_per_audio_token", Meter::kInputAudio},
    Unit{"input_cost_per_image_token", Meter::kInputImage},
    Unit{"output_cost_per_audio_token", Meter::kOutputAudio},
    Unit{"output_cost_per_image_token", Meter::kOutputImage},
    Unit{"input_cost_per_request", Meter::kRequest},
    Unit{"output_cost_per_image", Meter::kImage},
    Unit{"input_cost_per_character", Meter::kCharacter},
    Unit{"input_cost_per_second", Meter::kSecond},
    Unit{"output_cost_per_second", Meter::kSecond},
    Unit{"ocr_cost_per_page", Meter::kPage},
};

constexpr std::array<std::string_view, 5> kOffPeakRates = {
    "input_cost_per_token", "output_cost_per_token", "output_cost_per_reasoning_token",
    "cache_read_input_token_cost", "cache_creation_input_token_cost"};

constexpr std::chrono::seconds kDay = std::chrono::hours(24);
constexpr base::Int128 kFactorMax = 100 * base::kPico;  // no region or speed costs more than that many times

// Behind the name of a price: for which calls it is.
struct Group {
  std::string tier;
  bool batch = false;
  std::int64_t over = 0;

  // Within a tier the largest calls first, as the first price that holds counts.
  friend bool operator<(const Group& a, const Group& b) {
    return std::tuple(a.tier, a.batch, -a.over) < std::tuple(b.tier, b.batch, -b.over);
  }
};

bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// "_above_272k_tokens"
bool TakeSize(std::string_view& text, std::int64_t& over) {
  std::string_view rest = text;
  if (!TakeSuffix(rest, "k_tokens")) return false;
  const std::size_t start = rest.rfind("_above_");
  if (start == std::string_view::npos) return false;
  const auto thousands = base::ParseDecimal(rest.substr(start + 7));
  if (!thousands || *thousands == 0 || *thousands > 1'000'000) return false;
  over = static_cast<std::int64_t>(*thousands) * 1'000;
  text = rest.substr(0, start);
  return true;
}

bool TakeTier(std::string_view& text, std::string& tier) {
  for (const std::string_view name : {"flex", "priority", "ultrafast"}) {
    if (!TakeSuffix(text, "_" + std::string(name))) continue;
    tier = name;
    return true;
  }
  return false;
}

Group TakeGroup(std::string_view& name) {
  Group group;
  while (true) {
    if (TakeSuffix(name, "_batches")) {
      group.batch = true;
    } else if (TakeTier(name, group.tier)) {
      continue;
    } else if (!TakeSize(name, group.over)) {
      return group;
    }
  }
}

const Unit* UnitOf(std::string_view name) {
  const auto unit =
      std::find_if(kUnits.begin(), kUnits.end(), [name](const Unit& one) { return one.name == name; });
  return unit == kUnits.end() ? nullptr : &*unit;
}

bool IsZero(std::string_view number) {
  const auto rate = ReadPrice(number, 1);
  return rate && rate->rate == 0 && rate->exact;
}

// Rates with those of `base` where there are none.
Rates Over(const Rates& rates, const Rates& base) {
  Rates both = base;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    if (rates.per_million[i]) both.per_million[i] = rates.per_million[i];
  }
  return both;
}

class ModelReader {
 public:
  ModelReader(std::string_view provider, std::string_view name, const Node& node, LeftOut& left_out)
      : node_(node), foreign_(provider, name, left_out) {}

  // None: nothing of it can be taken over.
  std::optional<CatalogueModel> Read() {
    for (const Node::Entry& entry : node_.entries) ReadMember(entry);
    CatalogueModel model;
    auto name = foreign_.Name();
    if (!name) return std::nullopt;
    model.name = std::move(*name);
    model.limits = {.context = TokensOf(node_, "max_input_tokens"),
                    .output = TokensOf(node_, "max_output_tokens")};
    if (const Node* tiers = Member(node_, "tiered_pricing")) ReadTiers(*tiers);
    if (groups_.empty()) {
      Leave("it has no price that can be taken over");
      return std::nullopt;
    }
    if (AllZero()) {
      Leave("its prices are all 0, which may mean that nobody knows; if it is free, say so in the config");
      return std::nullopt;
    }
    if (const Node* factors = Member(node_, "provider_specific_entry")) ReadFactors(*factors);
    if (const Node* off_peak = Member(node_, "off_peak_pricing")) ReadOffPeak(*off_peak, model);
    model.regions = std::move(regions_);
    const Rates base = RatesOf(Group{});
    for (const auto& [group, rates] : groups_) {
      const Rates usual = Over(RatesOf({group.tier, group.batch, 0}), base);
      PriceEntry entry = Entry(Over(rates, usual));
      entry.service_tier = group.tier;
      entry.batch = group.batch ? Batch::kYes : Batch::kNo;
      entry.context_over = group.over;
      model.prices.push_back(std::move(entry));
    }
    return model;
  }

 private:
  void Leave(std::string_view why) { foreign_.Leave(why); }

  Rates RatesOf(const Group& group) const {
    const auto found = groups_.find(group);
    return found == groups_.end() ? Rates{} : found->second;
  }

  static PriceEntry Entry(const Rates& rates) {
    PriceEntry entry;
    entry.source = "LiteLLM's model map";
    entry.rates = {{base::Currency::kUsd, rates}};
    return entry;
  }

  bool AllZero() const {
    return std::all_of(groups_.begin(), groups_.end(), [](const auto& group) {
      return std::all_of(group.second.per_million.begin(), group.second.per_million.end(),
                         [](const auto& rate) { return rate.value_or(0) == 0; });
    });
  }

  void ReadMember(const Node::Entry& entry) {
    if (entry.key == "off_peak_pricing" || entry.key == "tiered_pricing" ||
        entry.key == "provider_specific_entry")
      return;
    if (entry.key == "search_context_cost_per_query") {
      ReadSearch(entry.value);
      return;
    }
    std::string_view name = entry.key;
    const Group group = TakeGroup(name);
    if (const Unit* unit = UnitOf(name)) {
      Put(entry.key, entry.value, unit->meter, groups_[group]);
      return;
    }
    constexpr std::string_view kRegion = "regional_processing_uplift_multiplier_";
    if (entry.key.starts_with(kRegion)) {
      const auto times = base::ParsePico(entry.value.text);
      if (times && *times > 0 && *times <= kRegionTimesMax) {
        regions_[entry.key.substr(kRegion.size())] = *times;
        return;
      }
    }
    const bool about_money =
        entry.key.find("cost") != std::string::npos || entry.key.find("price") != std::string::npos ||
        entry.key.find("pricing") != std::string::npos || entry.key.find("multiplier") != std::string::npos;
    if (about_money && !IsZero(entry.value.text)) Leave("'" + entry.key + "' cannot be said here");
  }

  void Put(std::string_view key, const Node& node, Meter meter, Rates& rates) {
    const auto rate = foreign_.Rate(key, node.text, 1);
    if (!rate) return;
    // Seconds that are read and seconds that are made have one meter here.
    if (rates[meter].value_or(0) != 0 && *rate != 0 && *rates[meter] != *rate) {
      Leave("'" + std::string(key) + "' is another price for what has one already");
      return;
    }
    rates[meter] = std::max(rates[meter].value_or(0), *rate);
  }

  // { us: 1.1, fast: 2 }: how many times as much every token costs in one region, or fast.
  void ReadFactors(const Node& entry) {
    const auto factor_of = [&entry](std::string_view name) {
      const auto factor = base::ParsePico(TextOf(entry, name));
      return factor && *factor > 0 && *factor <= kFactorMax ? *factor : 0;
    };
    const base::Int128 us = factor_of("us");
    const base::Int128 fast = factor_of("fast");
    if (std::any_of(entry.entries.begin(), entry.entries.end(),
                    [](const auto& one) { return one.key != "us" && one.key != "fast"; }))
      Leave("'provider_specific_entry' cannot be said here");
    AddTimes("us", us);
    AddTimes("fast", fast);
    AddTimes("fast-us", us * fast / base::kPico);
  }

  // The ordinary prices of tokens, `factor` pico times each, as those of a tier.
  void AddTimes(const std::string& tier, base::Int128 factor) {
    if (factor == 0) return;
    std::map<Group, Rates> more;
    for (const auto& [group, rates] : groups_) {
      if (!group.tier.empty() || group.batch) continue;
      Rates& times = more[{tier, false, group.over}];
      times = rates;
      for (std::size_t i = 0; i < chat::kTokenMeters; ++i) {
        auto& rate = times.per_million[i];
        if (!rate) continue;
        const base::Int128 exact = base::DivideRounded(*rate * factor, base::kPico);
        if (exact > std::numeric_limits<std::int64_t>::max()) {
          Leave("what it costs as '" + tier + "' is too much to be said here");
          return;
        }
        rate = static_cast<std::int64_t>(exact);
      }
    }
    groups_.merge(more);
  }

  // One price for each size of context; only where all are the same is it ours.
  void ReadSearch(const Node& node) {
    std::set<std::string_view> prices;
    for (const Node::Entry& one : node.entries) prices.insert(one.value.text);
    if (prices.size() == 1) {
      Put("search_context_cost_per_query", node.entries.front().value, Meter::kSearch, groups_[Group{}]);
    } else if (!prices.empty()) {
      Leave("a search has several prices, by how much of the web is read");
    }
  }

  // [{ range: [0, 32000], input_cost_per_token: ... }, ...]: by the size of the whole input.
  void ReadTiers(const Node& tiers) {
    for (const Node& tier : tiers.items) {
      const Node* range = Member(tier, "range");
      const auto from =
          range == nullptr || range->items.empty() ? std::nullopt : SizeOf(range->items.front().text);
      if (!from) {
        Leave("a tier of its prices has no range that is understood");
        continue;
      }
      Rates& rates = groups_[Group{.tier = "", .batch = false, .over = *from}];
      for (const Node::Entry& entry : tier.entries) {
        if (entry.key == "range") continue;
        if (const Unit* unit = UnitOf(entry.key)) {
          Put(entry.key, entry.value, unit->meter, rates);
        } else {
          Leave("'" + entry.key + "' of a tier cannot be said here");
        }
      }
    }
  }

  // "32000" or "32000.0" or "1e6"
  static std::optional<std::int64_t> SizeOf(std::string_view text) {
    const auto rate = ReadPrice(text, base::kPico);  // gives a million times the number
    if (!rate || !rate->exact || rate->rate % kRatePer != 0) return std::nullopt;
    return rate->rate / kRatePer;
  }

  // Replaces the rates while one of its windows is open; the instant of completion decides.
  void ReadOffPeak(const Node& block, CatalogueModel& model) {
    Rates rates = RatesOf(Group{});
    for (const std::string_view name : kOffPeakRates) {
      const Node* rate = Member(block, name);
      if (rate == nullptr) continue;
      rates[UnitOf(name)->meter] = std::nullopt;
      Put(name, *rate, UnitOf(name)->meter, rates);
    }
    const std::string_view zone_name = TextOf(block, "weekday_timezone");
    const auto zone = base::TimeZone::Find(zone_name.empty() ? "UTC" : zone_name);
    if (!zone) {
      Leave("its off-peak prices: " + zone.error().detail);
      return;
    }
    if (const Node* hours = Member(block, "hours_utc"))
      AddWindows(*hours, nullptr, base::TimeZone(), rates, model);
    const Node* windows = Member(block, "windows");
    if (windows == nullptr) return;
    for (const Node& window : windows->items) {
      const Node* hours = Member(window, "hours_utc");
      if (hours != nullptr) AddWindows(*hours, Member(window, "weekdays"), *zone, rates, model);
    }
  }

  void AddWindows(const Node& hours, const Node* weekdays, const base::TimeZone& zone, const Rates& rates,
                  CatalogueModel& model) {
    DayRule rule;
    rule.zone = weekdays == nullptr ? base::TimeZone() : zone;
    const auto shift = FixedOffset(rule.zone);
    if (!shift || !ReadHours(hours, *shift, rule) ||
        (weekdays != nullptr && !ReadWeekdays(*weekdays, rule))) {
      Leave("one of its off-peak windows is not understood, or its zone has summer time");
      return;
    }
    PriceEntry entry = Entry(rates);
    entry.when = std::move(rule);
    entry.phase = "off-peak";
    entry.billed_at = BilledAt::kCompletion;
    model.prices.push_back(std::move(entry));
  }

  // Hours are always UTC and weekdays those of a zone, so that the zone's clock must not change.
  static std::optional<std::chrono::seconds> FixedOffset(const base::TimeZone& zone) {
    using namespace std::chrono;
    const seconds winter = zone.OffsetAt(base::WallTime(sys_days(2026y / January / 1)));
    const seconds summer = zone.OffsetAt(base::WallTime(sys_days(2026y / July / 1)));
    return winter == summer ? std::optional(winter) : std::nullopt;
  }

  static bool ReadHours(const Node& node, std::chrono::seconds shift, DayRule& rule) {
    if (node.kind == Node::Kind::kList) {
      return !node.items.empty() && std::all_of(node.items.begin(), node.items.end(),
                                                [&](const Node& one) { return ReadHours(one, shift, rule); });
    }
    const std::string_view text = node.text;
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos && text.substr(0, dash) == text.substr(dash + 1))
      return text.size() == 11;  // all day
    auto window = ParseWindow(text);
    if (!window) return false;
    const auto local = [shift](std::chrono::seconds utc) { return ((utc + shift) % kDay + kDay) % kDay; };
    window->start = local(window->start);
    window->end = local(window->end);
    if (window->end == std::chrono::seconds(0)) window->end = kDay;
    rule.windows.push_back(*window);
    return true;
  }

  // ISO numbers or English names, the first three letters of which tell.
  static bool ReadWeekdays(const Node& node, DayRule& rule) {
    rule.weekdays = 0;
    for (const Node& item : node.items) {
      std::optional<std::uint8_t> day;
      if (const auto number = base::ParseDecimal(item.text); number && *number >= 1 && *number <= 7) {
        day = static_cast<std::uint8_t>(1U << *number % 7);
      } else if (item.text.size() >= 3 && item.text.find('-') == std::string::npos) {
        day = ParseWeekdays(base::Lower(std::string_view(item.text).substr(0, 3)));
      }
      if (!day) return false;
      rule.weekdays = static_cast<std::uint8_t>(rule.weekdays | *day);
    }
    return rule.weekdays != 0;
  }

  const Node& node_;
  ForeignModel foreign_;
  std::map<Group, Rates> groups_;
  std::map<std::string, base::Int128> regions_;
};

}  // namespace

void ReadLitellmMap(const Node& root, Catalogue& out, LeftOut& left_out) {
  std::map<std::string, CatalogueProvider> providers;
  std::set<std::pair<std::string, std::string>> seen;
  for (const Node::Entry& entry : root.entries) {
    if (entry.key == "sample_spec") continue;  // explains the format
    const std::string id(TextOf(entry.value, "litellm_provider"));
    if (!IsProviderId(id)) {
      left_out.Add(entry.key, "", "it does not say whose model it is");
      continue;
    }
    std::string_view name = entry.key;
    if (name.starts_with(id + "/")) name.remove_prefix(id.size() + 1);
    if (!seen.emplace(id, base::Lower(name)).second) {
      left_out.Add(id, entry.key, "another entry has this name already");
      continue;
    }
    auto model = ModelReader(id, name, entry.value, left_out).Read();
    if (!model) continue;
    CatalogueProvider& provider = providers[id];
    provider.id = id;
    provider.models.push_back(std::move(*model));
  }
  for (auto& [id, provider] : providers) out.providers.push_back(std::move(provider));
}

}  // namespace pricing
