#include <algorithm>
#include <limits>
#include <utility>

#include "base/ascii.h"
#include "pricing/book_parts_internal.h"

namespace pricing {
namespace {

constexpr int kAsDepthMax = 4;  // of one model that costs what another costs that ...

PriceVersion VersionOf(const PriceEntry& entry, const std::string& provider, const std::string& model,
                       base::Currency currency, const Rates& rates, const std::string& origin) {
  PriceVersion version;
  version.provider = provider;
  version.model = model;
  version.currency = currency;
  version.rates = rates;
  version.valid_from = entry.from;
  version.valid_until = entry.until;
  version.phase = entry.phase;
  if (entry.when) {
    version.hours = entry.when->Print();
    version.place = entry.when->place;
  }
  version.billed_at = entry.billed_at;
  version.service_tier = entry.service_tier;
  version.batch = entry.batch;
  version.context_over = entry.context_over;
  version.origin = origin;
  version.source = entry.source;
  version.checked_on = entry.checked_on;
  version.confidence = entry.confidence;
  version.id = VersionId(version);
  return version;
}

// Makes the models of one provider.
class ProviderBuilder {
 public:
  ProviderBuilder(const CatalogueProvider& provider, const std::string& origin,
                  const std::map<std::string, Calendar, std::less<>>& calendars)
      : provider_(provider), origin_(origin), calendars_(calendars) {}

  base::Result<std::unique_ptr<ModelPrices>> Build(const CatalogueModel& model) {
    auto prices = std::make_unique<ModelPrices>();
    prices->provider = provider_.id;
    prices->model = model.name;
    prices->limits = model.limits;
    for (const PriceEntry& entry : model.prices) {
      if (auto added = Add(model, entry, std::nullopt, std::nullopt, 0, *prices); !added)
        return base::Fail(added.error());
    }
    return prices;
  }

 private:
  // An entry within the time that is asked for.
  base::Result<> Add(const CatalogueModel& model, PriceEntry entry, std::optional<base::WallTime> from,
                     std::optional<base::WallTime> until, int depth, ModelPrices& out) {
    if (from && (!entry.from || *entry.from < *from)) entry.from = from;
    if (until && (!entry.until || *until < *entry.until)) entry.until = until;
    if (entry.from && entry.until && *entry.until <= *entry.from) return {};
    if (!entry.as.empty()) return AddOther(model, entry, depth, out);
    for (const auto& [currency, rates] : entry.rates) {
      PriceRule rule{VersionOf(entry, provider_.id, model.name, currency, rates, origin_), entry.when,
                     nullptr};
      if (entry.when && !entry.when->except_holidays.empty()) {
        const auto calendar = calendars_.find(entry.when->except_holidays);
        if (calendar != calendars_.end()) rule.calendar = &calendar->second;
      }
      out.rules.push_back(std::move(rule));
    }
    return {};
  }

  base::Result<> AddOther(const CatalogueModel& model, const PriceEntry& entry, int depth, ModelPrices& out) {
    const auto other = std::find_if(provider_.models.begin(), provider_.models.end(),
                                    [&entry](const CatalogueModel& one) { return one.name == entry.as; });
    if (other == provider_.models.end() || depth == kAsDepthMax) {
      return base::Fail(base::Code::kInvalid, "the model " + model.name + " of " + provider_.id +
                                                  " costs what " + entry.as +
                                                  " costs, of which nothing is said");
    }
    for (const PriceEntry& one : other->prices) {
      if (auto added = Add(*other, one, entry.from, entry.until, depth + 1, out); !added) return added;
    }
    return {};
  }

