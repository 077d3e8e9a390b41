#include "insight/explain.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "insight/amounts.h"
#include "insight/period.h"
#include "pricing/version_text.h"

namespace insight {
namespace {

using chat::Meter;

// `untold`: of the call nobody knows what it used.
Reckoning ReckonOne(std::string model, const chat::Usage& usage, const store::LedgerPrice& price, bool untold,
                    const FindDefinition& find) {
  Reckoning one;
  one.model = std::move(model);
  one.usage = usage;
  one.recorded = price;
  if (price.version.empty()) {
    if (!usage.CountsNothing()) one.why_not = "no price was recorded";
    return one;
  }
  if (price.unknown()) {
    one.why_not = untold ? "what it used is not known: it timed out or was lost"
                         : "no price was known when it was recorded";
    return one;
  }
  if (price.stated()) {
    one.why_not = "its cost was stated, and nothing is known of its tokens";
    return one;
  }
  const std::string text = find(price.version);
  if (text.empty()) {
    one.why_not = "the ledger does not say what the price version " + std::string(price.version) + " is";
    return one;
  }
  auto version = pricing::ReadVersion(text);
  if (!version) {
    one.why_not = "the ledger's definition of the price version cannot be read: " + version.error().detail;
    return one;
  }
  one.version = std::move(*version);
  one.terms = pricing::TermsOf(one.version->rates, usage);
  one.again = pricing::Total(one.terms);
  if (!one.again) one.why_not = "the price does not say what " + Words(*one.terms.unpriced) + " costs";
  return one;
}

// The clock by which a price's hours are told, or `otherwise` where it has none.
base::TimeZone ZoneOf(const pricing::PriceVersion& version, const base::TimeZone& otherwise) {
  const std::string_view hours = version.hours;
  for (std::size_t at = 0; at < hours.size();) {
    const std::size_t end = std::min(hours.find(' ', at), hours.size());
    const std::string_view word = hours.substr(at, end - at);
    const bool names_zone = word.starts_with('+') || word.find('/') != std::string_view::npos ||
                            word == "UTC" || (word.starts_with('-') && word.size() == 6);
    if (const auto zone =
            names_zone ? base::TimeZone::Find(word) : base::Result<base::TimeZone>(base::TimeZone());
        names_zone && zone) {
      return *zone;
    }
    at = end + 1;
  }
  return otherwise;
}

// The instant that decided about the price of `one`.
base::WallTime Decisive(const store::LedgerRow& row, const Reckoning& one) {
  const bool at_completion = one.version->billed_at == pricing::BilledAt::kCompletion;
  if (one.call) return at_completion ? one.call->completed : one.call->dispatched;
  return at_completion ? row.completed : row.dispatched.value_or(row.started);
}

// "2026-11-23 09:12"
std::string ToTheMinute(base::WallTime at, const base::TimeZone& zone) {
  return PrintLocal(std::chrono::floor<std::chrono::minutes>(at), zone).substr(0, 16);
}

// "peak, 2026-11-23 09:12 Beijing, version 2026-09-10-peak-5c1e9a77".
std::string Circumstance(const store::LedgerRow& row, const Reckoning& one, const base::TimeZone& zone) {
  const pricing::PriceVersion& version = *one.version;
  std::string text = version.phase.empty() ? "" : version.phase + ", ";
  const base::TimeZone its_zone = ZoneOf(version, zone);
  text += ToTheMinute(Decisive(row, one), its_zone) + " ";
  text += version.place.empty() ? its_zone.name() : version.place;
  return text + ", version " + version.id;
}

std::string TermLines(const store::LedgerRow& row, const Reckoning& one, const base::TimeZone& zone) {
  std::size_t width = 0;
  for (const pricing::Term& term : one.terms) width = std::max(width, Grouped(term.count).size());
  std::string text;
  const std::string currency(one.version->currency.code());
  for (const pricing::Term& term : one.terms) {
    const std::string count = Grouped(term.count);
    text += "  " + std::string(width - count.size(), ' ') + count + " " + Words(term.meter) + " x " +
            base::PrintPico(term.rate) + " " + currency + " per 1M (";
    if (term.priced_as != term.meter) text += "as " + Words(term.priced_as) + ", ";
    text += Circumstance(row, one, zone) + ") = " + PrintMillionths(term.numerator) + " " + currency + "\n";
  }
  return text;
}

std::string PriceLines(const Reckoning& one) {
  const pricing::PriceVersion& version = *one.version;
  std::string text = "  the price of " + version.provider + "/" + version.model;
  if (version.valid_from) text += " since " + base::PrintTime(*version.valid_from);
  if (version.valid_until) text += " until " + base::PrintTime(*version.valid_until);
  if (!version.hours.empty()) text += ", at " + version.hours;
  if (version.context_over > 0)
    text += ", for more than " + Grouped(version.context_over) + " tokens of input";
  text += ", decided by the " + std::string(pricing::Name(version.billed_at)) + " of a call; from ";
  text +=
      version.origin == "catalogue" || version.origin == "config" ? "the " + version.origin : version.origin;
  if (!version.source.empty()) text += " (" + version.source;
  if (!version.source.empty() && !version.checked_on.empty()) text += ", checked " + version.checked_on;
  return text + (version.source.empty() ? "\n" : ")\n");
}

std::string Verdict(const Reckoning& one) {
  if (!one.again) return one.why_not.empty() ? "" : "  cannot be priced again: " + one.why_not + "\n";
  if (one.confirmed()) return "  priced again from this definition: the same to the last digit\n";
  const std::string again = base::Print({*one.again, one.version->currency});
  if (!one.recorded.cost)
    return "  priced again from this definition: " + again + ", but no cost was recorded\n";
  return "  priced again from this definition: " + again + ", NOT the " +
         base::Print({*one.recorded.cost, one.recorded.currency}) + " that were recorded\n";
}

// What was used where nobody knows the price of it.
std::string UsageLines(const chat::Usage& usage) {
  std::string text;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const auto meter = static_cast<Meter>(i);
    if (usage[meter] != 0) text += "  " + Grouped(usage[meter]) + " " + Words(meter) + " x unknown\n";
  }
  return text;
}

// `whose` stands before "cost".
std::string ReckoningText(const store::LedgerRow& row, const Reckoning& one, const base::TimeZone& zone,
                          const std::string& whose) {
  std::string text = one.failed ? "the attempt at " + one.model + " that failed used:\n" : "";
  text += one.version ? TermLines(row, one, zone) : UsageLines(one.usage);
  if (one.version && one.terms.size == 0) text += "  nothing was used\n";
  if (one.recorded.unknown()) {
    text += "  " + whose + "cost unknown";
    if (!one.recorded.held.currency.none())
      text += "; budgets count " + base::Print(one.recorded.held) + " for it, as it was reserved";
    text += "\n";
  } else if (one.recorded.cost) {
    text += "  " + whose + "cost " + base::Print({*one.recorded.cost, one.recorded.currency}) + "\n";
  }
  if (one.version) text += PriceLines(one);
  return text + Verdict(one);
}

// What the answer and the failed attempts come to together; nothing where none of these used something.
std::string TotalText(const std::vector<Reckoning>& reckonings) {
  ByCurrency all;
  ByCurrency failed;
  std::int64_t failures = 0;
  bool unknown = false;
  for (const Reckoning& one : reckonings) {
    failures += one.failed ? 1 : 0;
    unknown = unknown || one.recorded.unknown();
    if (one.recorded.cost.value_or(0) == 0) continue;
    all[one.recorded.currency] += *one.recorded.cost;
    if (one.failed) failed[one.recorded.currency] += *one.recorded.cost;
  }
  if (failures == 0) return {};
  const std::string attempts =
      failures == 1 ? "the attempt that failed" : "the " + Grouped(failures) + " attempts that failed";
  if (unknown) return "the request cost unknown; what is known of it is " + Print(all) + "\n";
  return "the request cost " + Print(all) + " in all, of it " + Print(failed) + " for " + attempts + "\n";
}

std::string Introduction(const store::LedgerRow& row, const base::TimeZone& zone) {
  std::string text = "request " + std::string(row.request_id) + "\n";
  const auto add = [&text](std::string_view name, std::string_view value) {
    if (!value.empty()) text.append(", ").append(name).append(" ").append(value);
  };
  text += "  asked " + PrintLocal(row.started, zone);
  add("team", row.team);
  add("project", row.project);
  add("key", row.key_id);
  add("user", row.user);
  text += "\n  for " + std::string(row.asked_model.empty() ? "no model" : row.asked_model);
  if (row.provider.empty()) {
    text += ", which nobody answered";
  } else {
    text.append(", answered by ").append(row.provider).append("/").append(row.model);
    if (!row.response_model.empty() && row.response_model != row.model)
      text.append(" (which calls itself ").append(row.response_model).append(")");
  }
  text.append(", rung ").append(chat::Name(row.rung));
  if (!row.reason.empty()) text.append(": ").append(row.reason);
  text += "\n  status " + std::to_string(row.status);
  if (row.stream) text += ", a stream";
  if (row.price.stated()) {
    text += ", lost when its gateway was killed";
  } else if (row.aborted) {
    text += ", the client hung up";
  }
  text.append(", usage: ").append(chat::Name(row.usage_source));
  if (row.usage.inconsistent) text += " (the provider's numbers contradict each other)";
  return text + "\n\n";
}

void AddTerms(base::JsonObject& object, const Reckoning& one) {
  for (const pricing::Term& term : one.terms) {
    const std::string currency(one.version->currency.code());
    object.OpenElement().Add("meter", chat::Name(term.meter)).Add("priced_as", chat::Name(term.priced_as));
    object.Add("count", term.count).Add("rate", base::PrintPico(term.rate) + " " + currency);
    object.Add("per", pricing::kRatePer).Add("amount", PrintMillionths(term.numerator) + " " + currency);
    object.Add("price_version", one.version->id).Add("model", one.model).Add("failed", one.failed).Close();
  }
}

}  // namespace

