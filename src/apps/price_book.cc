#include "apps/price_book.h"

#include <algorithm>
#include <iostream>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "pricing/price_files.h"
#include "pricing/shipped.h"

namespace apps {
namespace {

base::Result<std::shared_ptr<const pricing::Book>> Make(pricing::Imports imports,
                                                        const config::Settings& settings) {
  for (const std::string& problem : imports.problems) std::cerr << "sluice: " << problem << '\n';
  auto shipped = pricing::ShippedCatalogue();
  if (!shipped) return base::Fail(shipped.error());
  return pricing::Book::Make({.overrides = std::move(imports.overrides),
                              .shipped = std::move(*shipped),
                              .imports = std::move(imports.fills)},
                             settings);
}

// What is wrong with the region that a provider works in, if anything is.
std::optional<std::string> UnknownRegion(const pricing::Book& book, const std::string& provider) {
  const std::string region(book.RegionOf(provider));
  const std::vector<std::string_view> regions = book.RegionsOf(provider);
  if (region.empty() || std::find(regions.begin(), regions.end(), region) != regions.end())
    return std::nullopt;
  std::string there_are;
  for (const std::string_view one : regions) there_are.append(there_are.empty() ? "" : ", ").append(one);
  return "No catalogue knows a region " + region + " of " + provider + ", so that it has no prices; " +
         (there_are.empty() ? "leave it out."
                            : "write one of those that are known: region: " + there_are + ".");
}

}  // namespace

base::Result<std::shared_ptr<const pricing::Book>> BookOf(const std::filesystem::path& data,
                                                          const config::Settings& settings) {
  return Make(pricing::LoadImports(data), settings);
}

base::Result<std::shared_ptr<const pricing::Book>> BookWith(const std::filesystem::path& data,
                                                            const config::Settings& settings,
                                                            pricing::Catalogue import, bool overrides) {
  pricing::Imports imports = pricing::LoadImports(data);
  (overrides ? imports.overrides : imports.fills).push_back(std::move(import));
  return Make(std::move(imports), settings);
}

std::vector<std::string> UnpricedModels(const pricing::Book& book, const config::Settings& settings,
                                        base::WallTime now) {
  std::set<config::ModelRef> asked;
  for (const auto& [name, alias] : settings.models) {
    asked.insert(alias.ladder.begin(), alias.ladder.end());
    asked.insert(alias.fallback.begin(), alias.fallback.end());
  }
  for (const auto& [name, provider] : settings.providers) {
    for (const std::string& model : provider.models) asked.insert({name, model});
  }
  std::vector<std::string> sentences;
  for (const auto& [name, provider] : settings.providers) {
    if (auto sentence = UnknownRegion(book, name)) sentences.push_back(std::move(*sentence));
    if (provider.prices.empty() || book.HasProvider(provider.prices)) continue;
    sentences.push_back("No catalogue has a provider " + provider.prices + ", whose prices " + name +
                        " is said to have; sluice prices list shows those that there are.");
  }
  for (const config::ModelRef& ref : asked) {
    const auto provider = settings.providers.find(ref.provider);
    if (provider == settings.providers.end() || provider->second.simulated) continue;
    std::string why;
    const base::Currency currency = book.CurrencyOf(ref.provider);
    if (book.VersionAt(book.Find(ref.provider, ref.model), currency, 0, {now, now}, &why) != nullptr)
      continue;
    sentences.push_back("What " + ref.Print() + " costs in " + std::string(currency.code()) +
                        " is unknown: " + why + ".");
  }
  return sentences;
}

}  // namespace apps
