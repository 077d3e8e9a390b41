#include "config/check.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/check_internal.h"

namespace config {
namespace {

constexpr std::uint64_t kRowRoom =
    1024;  // bytes: a row of usual size has some 400, one of many attempts more
constexpr std::uint64_t kSegmentMiBMax = 1024;  // of ledger.segment_size

// Everything but budgets and limits.
class Checker : public Inspection {
 public:
  using Inspection::Inspection;

  std::vector<Problem> Run() && {
    CheckListeners();
    if (s_.providers.empty() && Sound({"providers"})) {
      Add("", "there is no provider", "nobody could answer",
          "write for example providers: { deepseek: { dialect: deepseek, key: \"${DEEPSEEK_API_KEY}\" } }");
    }
    for (const auto& [name, provider] : s_.providers) CheckProvider("providers." + name, provider);
    for (const auto& [name, alias] : s_.models) CheckAlias("models." + name, alias);
    for (const auto& [name, price] : s_.prices) CheckPrice(name, price);
    for (std::size_t i = 0; i < s_.oidc.size(); ++i) CheckIssuer(Item("oidc", i), s_.oidc[i]);
    CheckRoomForRows();
    if (s_.telemetry.otlp.endpoint.host.empty() && places_.Has("telemetry.otlp") &&
        Sound({"telemetry.otlp.endpoint"})) {
      Add("telemetry.otlp", "telemetry.otlp has no endpoint", "it does not say where to send anything",
          "write endpoint: http://127.0.0.1:4318, or remove otlp");
    }
    return TakeProblems();
  }

 private:
  // The path of the item of a list of values that became number `index` of those that could be read.
  std::string ItemPath(const std::string& list, std::size_t index) const {
    for (std::size_t i = 0;; ++i) {
      const std::string path = list + "[" + std::to_string(i) + "]";
      if (places_.Has(path) && places_.Spoiled(path)) continue;
      if (index-- == 0) return path;
    }
  }

  void CheckListeners() {
    if (Sound({"auth", "open_anywhere", "listen"}) && s_.auth == Auth::kOpen && !s_.open_anywhere &&
        !s_.listen.IsLoopback()) {
      Add("auth", "auth is open and listen is " + s_.listen.Print(),
          "anyone who reaches that address could spend your money",
          "write auth: keys, or listen: 127.0.0.1:" + std::to_string(s_.listen.port) +
              ", or open_anywhere: true if that is what you want");
    }
    if (Sound({"admin.token", "admin.listen"}) && s_.admin.token.empty() && !s_.admin.listen.IsLoopback()) {
      Add("admin.listen", "admin.listen is " + s_.admin.listen.Print() + " and there is no admin.token",
          "anyone who reaches that address could operate the gateway",
          "write token: \"${SLUICE_ADMIN_TOKEN}\" beside it, or listen: 127.0.0.1:" +
              std::to_string(s_.admin.listen.port));
    }
    if (Sound({"listen", "admin.listen"}) && s_.listen.port != 0 && s_.listen == s_.admin.listen) {
      Add("admin.listen", "admin.listen and listen are both " + s_.listen.Print(),
          "one address cannot serve applications and operators", "give one of them another port");
    }
    if (Sound({"tls"}) && s_.tls.cert.empty() != s_.tls.key.empty()) {
      const std::string missing = s_.tls.cert.empty() ? "cert" : "key";
      Add("tls", "tls has no " + missing, "a certificate and its private key come together",
          "write " + missing + ": ./" + missing + ".pem, or remove tls");
    }
  }

