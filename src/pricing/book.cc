#include "pricing/book.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "pricing/book_parts_internal.h"

namespace pricing {
namespace {

// A model's name in small letters, without an allocation. Longer than any name that is known: empty.
class SmallName {
 public:
  explicit SmallName(std::string_view name) : size_(name.size() <= text_.size() ? name.size() : 0) {
    std::transform(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(size_), text_.begin(),
                   base::LowerAscii);
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, kModelNameBytesMax> text_;
  std::size_t size_;
};

std::unique_ptr<ModelPrices> OwnPrice(const std::string& provider, const std::string& model,
                                      PriceVersion version) {
  auto prices = std::make_unique<ModelPrices>();
  prices->provider = provider;
  prices->model = model;
  version.provider = provider;
  version.model = model;
  version.service_tier = kAnyTier;
  version.batch = Batch::kAny;
  version.origin = "config";
  version.source = "the operator";
  version.confidence = Confidence::kVerified;
  if (version.id.empty()) version.id = VersionId(version);
  prices->rules.push_back({std::move(version), std::nullopt, nullptr});
  return prices;
}

PriceVersion FromSettings(const config::PriceSettings& settings) {
  PriceVersion version;
  version.currency = settings.currency;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    if (settings.amounts[i])
      version.rates.per_million[i] = config::RatePerMillion(*settings.amounts[i], settings.per);
  }
  return version;
}

PriceVersion Nothing(base::Currency currency) {
  PriceVersion version;
  version.id = kOwnHardware;
  version.currency = currency;
  for (auto& rate : version.rates.per_million) rate = 0;
  return version;
}

// Which provider of one source a provider of the config is: by its setting, its name, or its host.
const ProviderIndex* Named(const Layer& layer, const std::string& name,
                           const config::ProviderSettings& provider) {
  const auto of_id = [&layer](const std::string& id) -> const ProviderIndex* {
    const auto found = layer.by_id.find(id);
    return found == layer.by_id.end() ? nullptr : found->second;
  };
  if (!provider.prices.empty()) return of_id(provider.prices);
  if (const ProviderIndex* index = of_id(name)) return index;
  return layer.OfHost(base::Lower(provider.base_url.host));
}

// Where a provider of the config works: as it says, or as its host is known for in one of the sources.
std::string WorksIn(const std::vector<std::unique_ptr<Layer>>& layers, const std::string& name,
                    const config::ProviderSettings& provider) {
  std::string region = provider.region;
  const std::string host = base::Lower(provider.base_url.host);
  for (auto layer = layers.begin(); region.empty() && layer != layers.end(); ++layer) {
    if (const ProviderIndex* index = Named(**layer, name, provider)) region = index->RegionOf(host);
  }
  return region;
}

// What it costs there. A source that does not know the region knows none of its prices.
const ProviderIndex* InRegion(const ProviderIndex& index, const std::string& region) {
  if (region.empty()) return &index;
  const auto there = index.regions.find(region);
  return there == index.regions.end() ? nullptr : there->second.get();
}

// Every source's calendars as one: of a year that several have, the weightiest's.
std::map<std::string, Calendar, std::less<>> AllCalendars(const std::vector<const Catalogue*>& sources) {
  std::map<std::string, Calendar, std::less<>> all;
  for (const Catalogue* source : sources) {
    for (const auto& [id, calendar] : source->calendars) {
      Calendar& merged = all[id];
      merged.id = id;
      for (const auto& [year, days] : calendar.holidays) merged.holidays.emplace(year, days);
    }
  }
  return all;
}

}  // namespace

std::vector<const ProviderIndex*> Book::Parts::IndexesOf(std::string_view provider) const {
  if (const auto found = configured.find(provider); found != configured.end()) return found->second.in_layers;
  std::vector<const ProviderIndex*> indexes;
  for (const auto& layer : layers) {
    if (const auto found = layer->by_id.find(provider); found != layer->by_id.end())
      indexes.push_back(found->second);
  }
  return indexes;
}

base::Result<std::shared_ptr<const Book>> Book::Make(BookSources sources, const config::Settings& settings) {
  std::vector<const Catalogue*> in_order;
  for (const Catalogue& one : sources.overrides) in_order.push_back(&one);
  in_order.push_back(&sources.shipped);
  for (const Catalogue& one : sources.imports) in_order.push_back(&one);

  auto parts = std::make_unique<Parts>();
  parts->calendars = AllCalendars(in_order);
  for (const Catalogue* source : in_order) {
    auto layer = BuildLayer(*source, parts->calendars);
    if (!layer) return base::Fail(layer.error());
    parts->layers.push_back(std::move(*layer));
  }
  for (const auto& [name, provider] : settings.providers) {
    ConfiguredProvider& configured = parts->configured[name];
    configured.currency = provider.currency;
    if (provider.local && provider.prices.empty()) {
      configured.own_hardware = OwnPrice(name, "", Nothing(provider.currency));
      continue;
    }
    configured.region = WorksIn(parts->layers, name, provider);
    for (const auto& layer : parts->layers) {
      const ProviderIndex* const index = Named(*layer, name, provider);
      if (index == nullptr) continue;
      for (const auto& [region, unused] : index->regions) configured.regions.insert(region);
      if (const ProviderIndex* there = InRegion(*index, configured.region))
        configured.in_layers.push_back(there);
    }
  }
  for (const auto& [name, price] : settings.prices) {
    const auto ref = config::ModelRef::Parse(name);
    if (!ref) continue;  // the config's own check has refused it
    const auto configured = parts->configured.find(ref->provider);
    if (configured == parts->configured.end()) continue;
    const std::string model = base::Lower(ref->model);
    configured->second.own.insert_or_assign(model, OwnPrice(ref->provider, model, FromSettings(price)));
  }
  return std::shared_ptr<const Book>(new Book(std::move(parts)));
}

Book::Book(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Book::~Book() = default;

base::Currency Book::CurrencyOf(std::string_view provider) const {
  const auto found = parts_->configured.find(provider);
  if (found != parts_->configured.end()) return found->second.currency;
  const auto has = [provider](const auto& layer) {
    return layer->by_id.find(provider) != layer->by_id.end();
  };
  return std::any_of(parts_->layers.begin(), parts_->layers.end(), has) ? base::Currency::kUsd
                                                                        : base::Currency();
}

const ModelPrices* Book::Find(std::string_view provider, std::string_view model,
                              chat::Dialect dialect) const {
  return Find(provider, model, CurrencyOf(provider), dialect);
}

const ModelPrices* Book::Find(std::string_view provider, std::string_view model, base::Currency currency,
                              chat::Dialect dialect) const {
  const SmallName name(model);
  if (name.view().empty()) return nullptr;
  const auto in = [&name, currency, dialect](const ProviderIndex& index) -> const ModelPrices* {
    const ModelPrices* prices = index.Find(name.view());
    if (prices == nullptr && dialect == chat::Dialect::kAnthropic) prices = index.messages_otherwise;
    return prices != nullptr && prices->Has(currency) ? prices : nullptr;
  };
  const auto found = parts_->configured.find(provider);
  if (found == parts_->configured.end()) {
    for (const auto& layer : parts_->layers) {
      const auto index = layer->by_id.find(provider);
      if (index == layer->by_id.end()) continue;
      if (const ModelPrices* prices = in(*index->second)) return prices;
    }
    return nullptr;
  }
  const ConfiguredProvider& configured = found->second;
  if (const auto own = configured.own.find(name.view());
      own != configured.own.end() && own->second->Has(currency)) {
    return own->second.get();
  }
  if (configured.own_hardware)
    return configured.own_hardware->Has(currency) ? configured.own_hardware.get() : nullptr;
  for (const ProviderIndex* index : configured.in_layers) {
    if (const ModelPrices* prices = in(*index)) return prices;
  }
  return nullptr;
}

ModelLimits Book::LimitsOf(std::string_view provider, std::string_view model, chat::Dialect dialect) const {
  const SmallName name(model);
  ModelLimits limits;
  if (name.view().empty()) return limits;
  for (const ProviderIndex* index : parts_->IndexesOf(provider)) {
    const ModelPrices* prices = index->Find(name.view());
    if (prices == nullptr && dialect == chat::Dialect::kAnthropic) prices = index->messages_otherwise;
    if (prices == nullptr) continue;
    if (limits.context == 0) limits.context = prices->limits.context;
    if (limits.output == 0) limits.output = prices->limits.output;
  }
  return limits;
}

const ModelPrices* Book::FindAnswered(std::string_view provider, std::string_view asked,
                                      std::string_view answered, chat::Dialect dialect) const {
  // By its own name only: what Messages answer with is no name that somebody else has to make sense of.
  if (const ModelPrices* prices = answered.empty() ? nullptr : Find(provider, answered)) return prices;
  return Find(provider, asked, dialect);
}

const PriceVersion* Book::VersionAt(const ModelPrices* prices, base::Currency currency,
                                    std::int64_t input_tokens, const Circumstances& circumstances,
                                    std::string* why) const {
  if (prices == nullptr) {
    if (why != nullptr) *why = "no price of this model is known";
    return nullptr;
  }
  Choice choice = Choose(*prices, currency, input_tokens, circumstances, why != nullptr);
  if (choice.rule != nullptr) return &choice.rule->version;
  if (why != nullptr) *why = std::move(choice.why);
  return nullptr;
}

Cost Book::Price(const ModelPrices* prices, base::Currency currency, const chat::Usage& usage,
                 const Circumstances& circumstances) const {
  Cost cost;
  cost.version = VersionAt(prices, currency, usage.TotalInput(), circumstances, &cost.why_unknown);
  if (cost.version == nullptr) return cost;
  const Terms terms = TermsOf(cost.version->rates, usage);
  cost.pico = Total(terms);
  if (cost.pico) return cost;
  const std::string meter = "'" + std::string(chat::Name(*terms.unpriced)) + "'";
  if (PricedAs(cost.version->rates, *terms.unpriced)) {
    cost.why_unknown = "the usage has more of " + meter + " than any call has";
  } else {
    cost.why_unknown = "the price " + cost.version->id + " of " + cost.version->provider + "/" +
                       cost.version->model + " does not say what " + meter + " costs";
  }
  cost.version = nullptr;
  return cost;
}

std::vector<std::string_view> Book::ProvidersOf(std::string_view model) const {
  const SmallName name(model);
  using FindIn = const ModelPrices* (ProviderIndex::*)(std::string_view) const;
  std::set<std::string_view> providers;
  // Whose name it is, before who only answers it, as DeepSeek does those of Claude.
  for (const FindIn find : {&ProviderIndex::FindNamed, &ProviderIndex::Find}) {
    for (const auto& [provider, configured] : parts_->configured) {
      const bool has = std::any_of(
          configured.in_layers.begin(), configured.in_layers.end(),
          [&name, find](const ProviderIndex* index) { return (index->*find)(name.view()) != nullptr; });
      if (has || configured.own.contains(name.view())) providers.insert(provider);
    }
    if (!providers.empty()) break;
    for (const auto& layer : parts_->layers) {
      for (const auto& index : layer->providers) {
        if ((index.get()->*find)(name.view()) != nullptr) providers.insert(index->id);
      }
    }
    if (!providers.empty()) break;
  }
  return {providers.begin(), providers.end()};
}

std::string_view Book::RegionOf(std::string_view provider) const {
  const auto found = parts_->configured.find(provider);
  return found == parts_->configured.end() ? std::string_view() : found->second.region;
}

std::vector<std::string_view> Book::RegionsOf(std::string_view provider) const {
  const auto found = parts_->configured.find(provider);
  if (found == parts_->configured.end()) return {};
  return {found->second.regions.begin(), found->second.regions.end()};
}

bool Book::HasProvider(std::string_view id) const {
  return std::any_of(parts_->layers.begin(), parts_->layers.end(),
                     [id](const auto& layer) { return layer->by_id.contains(id); });
}

const std::map<std::string, Calendar, std::less<>>& Book::Calendars() const {
  return parts_->calendars;
}

std::vector<base::Currency> Book::CurrenciesOf(std::string_view provider, std::string_view model) const {
  std::set<base::Currency> currencies;
  const SmallName name(model);
  const auto take = [&currencies](const ModelPrices* prices) {
    if (prices == nullptr) return;
    for (const PriceRule& rule : prices->rules) currencies.insert(rule.version.currency);
  };
  if (const auto found = parts_->configured.find(provider); found != parts_->configured.end()) {
    if (const auto own = found->second.own.find(name.view()); own != found->second.own.end())
      take(own->second.get());
    take(found->second.own_hardware.get());
  }
  for (const ProviderIndex* index : parts_->IndexesOf(provider)) take(index->Find(name.view()));
  return {currencies.begin(), currencies.end()};
}

std::vector<Book::Listed> Book::List() const {
  std::vector<Listed> all;
  std::set<std::pair<std::string_view, std::string_view>> seen;
  const auto put = [this, &all, &seen](std::string_view provider, std::string_view model) {
    if (!seen.emplace(provider, model).second) return;
    for (const base::Currency currency : CurrenciesOf(provider, model)) {
      if (const ModelPrices* prices = Find(provider, model, currency))
        all.push_back({provider, model, currency, prices});
    }
  };
  const auto put_all = [&put](std::string_view provider, const ProviderIndex& index) {
    for (const auto& [model, known] : index.names) {
      if (model == known.first->model) put(provider, model);
    }
  };
  for (const auto& [name, configured] : parts_->configured) {
    for (const auto& [model, prices] : configured.own) put(name, model);
    for (const ProviderIndex* index : configured.in_layers) {
      put_all(name, *index);
    }
  }
  for (const auto& layer : parts_->layers) {
    for (const auto& index : layer->providers) {
      if (parts_->configured.contains(index->id)) continue;
      put_all(index->id, *index);
    }
  }
  std::sort(all.begin(), all.end(), [](const Listed& a, const Listed& b) {
    return std::tie(a.provider, a.model, a.currency) < std::tie(b.provider, b.model, b.currency);
  });
  return all;
}

std::vector<const PriceVersion*> VersionsOf(const ModelPrices& prices) {
  std::vector<const PriceVersion*> versions;
  for (const PriceRule& rule : prices.rules) versions.push_back(&rule.version);
  return versions;
}

}  // namespace pricing
