#include "gateway/names.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "config/problem.h"

namespace gateway {
namespace {

using config::ModelRef;
using config::Settings;

constexpr std::size_t kHintsMax = 3;

}  // namespace

routing::Listed ListedIn(const upstream::Directory& directory) {
  return [&directory](std::string_view provider, std::string_view model) -> std::optional<bool> {
    const auto names = directory.Find(provider)->model_list().Known();
    if (names->Has(model)) return true;
    return names->known() ? std::optional(false) : std::nullopt;
  };
}

ListsNeed NeedOfLists(const Settings& settings, const upstream::Directory& directory, base::MonoTime now,
                      std::string_view name) {
  if (!routing::DependsOnLists(settings, name)) return ListsNeed::kNothing;
  ListsNeed need = ListsNeed::kAsking;
  for (const auto& [provider, written] : settings.providers) {
    if (!written.models.empty()) continue;
    const auto names = directory.Find(provider)->model_list().Known();
    if (!names->Has(name)) continue;
    const std::chrono::nanoseconds kept = names->known() ? kListKept : kListAgain;
    if (now - *names->asked_at() <= kept) return ListsNeed::kNothing;
    need = ListsNeed::kRenewal;
  }
  return need;
}

bool Allowed::Has(std::string_view name) {
  if (key_ == nullptr || key_->MayUse(name)) return true;
  if (settings_.models.find(name) != settings_.models.end()) return false;
  const auto target = routing::Resolve(settings_, name, listed_);
  return target && Has(*target);
}

bool Allowed::Has(const ModelRef& target) {
  if (key_ == nullptr || key_->models.empty()) return true;
  if (!meant_) {
    meant_.emplace();
    for (const std::string& name : key_->models) {
      if (settings_.models.find(name) != settings_.models.end()) continue;
      if (auto one = routing::Resolve(settings_, name, listed_)) meant_->push_back(std::move(*one));
    }
  }
  return std::find(meant_->begin(), meant_->end(), target) != meant_->end();
}

std::string Allowed::Hint(std::string_view name, const std::vector<std::string>& candidates) {
  std::vector<std::string> near = config::NearestFew(name, candidates, kHintsMax);
  std::erase_if(near, [this](const std::string& one) { return !Has(one); });
  std::string hint;
  for (const std::string& one : near) hint += (hint.empty() ? " did you mean '" : "' or '") + one;
  return hint.empty() ? hint : hint + "'?";
}

std::vector<std::string> KnownNames(const Settings& settings, const upstream::Directory& directory,
                                    std::string_view near) {
  std::vector<std::string> names;
  for (const auto& [alias, unused] : settings.models) names.push_back(alias);
  if (const std::size_t slash = near.find('/'); slash != std::string_view::npos) {
    std::vector<std::string> providers;
    for (const auto& [name, unused] : settings.providers) providers.push_back(name);
    for (const std::string& one : config::NearestFew(near.substr(0, slash), providers, kHintsMax)) {
      names.push_back(one + std::string(near.substr(slash)));
    }
  }
  if (!settings.models.empty()) return names;
  for (const auto& [name, provider] : settings.providers) {
    names.insert(names.end(), provider.models.begin(), provider.models.end());
    const auto known = directory.Find(name)->model_list().Known();
    names.insert(names.end(), known->ids().begin(), known->ids().end());
  }
  return names;
}

std::string WhyNoModel(const std::string& name, const Settings& settings,
                       const upstream::Directory& directory, Allowed& allowed) {
  std::string why = "there is no model '" + name + "';" +
                    allowed.Hint(name, KnownNames(settings, directory, name)) +
                    " GET /v1/models lists those there are";
  if (settings.models.empty() || name.find('/') != std::string::npos) return why;
  return why + "; a provider's own model is asked for as provider/model";
}

}  // namespace gateway