  // A quarter of a segment is kept for the rows of requests in flight when the disk is full.
  void CheckRoomForRows() {
    if (!Sound({"ledger.segment_size", "ledger.when_full", "http.requests_max"})) return;
    const std::uint64_t room = s_.ledger.segment_size / 4 / kRowRoom;
    if (s_.ledger.when_full != LedgerWhenFull::kRefuse || s_.http.requests_max <= room) return;
    const std::uint64_t wanted = (s_.http.requests_max * 4 * kRowRoom + base::MiB - 1) / base::MiB;
    const std::string fewer = "http.requests_max: " + std::to_string(room);
    Add(places_.Has("ledger.segment_size") ? "ledger.segment_size" : "http.requests_max",
        "http.requests_max is " + std::to_string(s_.http.requests_max) +
            ", and on a full disk a ledger.segment_size of " + PrintSize(s_.ledger.segment_size) +
            " has room for the rows of " + std::to_string(room),
        "the rows of the others would be lost",
        wanted <= kSegmentMiBMax ? "write segment_size: " + std::to_string(wanted) + "MiB, or " + fewer
                                 : "write " + fewer + ", or when_full: continue");
  }

  void CheckIssuer(const std::string& path, const OidcSettings& oidc) {
    if (Sound({"auth"}) && s_.auth == Auth::kOpen) {
      Add(path, path + " and auth: open", "nobody is asked for a key or a token", "write auth: keys");
    }
    if (Sound({path + ".audience"}) && oidc.audience.empty()) {
      Add(path, path + " has no audience", "tokens for any other service of the issuer would be accepted",
          "write audience: [sluice]");
    }
    const bool by_issuer = oidc.jwks_url.host.empty();
    if (!Sound({path + ".issuer", path + ".jwks_url"})) return;
    const auto url = by_issuer ? Url::Parse(oidc.issuer) : Parsed<Url>(oidc.jwks_url);
    if (!url) {
      Add(path + ".issuer", path + ".issuer is no URL, and there is no jwks_url",
          "nobody knows where its keys are", "write jwks_url: https://login.example.com/keys");
    } else if (!url->tls && !HostPort{url->host, 0}.IsLoopback()) {
      Add(path + (by_issuer ? ".issuer" : ".jwks_url"), path + " has its keys at " + url->Print(),
          "whoever is on the way could put in keys of his own", "write https");
    }
    const auto same = [&oidc](const OidcSettings& other) { return other.issuer == oidc.issuer; };
    if (std::count_if(s_.oidc.begin(), s_.oidc.end(), same) > 1) {
      Add(path + ".issuer", "oidc has " + oidc.issuer + " twice", "it would be unclear which one holds",
          "put all audiences into one of them");
    }
  }

  void CheckProvider(const std::string& path, const ProviderSettings& provider) {
    if (places_.Has(path + ".key") && places_.Has(path + ".keys")) {
      Add(path + ".keys", path + " has both key and keys", "it would be unclear which are used",
          "move the one under key into the list keys");
    } else if (Sound({path + ".key", path + ".keys", path + ".local", path + ".simulated"}) &&
               provider.keys.empty() && !provider.local && !provider.simulated) {
      Add(path, path + " has no key", "only a provider with local: true or simulated: true works without",
          "write key: \"${SOME_API_KEY}\"");
    }
    if (Sound({path + ".dialect"}) && provider.dialect == ApiDialect::kAnthropic &&
        provider.base_url.path.ends_with("/v1")) {
      Add(path + ".base_url", path + ".base_url ends in /v1",
          "its paths begin with /v1 themselves: it would be there twice",
          "leave /v1 out, as in https://api.anthropic.com");
    }
    for (std::size_t i = 1; i < provider.endpoints.size(); ++i) {
      const auto end = provider.endpoints.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::find(provider.endpoints.begin(), end, provider.endpoints[i]) == end) continue;
      Add(ItemPath(path + ".endpoints", i),
          path + ".endpoints has " + std::string(EndpointWord(provider.endpoints[i])) + " twice",
          "a provider has each API once", "remove one of them");
    }
    for (std::size_t i = 1; i < provider.keys.size(); ++i) {
      const auto end = provider.keys.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::find(provider.keys.begin(), end, provider.keys[i]) == end) continue;
      Add(ItemPath(path + ".keys", i), path + ".keys has the same key twice",
          "its limits would be counted twice", "remove one of them");
    }
  }

