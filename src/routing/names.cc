#include "routing/names.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace routing {
namespace {

using config::ApiDialect;
using config::ModelRef;
using config::Settings;

// Names by which each family's own models are known; the first part of a name decides.
constexpr std::array<std::pair<std::string_view, ApiDialect>, 11> kFamilies = {{
    {"deepseek-", ApiDialect::kDeepSeek},
    {"claude-", ApiDialect::kAnthropic},
    {"gpt-", ApiDialect::kOpenAi},
    {"chatgpt-", ApiDialect::kOpenAi},
    {"o1", ApiDialect::kOpenAi},
    {"o3", ApiDialect::kOpenAi},
    {"o4", ApiDialect::kOpenAi},
    {"text-embedding-", ApiDialect::kOpenAi},
    {"codex-", ApiDialect::kOpenAi},
    {"davinci-", ApiDialect::kOpenAi},
    {"babbage-", ApiDialect::kOpenAi},
}};

bool Lists(const config::ProviderSettings& provider, std::string_view model) {
  return std::find(provider.models.begin(), provider.models.end(), model) != provider.models.end();
}

// Whether a model of this name would be the provider's own make.
bool IsOfFamily(const config::ProviderSettings& provider, std::string_view model) {
  return !provider.local && std::any_of(kFamilies.begin(), kFamilies.end(), [&](const auto& family) {
    return family.second == provider.dialect && model.starts_with(family.first);
  });
}

std::optional<std::string> ProviderOf(const Settings& settings, std::string_view model,
                                      const Listed& listed) {
  for (const auto& [name, provider] : settings.providers) {
    if (Lists(provider, model)) return name;
  }
  const std::string* has = nullptr;    // some provider that has it, its maker first
  const std::string* maybe = nullptr;  // its maker, of whom it is not known
  bool has_maker = false;
  for (const auto& [name, provider] : settings.providers) {
    if (!provider.models.empty()) continue;
    const bool maker = IsOfFamily(provider, model);
    const std::optional<bool> known = listed(name, model);
    if (known.value_or(false) && (has == nullptr || (maker && !has_maker))) {
      has = &name;
      has_maker = maker;
    }
    const bool only = settings.providers.size() == 1;
    if (!known && (maker || only) && maybe == nullptr) maybe = &name;
  }
  if (has != nullptr && (has_maker || maybe == nullptr)) return *has;
  if (maybe != nullptr) return *maybe;
  return std::nullopt;
}

std::optional<ModelRef> ByProvider(const Settings& settings, std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash + 1 == name.size()) return std::nullopt;
  if (settings.providers.find(name.substr(0, slash)) == settings.providers.end()) return std::nullopt;
  return ModelRef{std::string(name.substr(0, slash)), std::string(name.substr(slash + 1))};
}

}  // namespace

std::optional<ModelRef> Resolve(const Settings& settings, std::string_view name, const Listed& listed) {
  if (auto target = ByProvider(settings, name)) return target;
  if (!settings.models.empty()) return std::nullopt;
  const auto provider = ProviderOf(settings, name, listed);
  if (!provider) return std::nullopt;
  return ModelRef{*provider, std::string(name)};
}

bool DependsOnLists(const Settings& settings, std::string_view name) {
  if (!settings.models.empty() || ByProvider(settings, name)) return false;
  bool asked = false;
  for (const auto& [unused, provider] : settings.providers) {
    if (Lists(provider, name)) return false;
    asked = asked || provider.models.empty();
  }
  return asked;
}

}  // namespace routing
