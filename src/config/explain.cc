#include "config/explain.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "config/explain_internal.h"
#include "config/restart.h"

namespace config {
namespace {

constexpr std::size_t kNamesShown = 8;

std::string Join(const std::vector<ModelRef>& refs, std::string_view between) {
  std::string out;
  for (const ModelRef& ref : refs) {
    if (!out.empty()) out += between;
    out += ref.Print();
  }
  return out;
}

// The first few of many names.
std::string Some(const std::vector<std::string>& names) {
  std::string out;
  const std::size_t shown = std::min(names.size(), kNamesShown);
  for (std::size_t i = 0; i < shown; ++i) out += (i > 0 ? ", " : "") + names[i];
  if (shown < names.size()) out += " and " + std::to_string(names.size() - shown) + " more";
  return out;
}

void ExplainListeners(Page& page, const Settings& s) {
  page.Add("Applications connect to " + s.listen.Print() + (s.tls.cert.empty() ? "." : " with TLS."));
  if (s.auth == Auth::kKeys) {
    page.Add("  Each request needs a key (sluice keys create makes one)" +
             std::string(s.oidc.empty() ? "." : " or a token of an issuer:"));
    for (const OidcSettings& oidc : s.oidc) {
      page.Add("    " + oidc.issuer + ", whose claim " + oidc.claims.team + " is the team.");
    }
  } else if (s.listen.IsLoopback()) {
    page.Add("  Requests need no key; only this machine can connect.");
  } else {
    page.Add("  Requests need no key: anyone who reaches that address can spend your money.");
  }
  page.Add("  At most " + Plural(s.http.connections_max, "connection") + " and " +
           Plural(s.http.requests_max, "request") + " at once; one request more is answered 503.");
  page.Add("  A request has at most " + PrintSize(s.http.header_max) + " of header and " +
           PrintSize(s.http.body_max) + " of body; its answer, if not a stream, at most " +
           PrintSize(s.answer_max) + ".");
  page.Add("Operators connect to " + s.admin.listen.Print() +
           (s.admin.token.empty() ? " without a token; only this machine can." : " with the admin token."));
  page.Add("It keeps its data in " + s.data + " and runs " +
           (s.threads == 0 ? "one event loop per core." : Plural(s.threads, "event loop") + "."));
  page.Add("On TERM it takes no new request and gives streams " + Print(s.drain_timeout) + " to end.");
  const std::vector<std::string> kept = RestartSettings();
  std::string list;
  for (const std::string& name : kept) list += (list.empty() ? "" : ", ") + name;
  page.Add(
      "On HUP it reads this file again and puts it in force, or refuses it as a whole. These need a "
      "restart:");
  page.Add("  " + list + ".");
}

void ExplainRetry(Page& page, const RetrySettings& retry) {
  if (retry.attempts_max == 1) {
    page.Add("A failed call is never made again.");
    return;
  }
  page.Add("A failed request goes on to the next candidate and the next key, " +
           Plural(retry.attempts_max, "call") + " at most, while retries stay under " + Print(retry.budget) +
           " of a provider's calls per minute (" + std::to_string(retry.budget_min) +
           " are always allowed); a retry-after of up to " + Print(retry.after_max) + " is waited for.");
}

void ExplainProvider(Page& page, const std::string& name, const ProviderSettings& p) {
  const std::string kind = p.simulated ? " (simulated)" : p.local ? " (own hardware)" : "";
  const std::string dialect(Name(p.dialect));
  page.Add("Provider " + name + kind + " speaks " + dialect + " at " + p.base_url.Print() + " with " +
           (p.keys.empty() ? "no key." : Plural(p.keys.size(), "key") + "."));
  page.Add("  It takes " + PrintEndpoints(p) + " requests.");
  if (!p.base_url.tls && !p.keys.empty() && !HostPort{p.base_url.host, 0}.IsLoopback()) {
    page.Add("  Warning: http sends its keys and all prompts unencrypted.");
  }
  if (p.dialect == ApiDialect::kOpenAi && FlavourOf(p) == chat::Flavour::kOpenai && p.base_url.path.empty() &&
      p.base_url.host == DefaultBaseUrl(p.dialect).host) {
    page.Add("  Warning: its API begins with /v1; write base_url: " + DefaultBaseUrl(p.dialect).Print() +
             ".");
  }
  const std::string each = p.keys.size() > 1 ? " per key" : "";
  const std::string waits = p.queue_max == 0
                                ? "one more is answered 429."
                                : "up to " + std::to_string(p.queue_max) + " more wait " +
                                      Print(p.queue_timeout) + " in line, then are answered 429.";
  page.Add("  At most " + Plural(p.in_flight_max, "call") + " in flight" + each + "; " + waits);
  page.Add("  A call may take " + Print(p.timeout.connect) + " to connect, " + Print(p.timeout.first_byte) +
           " until its first byte, " + Print(p.timeout.idle) + " between two pieces, " +
           Print(p.timeout.total) + " in all.");
}

void ExplainTranslation(Page& page, const Settings& settings) {
  const std::string unsayable = settings.translation.unsayable == Unsayable::kRefuse
                                    ? "it is refused with the field's name."
                                    : "the field is left out and named in x-sluice-dropped.";
  page.Add(
      "A request in a dialect that the provider does not speak is translated; where it says what cannot be "
      "said there, " +
      unsayable);
}

void ExplainAlias(Page& page, const std::string& name, const AliasSettings& alias) {
  page.Add("Model " + name + " is answered by " + alias.preferred.Print() + ".");
  const auto chosen = std::find(alias.ladder.begin(), alias.ladder.end(), alias.preferred);
  CHECK(chosen != alias.ladder.end());                                  // as it was checked
  std::vector<ModelRef> others(std::next(chosen), alias.ladder.end());  // the stronger ones first
  others.insert(others.end(), std::make_reverse_iterator(chosen), alias.ladder.rend());
  page.Add("  Its ladder, weakest first: " + Join(alias.ladder, ", ") + ".");
  if (!others.empty()) page.Add("  If that fails, other rungs: " + Join(others, ", then ") + ".");
  if (!alias.fallback.empty())
    page.Add("  If the whole ladder fails: " + Join(alias.fallback, ", then ") + ".");
}

// What happens with names that are not under `models`.
void ExplainNames(Page& page, const Settings& s) {
  if (!s.models.empty()) {
    page.Add(
        "Any other model is asked for as provider/model. A bare name that is not among these is answered "
        "404.");
    return;
  }
  page.Add(
      "No model has a name of its own: applications ask for provider/model, or for a model by its bare "
      "name.");
  std::vector<std::string> asked;
  for (const auto& [name, provider] : s.providers) {
    if (provider.models.empty()) {
      asked.push_back(name);
    } else {
      page.Add("  Of " + name + " these are known by their bare names: " + Some(provider.models) + ".");
    }
  }
  if (!asked.empty()) {
    page.Add("  What " + Some(asked) + (asked.size() == 1 ? " has" : " have") +
             " is asked of the provider itself when a bare name first comes, and kept for a while.");
  }
  page.Add(
      "  A bare name that nobody has is answered 404 with the nearest names. Only while a provider does not "
      "list its models, a name of its family (gpt-..., claude-..., deepseek-...) goes to it all the same.");
}

void ExplainTelemetry(Page& page, const TelemetrySettings& telemetry) {
  if (telemetry.log == "off") {
    page.Add("No log is written.");
  } else {
    page.Add("The log goes to " + telemetry.log + "; it never holds prompts, answers or keys.");
  }
  const OtlpSettings& otlp = telemetry.otlp;
  if (otlp.endpoint.host.empty()) return;
  page.Add("Traces of " + Print(otlp.sample) + " of the requests go to " + otlp.endpoint.Print() +
           (otlp.headers.empty() ? "." : " with " + Plural(otlp.headers.size(), "header") + "."));
}

}  // namespace

std::string Explain(const Settings& settings) {
  Page page;
  ExplainListeners(page, settings);
  ExplainRetry(page, settings.retry);
  for (const auto& [name, provider] : settings.providers) ExplainProvider(page, name, provider);
  ExplainTranslation(page, settings);
  for (const auto& [name, alias] : settings.models) ExplainAlias(page, name, alias);
  ExplainNames(page, settings);
  ExplainBudgets(page, settings);
  ExplainTelemetry(page, settings.telemetry);
  return page.Take();
}

}  // namespace config
