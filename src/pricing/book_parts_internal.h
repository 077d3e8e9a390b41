#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pricing/book.h"

namespace pricing {

// One price of a model with the rule of its hours.
struct PriceRule {
  PriceVersion version;
  std::optional<DayRule> when;
  const Calendar* calendar = nullptr;  // of `when`; null: it names none, or one that is not known
};

class ModelPrices {
 public:
  std::string provider;
  std::string model;
  ModelLimits limits;
  std::vector<PriceRule> rules;  // in the order in which they are tried

  bool Has(base::Currency currency) const;
};

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
};
template <class T>
using ByName = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

// One provider of one source: its models by every name that they have.
struct ProviderIndex {
  std::string id;
  std::vector<std::string> hosts;
  std::map<std::string, std::vector<std::string>> region_hosts;
  // What its models cost in a region, all of them: those that cost the same everywhere too.
  ByName<std::unique_ptr<ProviderIndex>> regions;
  ByName<std::pair<const ModelPrices*, bool>> names;  // `second`: the name may have a date behind it
  std::vector<std::pair<NameRule, const ModelPrices*>> rules;
  const ModelPrices* messages_otherwise = nullptr;

  // `name` in small letters: a name of the model's own, or also one that only a rule leads to.
  const ModelPrices* FindNamed(std::string_view name) const;
  const ModelPrices* Find(std::string_view name) const;
  // The region that a host works in; empty: all of them, or it is no host of this provider. Of one below its
  // hosts ("jp" of jp.example.com) that may be a region of which nothing is known.
  std::string RegionOf(std::string_view host) const;
};

// One source, as Find asks them one after the other.
struct Layer {
  std::string origin;
  std::vector<std::unique_ptr<ModelPrices>> models;
  std::vector<std::unique_ptr<ProviderIndex>> providers;
  ByName<const ProviderIndex*> by_id;

  const ProviderIndex* OfHost(std::string_view host) const;
};

// What is known of a provider of the config.
struct ConfiguredProvider {
  base::Currency currency;
  ByName<std::unique_ptr<ModelPrices>> own;     // the config's own prices
  std::unique_ptr<ModelPrices> own_hardware;    // null: it is not
  std::vector<const ProviderIndex*> in_layers;  // one for each layer that has it
  std::string region;                           // where it works; empty: anywhere
  std::set<std::string, std::less<>> regions;   // that the layers know of it
};

struct Book::Parts {
  std::map<std::string, Calendar, std::less<>> calendars;
  std::vector<std::unique_ptr<Layer>> layers;  // the weightier first
  ByName<ConfiguredProvider> configured;

  // The indexes of a provider, the weightier first.
  std::vector<const ProviderIndex*> IndexesOf(std::string_view provider) const;
};

// The id of a version, from everything about it that decides about money, its end apart: a price keeps its id
// when somebody learns when it ended.
std::string VersionId(const PriceVersion& version);

// A whole source as a layer. Errors: kInvalid.
base::Result<std::unique_ptr<Layer>> BuildLayer(
    const Catalogue& catalogue, const std::map<std::string, Calendar, std::less<>>& calendars);

// Why no rule of a model holds, or which one does.
struct Choice {
  const PriceRule* rule = nullptr;
  std::string why;  // where there is none; only written if it is asked for
};
Choice Choose(const ModelPrices& prices, base::Currency currency, std::int64_t input_tokens,
              const Circumstances& circumstances, bool wants_why);

// The tier that a price names; batch is one to some providers.
struct AskedTier {
  std::string_view tier;  // empty: the ordinary one
  bool batch = false;
};
AskedTier TierOf(const Circumstances& circumstances);
bool IsFor(const PriceVersion& version, AskedTier asked);

}  // namespace pricing
