#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "chat/dialect.h"
#include "chat/usage.h"
#include "config/settings.h"
#include "pricing/catalogue.h"
#include "pricing/price.h"

namespace pricing {

class ModelPrices;  // all prices of one model from one origin; made by a Book

// What a Book is made of, the weightier first: the config's own prices, imports that override, the shipped
// catalogue, imports that fill in. Who has a model in the right currency decides alone about it.
struct BookSources {
  std::vector<Catalogue> overrides;
  Catalogue shipped;
  std::vector<Catalogue> imports;
};

// The span of time and the kinds of calls that DearestRates looks at.
struct Reach {
  base::WallTime from;
  base::WallTime until;  // inclusive
  std::string_view service_tier{};
  bool batch = false;
  std::int64_t input_max = std::numeric_limits<std::int64_t>::max();  // tokens that the call may have
};

// Every price that is known, ready to be asked. Immutable and thread-safe; shared as shared_ptr<const Book>,
// which whoever keeps a ModelPrices or PriceVersion of it holds too.
//
// A provider is named as in the config. Which catalogue's provider it is: its setting `prices`, else its own
// name, else the host of its base_url. A name that the config does not have is the catalogue's own.
class Book {
 public:
  // Errors: kInvalid, where a source contradicts itself (two prices with one id, an alias to nowhere).
  static base::Result<std::shared_ptr<const Book>> Make(BookSources sources,
                                                        const config::Settings& settings);

  ~Book();
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;

  // The prices of a provider's model, in the currency that the provider bills in (CurrencyOf); null: none
  // are known. Names are compared without case; dated names and patterns of the catalogue count.
  // `dialect` is the one in which the provider is asked: some take other makers' names in Messages. Of a
  // local provider without a price: 0.
  const ModelPrices* Find(std::string_view provider, std::string_view model,
                          chat::Dialect dialect = chat::Dialect::kOpenai) const;
  const ModelPrices* Find(std::string_view provider, std::string_view model, base::Currency currency,
                          chat::Dialect dialect = chat::Dialect::kOpenai) const;

  // How much a provider's model reads and writes at most, each by the first source that knows it.
  ModelLimits LimitsOf(std::string_view provider, std::string_view model,
                       chat::Dialect dialect = chat::Dialect::kOpenai) const;

  // By the name that the provider answered with, or if that has no price by the name it was asked for.
  const ModelPrices* FindAnswered(std::string_view provider, std::string_view asked,
                                  std::string_view answered,
                                  chat::Dialect dialect = chat::Dialect::kOpenai) const;

  // The currency that a provider bills in: its setting, or USD of one that only a catalogue has. None where
  // neither knows it.
  base::Currency CurrencyOf(std::string_view provider) const;

  // The price in force for these circumstances; null with a sentence in `why` (which may be null).
  const PriceVersion* VersionAt(const ModelPrices* prices, base::Currency currency, std::int64_t input_tokens,
                                const Circumstances& circumstances, std::string* why) const;

  // What `usage` costs. Below a microsecond. `prices` may be null: unknown.
  Cost Price(const ModelPrices* prices, base::Currency currency, const chat::Usage& usage,
             const Circumstances& circumstances) const;

  // For each meter the highest rate that may hold for a call within `reach`, so that what is reserved by it
  // is enough whichever instant decides. None where a price is not known for all of the time.
  std::optional<Rates> DearestRates(const ModelPrices* prices, base::Currency currency,
                                    const Reach& reach) const;

  // For lists: every model that has a price, by provider and name, once for each currency, as Find sees it.
  struct Listed {
    std::string_view provider;
    std::string_view model;
    base::Currency currency;
    const ModelPrices* prices;
  };
  std::vector<Listed> List() const;

  // The providers that have a model of this name: those of the config, else the catalogues'; of them those
  // whose own name it is, else those that answer it all the same.
  std::vector<std::string_view> ProvidersOf(std::string_view model) const;

  // Where a provider of the config works, by its setting or its host; empty: anywhere. The regions with
  // prices of their own that catalogues know of it: where it works in another one, it has no prices.
  std::string_view RegionOf(std::string_view provider) const;
  std::vector<std::string_view> RegionsOf(std::string_view provider) const;

  // Whether a catalogue has a provider of this name.
  bool HasProvider(std::string_view id) const;

  // The holidays that are known, by the calendar's id.
  const std::map<std::string, Calendar, std::less<>>& Calendars() const;

  // Every currency in which the model has a price.
  std::vector<base::Currency> CurrenciesOf(std::string_view provider, std::string_view model) const;

 private:
  struct Parts;
  explicit Book(std::unique_ptr<const Parts> parts);

  const std::unique_ptr<const Parts> parts_;
};

// All versions that a model has, in the order in which they are tried.
std::vector<const PriceVersion*> VersionsOf(const ModelPrices& prices);

// Where the holidays end that a price depends on.
struct CalendarEnd {
  std::string calendar;
  std::chrono::year year;  // the first that it lacks
  base::WallTime at;       // the price is unknown from then on
};

// The first such end for calls that are sent at `circumstances.dispatched` or later, which is that instant
// itself where the price is unknown already. None: no price from then on depends on holidays.
std::optional<CalendarEnd> CalendarEndOf(const ModelPrices& prices, base::Currency currency,
                                         const Circumstances& circumstances);

}  // namespace pricing
