#include "pricing/import.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/encoding.h"
#include "pricing/amount_internal.h"
#include "pricing/catalogue_reader.h"
#include "pricing/import_readers_internal.h"
#include "pricing/json_tree_internal.h"

namespace pricing {
namespace {

using config::Node;

constexpr std::size_t kProviderIdBytesMax = 64;

bool LooksLikeJson(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (bytes[first] == '{' || bytes[first] == '[');
}

// A map is ours if it has one of our two members and nothing that says whose model it is.
ImportFormat FormatOf(const Node& root) {
  if (root.kind == Node::Kind::kList) return ImportFormat::kGenaiPrices;
  const bool ours = Member(root, "providers") != nullptr || Member(root, "calendars") != nullptr;
  return ours ? ImportFormat::kOwn : ImportFormat::kLitellm;
}

base::Result<> WithinLimits(const Catalogue& catalogue, const std::string& name) {
  std::size_t models = 0;
  for (const CatalogueProvider& provider : catalogue.providers) models += provider.models.size();
  if (models > kCatalogueModelsMax || catalogue.providers.size() > kCatalogueProvidersMax) {
    return base::Fail(base::Code::kTooLarge, name + " has more than " + std::to_string(kCatalogueModelsMax) +
                                                 " models or " + std::to_string(kCatalogueProvidersMax) +
                                                 " providers");
  }
  if (models == 0 && catalogue.calendars.empty()) {
    return base::Fail(base::Code::kInvalid,
                      name +
                          " holds no price that can be taken over; it is neither Sluice's own "
                          "format nor genai-prices v2 nor LiteLLM's model map");
  }
  return {};
}

}  // namespace

const Node* Member(const Node& node, std::string_view name) {
  for (const Node::Entry& entry : node.entries) {
    if (entry.key == name) return &entry.value;
  }
  return nullptr;
}

std::string_view TextOf(const Node& node, std::string_view name) {
  const Node* member = Member(node, name);
  return member == nullptr ? std::string_view() : member->text;
}

std::int64_t TokensOf(const Node& node, std::string_view name) {
  const auto tokens = base::ParseDecimal(TextOf(node, name));
  return tokens && *tokens <= kContextTokensMax ? static_cast<std::int64_t>(*tokens) : 0;
}

std::optional<std::string> ForeignModel::Name() {
  std::string name = base::Lower(name_);
  if (!name.empty() && name.size() <= kModelNameBytesMax) return name;
  Leave("its name is empty or too long");
  return std::nullopt;
}

std::optional<std::int64_t> ForeignModel::Rate(std::string_view key, std::string_view text,
                                               std::uint64_t per) {
  const std::string name = "'" + std::string(key) + "'";
  const auto rate = ReadPrice(text, per);
  if (!rate) {
    Leave(name + ": " + rate.error().detail);
    return std::nullopt;
  }
  if (!rate->exact) Leave(name + " was rounded to a pico-unit for 1000000");
  return rate->rate;
}

bool IsProviderId(std::string_view id) {
  return !id.empty() && id.size() <= kProviderIdBytesMax;
}

base::Result<Import> ReadImport(std::string_view bytes, const std::string& name) {
  Import import;
  const std::string origin = "import " + name;
  if (!LooksLikeJson(bytes)) {
    auto own = ReadYamlCatalogue(bytes, name, origin);
    if (!own) return base::Fail(own.error());
    import.catalogue = std::move(*own);
  } else {
    const auto root = ParseJson(bytes);
    if (!root) return base::Fail(root.error().code, name + ":" + root.error().detail);
    import.format = FormatOf(*root);
    LeftOut left_out;
    if (import.format == ImportFormat::kOwn) {
      auto own = ReadJsonCatalogue(bytes, name, origin);
      if (!own) return base::Fail(own.error());
      import.catalogue = std::move(*own);
    } else if (import.format == ImportFormat::kGenaiPrices) {
      ReadGenaiPrices(*root, import.catalogue, left_out);
    } else {
      ReadLitellmMap(*root, import.catalogue, left_out);
    }
    import.left_out = left_out.Take();
  }
  import.catalogue.origin = origin;
  if (auto fits = WithinLimits(import.catalogue, name); !fits) return base::Fail(fits.error());
  return import;
}

}  // namespace pricing