  const CatalogueProvider& provider_;
  const std::string& origin_;
  const std::map<std::string, Calendar, std::less<>>& calendars_;
};

// What a provider's names lead to. Of two models with one name the first has it.
void Index(const CatalogueModel& model, const ModelPrices* prices, ProviderIndex& index) {
  index.names.emplace(model.name, std::pair(prices, model.dated));
  for (const std::string& name : model.names) index.names.emplace(name, std::pair(prices, model.dated));
  for (const NameRule& rule : model.rules) index.rules.emplace_back(rule, prices);
}

// Without "-20260930" or "-2026-09-30" at the end; empty: there is none.
std::string_view WithoutDate(std::string_view name) {
  const auto ends_like = [name](std::string_view pattern) {
    if (name.size() <= pattern.size()) return false;
    const std::string_view end = name.substr(name.size() - pattern.size());
    return std::equal(end.begin(), end.end(), pattern.begin(),
                      [](char c, char wanted) { return wanted == '#' ? base::IsDigit(c) : c == wanted; });
  };
  constexpr std::string_view kShort = "-########";
  constexpr std::string_view kLong = "-####-##-##";
  if (ends_like(kShort)) return name.substr(0, name.size() - kShort.size());
  if (ends_like(kLong)) return name.substr(0, name.size() - kLong.size());
  return {};
}

void AddRegion(const std::string& region, ProviderIndex& index) {
  if (index.regions.contains(region) || index.regions.size() >= kRegionsMax) return;
  auto its_index = std::make_unique<ProviderIndex>();
  its_index->id = index.id;
  index.regions.emplace(region, std::move(its_index));
}

// Prices of tokens, `times` pico as much each, rounded where that does not come out even. False: it is too
// much to be said.
bool Multiply(Rates& rates, base::Int128 times) {
  for (std::size_t i = 0; i < chat::kTokenMeters; ++i) {
    auto& rate = rates.per_million[i];
    if (!rate) continue;
    const base::Int128 product = base::DivideRounded(*rate * times, base::kPico);
    if (product > std::numeric_limits<std::int64_t>::max()) return false;
    rate = static_cast<std::int64_t>(product);
  }
  return true;
}

// What a model costs in a region; null: the same as everywhere. Without rules: nobody knows.
std::unique_ptr<ModelPrices> TimesIn(const std::string& region, const CatalogueModel& model,
                                     const ModelPrices& prices) {
  const auto found = model.regions.find(region);
  if (found == model.regions.end() || found->second == base::kPico) return nullptr;
  auto there = std::make_unique<ModelPrices>(prices);
  for (PriceRule& rule : there->rules) {
    PriceVersion& version = rule.version;
    if (!Multiply(version.rates, found->second)) {
      there->rules.clear();
      break;
    }
    version.source += (version.source.empty() ? "" : "; ") + base::PrintPico(found->second) +
                      " times as much in the region " + region;
    version.id = VersionId(version);
  }
  return there;
}

void SetMessagesOtherwise(const std::string& model, ProviderIndex& index) {
  if (model.empty()) return;
  index.messages_otherwise = index.Find(model);
  for (const auto& [unused, its_index] : index.regions)
    its_index->messages_otherwise = its_index->Find(model);
}

}  // namespace

bool ModelPrices::Has(base::Currency currency) const {
  return std::any_of(rules.begin(), rules.end(),
                     [currency](const PriceRule& rule) { return rule.version.currency == currency; });
}

const ModelPrices* ProviderIndex::FindNamed(std::string_view name) const {
  if (const auto found = names.find(name); found != names.end()) return found->second.first;
  if (const std::string_view plain = WithoutDate(name); !plain.empty()) {
    if (const auto found = names.find(plain); found != names.end() && found->second.second)
      return found->second.first;
  }
  return nullptr;
}

const ModelPrices* ProviderIndex::Find(std::string_view name) const {
  if (const ModelPrices* prices = FindNamed(name)) return prices;
  for (const auto& [rule, prices] : rules) {
    if (rule.Matches(name)) return prices;
  }
  return nullptr;
}

const ProviderIndex* Layer::OfHost(std::string_view host) const {
  const auto is = [host](std::string_view pattern) {
    return pattern.starts_with('.') ? host.ends_with(pattern) : host == pattern;
  };
  for (const auto& provider : providers) {
    if (std::any_of(provider->hosts.begin(), provider->hosts.end(), is)) return provider.get();
  }
  return nullptr;
}

std::string ProviderIndex::RegionOf(std::string_view host) const {
  if (regions.empty()) return {};
  for (const auto& [region, its_hosts] : region_hosts) {
    if (std::find(its_hosts.begin(), its_hosts.end(), host) != its_hosts.end()) return region;
  }
  if (std::find(hosts.begin(), hosts.end(), host) != hosts.end()) return {};
  const auto above = std::find_if(hosts.begin(), hosts.end(), [host](const std::string& pattern) {
    return pattern.starts_with('.') && host.ends_with(pattern);
  });
  return above == hosts.end() ? std::string() : std::string(host.substr(0, host.size() - above->size()));
}

base::Result<std::unique_ptr<Layer>> BuildLayer(
    const Catalogue& catalogue, const std::map<std::string, Calendar, std::less<>>& calendars) {
  auto layer = std::make_unique<Layer>();
  layer->origin = catalogue.origin;
  for (const CatalogueProvider& provider : catalogue.providers) {
    auto index = std::make_unique<ProviderIndex>();
    index->id = provider.id;
    index->hosts = provider.hosts;
    index->region_hosts = provider.regions;
    for (const auto& [region, unused] : provider.regions) AddRegion(region, *index);
    for (const CatalogueModel& model : provider.models) {
      for (const auto& [region, unused] : model.regions) AddRegion(region, *index);
    }
    ProviderBuilder builder(provider, catalogue.origin, calendars);
    for (const CatalogueModel& model : provider.models) {
      auto prices = builder.Build(model);
      if (!prices) return base::Fail(prices.error());
      Index(model, prices->get(), *index);
      for (const auto& [region, its_index] : index->regions) {
        auto times = TimesIn(region, model, **prices);
        Index(model, times ? times.get() : prices->get(), *its_index);
        if (times) layer->models.push_back(std::move(times));
      }
      layer->models.push_back(std::move(*prices));
    }
    SetMessagesOtherwise(provider.messages_otherwise, *index);
    layer->by_id.emplace(provider.id, index.get());
    layer->providers.push_back(std::move(index));
  }
  return layer;
}

}  // namespace pricing