  void CheckPrice(const std::string& name, const PriceSettings& price) {
    const std::string path = "prices." + name;
    if (!Sound({path})) return;
    if (const auto model = ModelRef::Parse(name)) {
      CheckKnown(path, *model);
      CheckBilled(path, price.currency, model->provider);
    }
    bool any = false;
    for (std::size_t i = 0; i < price.amounts.size(); ++i) {
      if (!price.amounts[i]) continue;
      any = true;
      if (RatePerMillion(*price.amounts[i], price.per)) continue;
      const std::string meter(chat::Name(static_cast<chat::Meter>(i)));
      Add(path + "." + meter,
          path + "." + meter + " is " + base::PrintPico(*price.amounts[i]) + " per " +
              std::to_string(price.per),
          "a price must come out even in pico-units per 1000000 and be below 9 for each one",
          "write what 1000000 of it cost, without per");
    }
    if (!any) Add(path, path + " has no amount", "it prices nothing", "write for example input: 0.15");
  }

  // A price in a currency in which nothing is billed would stand there and never count.
  void CheckBilled(const std::string& path, base::Currency currency, const std::string& provider) {
    const auto billed = s_.providers.find(provider);
    if (billed == s_.providers.end() || billed->second.currency == currency) return;
    if (!Sound({"providers." + provider})) return;
    const std::string code(currency.code());
    const std::string other(billed->second.currency.code());
    Add(path + ".currency", path + " is in " + code,
        "the provider " + provider + " is billed in " + other + ", so that it would never count",
        "write currency: " + code + " under providers." + provider + ", or amounts in " + other +
            " with currency: " + other);
  }

  void CheckAlias(const std::string& path, const AliasSettings& alias) {
    CheckRungs(path + ".ladder", alias.ladder, {});
    CheckRungs(path + ".fallback", alias.fallback, alias.ladder);
    if (Sound({path + ".ladder", path + ".default"})) CheckDefault(path + ".default", alias);
  }

  // What a rung must have meant whose provider is not there; itself where nothing is near or needed.
  ModelRef Corrected(const ModelRef& rung) const {
    if (s_.providers.contains(rung.provider)) return rung;
    return {NearestProvider(rung.provider).value_or(rung.provider), rung.model};
  }

  // A provider that is not there has been told of where it stands: it is neither repeated as advice nor taken
  // for a difference.
  void CheckDefault(const std::string& path, const AliasSettings& alias) {
    const auto is_rung = [&](const ModelRef& rung) {
      return rung == alias.preferred || Corrected(rung) == alias.preferred;
    };
    if (std::any_of(alias.ladder.begin(), alias.ladder.end(), is_rung)) return;
    std::vector<std::string> rungs;
    for (const ModelRef& rung : alias.ladder) {
      if (const ModelRef meant = Corrected(rung); s_.providers.contains(meant.provider)) {
        rungs.push_back(meant.Print());
      }
    }
    const std::string instead =
        rungs.empty() ? "one of its rungs" : Nearest(alias.preferred.Print(), rungs).value_or(rungs.back());
    Add(path, path + " is " + Quote(alias.preferred.Print()), "it is not a rung of its ladder",
        "write " + instead);
  }

  void CheckRungs(const std::string& path, const std::vector<ModelRef>& rungs,
                  const std::vector<ModelRef>& before) {
    for (std::size_t i = 0; i < rungs.size(); ++i) {
      const std::string here = ItemPath(path, i);
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

bool Places::Spoiled(std::string_view path) const {
  const auto under = spoiled_.lower_bound(path);
  for (auto at = under; at != spoiled_.end() && at->starts_with(path); ++at) {
    if (at->size() == path.size() || (*at)[path.size()] == '.' || (*at)[path.size()] == '[') return true;
  }
  while (!path.empty()) {
    if (spoiled_.contains(path)) return true;
    const std::size_t cut = path.find_last_of(".[");
    path = path.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
  return false;
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
  std::vector<Problem> problems = Checker(settings, places).Run();
  for (Problem& problem : CheckBudgets(settings, places)) problems.push_back(std::move(problem));
  return problems;
}

}  // namespace config
