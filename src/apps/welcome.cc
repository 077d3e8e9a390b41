#include "apps/welcome.h"

#include <algorithm>
#include <optional>

namespace apps {
namespace {

using config::ModelRef;
using config::Settings;

std::string Providers(const Settings& settings) {
  const auto simulated = [](const auto& one) { return one.second.simulated; };
  const bool all = std::all_of(settings.providers.begin(), settings.providers.end(), simulated);
  std::string list;
  for (const auto& [name, provider] : settings.providers) {
    list += (list.empty() ? "" : ", ") + name;
    if (provider.simulated && !all) list += " (SIMULATED)";
  }
  return all ? "SIMULATED providers, which invent their answers: " + list : "providers: " + list;
}

// A name that is sure to be known, and who answers it; nullopt when only the providers know names.
struct Known {
  std::string asked;
  const config::ProviderSettings* provider;
};
std::optional<Known> KnownModel(const Settings& settings) {
  if (!settings.models.empty()) {
    const auto& [alias, rungs] = *settings.models.begin();
    return Known{alias, &settings.providers.find(rungs.preferred.provider)->second};
  }
  for (const auto& [name, provider] : settings.providers) {
    if (!provider.models.empty() && config::Speaks(provider, chat::Dialect::kOpenai)) {
      return Known{ModelRef{name, provider.models.front()}.Print(), &provider};
    }
  }
  return std::nullopt;
}

std::string Base(const Settings& settings) {
  config::HostPort at = settings.listen;
  if (at.host == "0.0.0.0") at.host = "127.0.0.1";
  if (at.host == "::") at.host = "::1";
  return (settings.tls.cert.empty() ? "http://" : "https://") + at.Print();
}

}  // namespace

std::string Welcome(const Settings& settings, const std::string& file) {
  std::string text = Providers(settings) + "\n";
  const bool keys = settings.auth == config::Auth::kKeys;
  if (keys) {
    text += "keys: each request needs one; make it with: sluice keys create --team NAME";
    text += (file.empty() ? "" : " -c " + file) + "\n";
  }
  const std::string key = keys ? " -H \"authorization: Bearer $SLUICE_KEY\"" : "";
  const auto known = KnownModel(settings);
  if (!known) return text + "try: curl " + Base(settings) + "/v1/models" + key + "\n";
  const bool messages = !config::Speaks(*known->provider, chat::Dialect::kOpenai) &&
                        config::Speaks(*known->provider, chat::Dialect::kAnthropic);
  text += "try: curl " + Base(settings) + (messages ? "/v1/messages" : "/v1/chat/completions") + key +
          " -H 'content-type: application/json'" + (messages ? " -H 'anthropic-version: 2023-06-01'" : "") +
          " -d '{\"model\":\"" + known->asked + "\"," + (messages ? "\"max_tokens\":200," : "") +
          "\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]}'\n";
  return text;
}

}  // namespace apps
