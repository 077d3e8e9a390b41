#include "config/check.h"

#include <algorithm>
#include <optional>

namespace config {
namespace {

// Collects the problems of one pass.
class Checker {
 public:
  Checker(const Settings& settings, const Places& places) : s_(settings), places_(places) {}

  std::vector<Problem> Run() && {
    CheckListeners();
    if (s_.providers.empty()) {
      Add("", "there is no provider", "nobody could answer",
          "write for example providers: { deepseek: { dialect: deepseek, key: \"${DEEPSEEK_API_KEY}\" } }");
    }
    for (const auto& [name, provider] : s_.providers) CheckProvider("providers." + name, provider);
    for (const auto& [name, alias] : s_.models) CheckAlias("models." + name, alias);
    if (s_.telemetry.otlp.endpoint.host.empty() && places_.Has("telemetry.otlp")) {
      Add("telemetry.otlp", "telemetry.otlp has no endpoint", "it does not say where to send anything",
          "write endpoint: http://127.0.0.1:4318, or remove otlp");
    }
    return std::move(problems_);
  }

 private:
  void Add(std::string_view path, std::string what, std::string why, std::string instead) {
    problems_.push_back({"", places_.Near(path), std::move(what), std::move(why), std::move(instead)});
  }

  void CheckListeners() {
    if (s_.auth == Auth::kOpen && !s_.open_anywhere && !s_.listen.IsLoopback()) {
      Add("auth", "auth is open and listen is " + s_.listen.Print(),
          "anyone who reaches that address could spend your money",
          "write auth: keys, or listen: 127.0.0.1:" + std::to_string(s_.listen.port) +
              ", or open_anywhere: true if that is what you want");
    }
    if (s_.admin.token.empty() && !s_.admin.listen.IsLoopback()) {
      Add("admin.listen", "admin.listen is " + s_.admin.listen.Print() + " and there is no admin.token",
          "anyone who reaches that address could operate the gateway",
          "write token: \"${SLUICE_ADMIN_TOKEN}\" beside it, or listen: 127.0.0.1:" +
              std::to_string(s_.admin.listen.port));
    }
    if (s_.listen.port != 0 && s_.listen == s_.admin.listen) {
      Add("admin.listen", "admin.listen and listen are both " + s_.listen.Print(),
          "one address cannot serve applications and operators", "give one of them another port");
    }
    if (s_.tls.cert.empty() != s_.tls.key.empty()) {
      const std::string missing = s_.tls.cert.empty() ? "cert" : "key";
      Add("tls", "tls has no " + missing, "a certificate and its private key come together",
          "write " + missing + ": ./" + missing + ".pem, or remove tls");
    }
  }

  void CheckProvider(const std::string& path, const ProviderSettings& provider) {
    if (places_.Has(path + ".key") && places_.Has(path + ".keys")) {
      Add(path + ".keys", path + " has both key and keys", "it would be unclear which are used",
          "move the one under key into the list keys");
    } else if (provider.keys.empty() && !provider.local && !provider.simulated) {
      Add(path, path + " has no key", "only a provider with local: true or simulated: true works without",
          "write key: \"${SOME_API_KEY}\"");
    }
    if (provider.dialect == ApiDialect::kAnthropic && provider.base_url.path.ends_with("/v1")) {
      Add(path + ".base_url", path + ".base_url ends in /v1",
          "its paths begin with /v1 themselves: it would be there twice",
          "leave /v1 out, as in https://api.anthropic.com");
    }
    for (std::size_t i = 1; i < provider.endpoints.size(); ++i) {
      const auto end = provider.endpoints.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::find(provider.endpoints.begin(), end, provider.endpoints[i]) == end) continue;
      Add(path + ".endpoints[" + std::to_string(i) + "]",
          path + ".endpoints has " + std::string(EndpointWord(provider.endpoints[i])) + " twice",
          "a provider has each API once", "remove one of them");
    }
    for (std::size_t i = 1; i < provider.keys.size(); ++i) {
      const auto end = provider.keys.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::find(provider.keys.begin(), end, provider.keys[i]) == end) continue;
      Add(path + ".keys[" + std::to_string(i) + "]", path + ".keys has the same key twice",
          "its limits would be counted twice", "remove one of them");
    }
  }

  void CheckAlias(const std::string& path, const AliasSettings& alias) {
    CheckRungs(path + ".ladder", alias.ladder, {});
    CheckRungs(path + ".fallback", alias.fallback, alias.ladder);
    if (std::find(alias.ladder.begin(), alias.ladder.end(), alias.preferred) != alias.ladder.end()) return;
    std::vector<std::string> rungs;
    for (const ModelRef& rung : alias.ladder) rungs.push_back(rung.Print());
    const std::optional<std::string> near = Nearest(alias.preferred.Print(), rungs);
    Add(path + ".default", path + ".default is " + Quote(alias.preferred.Print()),
        "it is not a rung of its ladder",
        "write " + (near            ? *near
                    : rungs.empty() ? "one of the ladder"
                                    : rungs.back()));
  }

  void CheckRungs(const std::string& path, const std::vector<ModelRef>& rungs,
                  const std::vector<ModelRef>& before) {
    for (std::size_t i = 0; i < rungs.size(); ++i) {
      const std::string here = path + "[" + std::to_string(i) + "]";
      CheckKnown(here, rungs[i]);
      const auto end = rungs.begin() + static_cast<std::ptrdiff_t>(i);
      const bool again = std::find(rungs.begin(), end, rungs[i]) != end ||
                         std::find(before.begin(), before.end(), rungs[i]) != before.end();
      if (again) {
        Add(here, here + " is " + Quote(rungs[i].Print()) + " again",
            "it already failed where it first stands", "remove one of them");
      }
    }
  }

  void CheckKnown(const std::string& here, const ModelRef& rung) {
    if (s_.providers.contains(rung.provider)) return;
    std::vector<std::string> names;
    for (const auto& [name, provider] : s_.providers) names.push_back(name);
    const std::optional<std::string> near = Nearest(rung.provider, names);
    Add(here, here + " is " + Quote(rung.Print()),
        "there is no provider " + Quote(rung.provider) + " under providers",
        near ? "write " + *near + "/" + rung.model : "add that provider, or name one that is there");
  }

  const Settings& s_;
  const Places& places_;
  std::vector<Problem> problems_;
};

}  // namespace

Position Places::Near(std::string_view path) const {
  while (!path.empty()) {
    if (const auto found = places_.find(path); found != places_.end()) return found->second;
    const std::size_t cut = path.find_last_of(".[");
    path = path.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
  const auto whole = places_.find("");
  return whole == places_.end() ? Position{} : whole->second;
}

void Complete(Settings& settings) {
  for (auto& [name, provider] : settings.providers) {
    if (provider.base_url.host.empty()) provider.base_url = DefaultBaseUrl(provider.dialect);
  }
  for (auto& [name, alias] : settings.models) {
    if (alias.preferred.model.empty() && !alias.ladder.empty()) alias.preferred = alias.ladder.back();
  }
}

std::vector<Problem> Check(const Settings& settings, const Places& places) {
  return Checker(settings, places).Run();
}

}  // namespace config