KeptRow::KeptRow(const store::LedgerRow& row)
    : bytes_(std::make_unique<std::array<char, store::kRowBytesMax>>()) {
  const std::size_t size = store::EncodeRow(row, *bytes_);
  CHECK(decoded_.Decode({bytes_->data(), size}));
}

std::vector<Reckoning> Reckon(const store::LedgerRow& row, const FindDefinition& find) {
  std::vector<Reckoning> all;
  std::string model;
  if (!row.provider.empty()) model.append(row.provider).append("/").append(row.model);
  all.push_back(ReckonOne(std::move(model), row.usage, row.price, row.untold(), find));
  for (const store::LedgerAttempt& attempt : row.attempts) {
    if (!attempt.usage) continue;
    all.push_back(
        ReckonOne(std::string(attempt.model), *attempt.usage, attempt.price, attempt.untold(), find));
    all.back().failed = true;
    all.back().call = attempt.call;
  }
  return all;
}

std::optional<bool> Confirmed(const std::vector<Reckoning>& reckonings) {
  std::optional<bool> confirmed = true;
  for (const Reckoning& one : reckonings) {
    if (one.has_price() && !one.confirmed()) return false;
    if (one.recorded.unknown() || one.recorded.stated()) confirmed = std::nullopt;
  }
  return confirmed;
}

std::string ExplainText(const store::LedgerRow& row, const std::vector<Reckoning>& reckonings,
                        const base::TimeZone& zone) {
  std::string text = Introduction(row, zone);
  for (const Reckoning& one : reckonings) {
    const std::string whose = one.failed ? "this attempt " : reckonings.size() > 1 ? "the answer " : "";
    text += ReckoningText(row, one, zone, whose);
  }
  text += TotalText(reckonings);
  if (row.saved) {
    text += "  saved " + base::Print({*row.saved, row.price.currency}) +
            " against the strongest rung at that instant\n";
  }
  return text;
}

std::string ExplainJson(std::string row_json, const std::vector<Reckoning>& reckonings) {
  base::JsonObject object;
  object.OpenArray("terms");
  for (const Reckoning& one : reckonings) {
    if (one.version) AddTerms(object, one);
  }
  object.Close().OpenArray("reckonings");
  for (const Reckoning& one : reckonings) {
    object.OpenElement().Add("model", one.model).Add("failed", one.failed);
    const base::Currency currency = one.version ? one.version->currency : base::Currency();
    one.again ? object.Add("priced_again", base::Print({*one.again, currency}))
              : object.AddNull("priced_again");
    one.why_not.empty() ? object.AddNull("why_not") : object.Add("why_not", one.why_not);
    one.has_price() ? object.Add("confirmed", one.confirmed()) : object.AddNull("confirmed");
    one.version ? object.AddRaw("price", pricing::WriteVersion(*one.version)) : object.AddNull("price");
    object.Close();
  }
  object.Close();
  const std::optional<bool> confirmed = Confirmed(reckonings);
  confirmed ? object.Add("confirmed", *confirmed) : object.AddNull("confirmed");
  CHECK(row_json.ends_with('}'));
  row_json.pop_back();
  return row_json + "," + std::string(object.Finish().substr(1));
}

Sheet ExplainCsv(const std::vector<Reckoning>& reckonings) {
  Sheet sheet;
  sheet.header = {"model", "failed", "meter",  "priced_as", "count",
                  "rate",  "per",    "amount", "currency",  "price_version"};
  for (const Reckoning& one : reckonings) {
    const std::string failed = one.failed ? "true" : "false";
    const std::string version(one.recorded.version);
    for (const pricing::Term& term : one.terms) {
      sheet.rows.push_back(
          {one.model, failed, std::string(chat::Name(term.meter)), std::string(chat::Name(term.priced_as)),
           std::to_string(term.count), base::PrintPico(term.rate), std::to_string(pricing::kRatePer),
           PrintMillionths(term.numerator), std::string(one.version->currency.code()), version});
    }
    for (std::size_t i = 0; i < chat::kMeters && !one.version; ++i) {
      const auto meter = static_cast<Meter>(i);
      if (one.usage[meter] == 0) continue;
      sheet.rows.push_back({one.model, failed, std::string(chat::Name(meter)), "",
                            std::to_string(one.usage[meter]), "", "", "", "", version});
    }
  }
  return sheet;
}

}  // namespace insight
