#include "apps/price_print.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "base/json_text.h"
#include "base/time_text.h"

namespace apps {
namespace {

constexpr std::size_t kLeftOutEachMax = 20;     // of an import, that are told one by one
constexpr std::size_t kLeftOutReasonsMax = 60;  // else

using chat::Meter;
using pricing::PriceVersion;

std::string Time(const std::optional<base::WallTime>& time) {
  return time ? base::PrintTime(*time) : std::string();
}

// The end of a price, or of the holidays that it depends on.
std::string UntilOf(const PrintedPrice& price) {
  const auto& until = price.version->valid_until;
  if (!price.known_until || (until && *until < *price.known_until)) return Time(until);
  return Time(price.known_until);
}

std::string RateOf(const PriceVersion* version, std::size_t meter) {
  const auto rate = version == nullptr ? std::nullopt : version->rates.per_million[meter];
  return rate ? base::PrintPico(*rate) : std::string();
}

std::string_view NameOf(std::size_t meter) {
  return chat::Name(static_cast<Meter>(meter));
}

std::string ToJson(const PrintedPrice& price) {
  const PriceVersion* version = price.version;
  base::JsonObject object;
  const auto text = [&object](std::string_view name, std::string_view value) {
    value.empty() ? object.AddNull(name) : object.Add(name, value);
  };
  object.Add("model", price.model);
  text("currency", price.currency.code());
  object.Add("per", pricing::kRatePer);
  object.Add("price_version", version == nullptr ? pricing::kUnknownVersion : std::string_view(version->id));
  text("phase", version == nullptr ? "" : version->phase);
  text("valid_from", version == nullptr ? "" : Time(version->valid_from));
  text("valid_until", version == nullptr ? "" : UntilOf(price));
  for (std::size_t i = 0; i < chat::kMeters; ++i) text(NameOf(i), RateOf(version, i));
  if (version == nullptr) {
    object.Add("why", price.why_unknown);
    return object.Take();
  }
  const std::string priced_as = version->provider + "/" + version->model;
  text("priced_as", priced_as == price.model ? "" : priced_as);
  text("hours", version->hours);
  object.Add("billed_at", Name(version->billed_at));
  text("service_tier", version->service_tier);
  object.Add("batch", version->batch == pricing::Batch::kYes);
  object.Add("context_over", version->context_over);
  text("origin", version->origin);
  text("source", version->source);
  text("checked_on", version->checked_on);
  object.Add("confidence", Name(version->confidence));
  return object.Take();
}

void PrintJsonList(std::ostream& out, const std::vector<std::string>& items) {
  out << '[';
  for (std::size_t i = 0; i < items.size(); ++i) out << (i > 0 ? ",\n " : "") << items[i];
  out << "]\n";
}

void PrintJson(std::ostream& out, const std::vector<PrintedPrice>& prices) {
  std::vector<std::string> items;
  for (const PrintedPrice& price : prices) items.push_back(ToJson(price));
  PrintJsonList(out, items);
}

// For which calls a price is, beside its time: "flex, over 272000 tokens".
std::string CallsOf(const PriceVersion& version) {
  std::string calls = version.service_tier == pricing::kAnyTier ? std::string() : version.service_tier;
  const auto add = [&calls](const std::string& more) { calls += (calls.empty() ? "" : ", ") + more; };
  if (version.batch == pricing::Batch::kYes) add("batch");
  if (version.context_over > 0) add("over " + std::to_string(version.context_over) + " tokens");
  return calls;
}

// Columns of the meters in `shown`.
void PrintTable(std::ostream& out, const std::vector<PrintedPrice>& prices,
                const std::set<std::size_t>& shown, Format format) {
  std::vector<std::string> header = {"model", "currency", "per",        "price_version",
                                     "phase", "calls",    "valid_from", "valid_until"};
  for (const std::size_t meter : shown) header.emplace_back(NameOf(meter));
  Table table(header);
  for (const PrintedPrice& price : prices) {
    const PriceVersion* version = price.version;
    std::vector<std::string> row = {price.model, std::string(price.currency.code()),
                                    std::to_string(pricing::kRatePer)};
    if (version == nullptr) {
      row.insert(row.end(), {std::string(pricing::kUnknownVersion), "", "", "", ""});
    } else {
      row.insert(row.end(),
                 {version->id, version->phase, CallsOf(*version), Time(version->valid_from), UntilOf(price)});
    }
    for (const std::size_t meter : shown) row.push_back(RateOf(version, meter));
    table.Add(std::move(row));
  }
  table.Print(out, format);
}

std::set<std::size_t> MetersOf(const std::vector<PrintedPrice>& prices, Format format) {
  std::set<std::size_t> shown;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const bool any = std::any_of(prices.begin(), prices.end(), [i](const PrintedPrice& price) {
      return !RateOf(price.version, i).empty();
    });
    if (any || format == Format::kCsv) shown.insert(i);
  }
  return shown;
}

// Where the prices are from, each place once.
void PrintSources(std::ostream& out, const std::vector<PrintedPrice>& prices) {
  std::set<std::string> lines;
  for (const PrintedPrice& price : prices) {
    const PriceVersion* version = price.version;
    if (version == nullptr) continue;
    std::string line = version->provider + "/" + version->model;
    if (!version->phase.empty()) line += ", " + version->phase;
    if (!version->hours.empty()) line += " " + version->hours;
    line += ": " + version->origin + ", " + std::string(Name(version->confidence));
    if (!version->source.empty()) line += ", " + version->source;
    if (!version->checked_on.empty()) {
      line += version->valid_from ? " (" : " (without a known beginning; checked on ";
      line += version->checked_on + ")";
    }
    if (!version->phase.empty())
      line += "; the instant of " + std::string(Name(version->billed_at)) + " decides";
    lines.insert(std::move(line));
  }
  for (const std::string& line : lines) out << line << '\n';
}

// The rate at which a price counts a meter; none: it does not say.
std::optional<std::int64_t> CountedAt(const PriceVersion* version, Meter meter) {
  if (version == nullptr) return std::nullopt;
  const auto priced_as = pricing::PricedAs(version->rates, meter);
  return priced_as ? version->rates[*priced_as] : std::nullopt;
}

// "01-01..01-03 10-01", as a catalogue writes the days of a year.
std::string PrintDays(const std::vector<std::chrono::sys_days>& days) {
  const auto day_of = [](std::chrono::sys_days day) { return base::PrintTime(day).substr(5, 5); };
  std::string text;
  for (std::size_t i = 0; i < days.size(); ++i) {
    const std::size_t first = i;
    while (i + 1 < days.size() && days[i + 1] == days[i] + std::chrono::days(1)) ++i;
    text += (text.empty() ? "" : " ") + day_of(days[first]);
    if (i > first) text += ".." + day_of(days[i]);
  }
  return text.empty() ? "no holiday" : text;
}

std::string Counted(std::size_t count, std::string_view one) {
  return std::to_string(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

// "cn 2026 2027", one for each calendar.
std::vector<std::string> CalendarsOf(const pricing::Catalogue& catalogue) {
  std::vector<std::string> out;
  for (const auto& [id, calendar] : catalogue.calendars) {
    out.push_back(id);
    for (const auto& [year, days] : calendar.holidays) out.back() += " " + std::to_string(year);
  }
  return out;
}

std::string Joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string out;
  for (const std::string& text : texts) out.append(out.empty() ? "" : between).append(text);
  return out;
}

std::string JsonTexts(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    base::AppendJsonString(out, text);
  }
  return out + "]";
}

// What an import leaves out: each where there are few, else how often for which reason.
void PrintLeftOut(std::ostream& aside, const std::vector<std::string>& left_out) {
  if (left_out.empty()) return;
  aside << "left out, because it cannot be said here (" << left_out.size() << "):\n";
  if (left_out.size() <= kLeftOutEachMax) {
    for (const std::string& sentence : left_out) aside << "  " << sentence << '\n';
    return;
  }
  struct Reason {
    std::string_view why;
    std::string_view first;
    std::size_t count = 0;
  };
  std::map<std::string_view, Reason> by_why;
  for (const std::string_view sentence : left_out) {  // "provider/model: why"
    const std::size_t colon = std::min(sentence.find(": "), sentence.size());
    const std::string_view why = sentence.substr(std::min(colon + 2, sentence.size()));
    Reason& reason = by_why.try_emplace(why, Reason{why, sentence.substr(0, colon)}).first->second;
    ++reason.count;
  }
  std::vector<Reason> reasons;
  for (const auto& [unused, reason] : by_why) reasons.push_back(reason);
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const Reason& a, const Reason& b) { return a.count > b.count; });
  for (std::size_t i = 0; i < std::min(reasons.size(), kLeftOutReasonsMax); ++i) {
    const Reason& one = reasons[i];
    aside << "  " << one.first;
    if (one.count > 1) aside << " and " << one.count - 1 << (one.count > 2 ? " others" : " other");
    aside << ": " << one.why << '\n';
  }
  if (reasons.size() > kLeftOutReasonsMax)
    aside << "  and " << reasons.size() - kLeftOutReasonsMax << " reasons more\n";
  aside << "  --format json names every one\n";
}

}  // namespace

void PrintPrices(std::ostream& out, const std::vector<PrintedPrice>& prices, Format format) {
  if (format == Format::kJson) return PrintJson(out, prices);
  PrintTable(out, prices, MetersOf(prices, format), format);
  if (format == Format::kTable) PrintSources(out, prices);
}

void PrintPriceList(std::ostream& out, const std::vector<PrintedPrice>& prices, Format format) {
  if (format == Format::kJson) return PrintJson(out, prices);
  if (format == Format::kCsv) return PrintTable(out, prices, MetersOf(prices, format), format);
  Table table({"model", "currency", "phase", "cached_input", "input", "output", "price_version", "origin"});
  for (const PrintedPrice& price : prices) {
    const PriceVersion* version = price.version;
    const auto rate = [version](Meter meter) { return RateOf(version, static_cast<std::size_t>(meter)); };
    table.Add({price.model, std::string(price.currency.code()), version == nullptr ? "" : version->phase,
               rate(Meter::kCachedInput), rate(Meter::kInput), rate(Meter::kOutput),
               version == nullptr ? std::string(pricing::kUnknownVersion) : version->id,
               version == nullptr ? "" : version->origin});
  }
  table.Print(out, format);
}

void AddDifferences(const PrintedPrice& ours, const PrintedPrice& theirs, std::vector<Difference>& out) {
  if (theirs.version == nullptr) return;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const auto there = theirs.version->rates.per_million[i];
    if (!there) continue;
    const auto here = CountedAt(ours.version, static_cast<Meter>(i));
    if (here == there || (ours.version != nullptr && here.value_or(0) == *there)) continue;
    out.push_back({theirs.model, theirs.currency, std::string(NameOf(i)), here ? base::PrintPico(*here) : "",
                   base::PrintPico(*there)});
  }
}

std::vector<HolidayDifference> HolidayDifferences(const Calendars& ours, const Calendars& theirs) {
  std::vector<HolidayDifference> out;
  for (const auto& [id, calendar] : theirs) {
    const auto own = ours.find(id);
    for (const auto& [year, days] : calendar.holidays) {
      std::string here;
      if (own != ours.end() && own->second.Covers(std::chrono::year(year)))
        here = PrintDays(own->second.holidays.at(year));
      std::string there = PrintDays(days);
      if (here != there) out.push_back({id, year, std::move(here), std::move(there)});
    }
  }
  return out;
}

void PrintDifferences(std::ostream& out, const Differences& differences, Format format) {
  if (format == Format::kJson) {
    std::vector<std::string> items;
    for (const Difference& one : differences.prices) {
      base::JsonObject object;
      object.Add("model", one.model).Add("currency", one.currency.code()).Add("per", pricing::kRatePer);
      object.Add("meter", one.meter);
      one.ours.empty() ? object.AddNull("ours") : object.Add("ours", one.ours);
      one.theirs.empty() ? object.AddNull("theirs") : object.Add("theirs", one.theirs);
      items.push_back(object.Take());
    }
    for (const HolidayDifference& one : differences.holidays) {
      base::JsonObject object;
      object.Add("calendar", one.calendar).Add("year", one.year);
      one.ours.empty() ? object.AddNull("ours") : object.Add("ours", one.ours);
      object.Add("theirs", one.theirs);
      items.push_back(object.Take());
    }
    return PrintJsonList(out, items);
  }
  Table table({"model", "currency", "meter", "ours", "theirs"});
  for (const Difference& one : differences.prices) {
    table.Add({one.model, std::string(one.currency.code()), one.meter, one.ours, one.theirs});
  }
  for (const HolidayDifference& one : differences.holidays) {
    table.Add({"calendar " + one.calendar, "", std::to_string(one.year), one.ours, one.theirs});
  }
  table.Print(out, format);
}

void PrintImport(std::ostream& out, std::ostream& aside, const pricing::Import& import,
                 const std::string& name, bool overrides, Format format) {
  const std::vector<std::string> calendars = CalendarsOf(import.catalogue);
  std::size_t models = 0;
  for (const auto& provider : import.catalogue.providers) models += provider.models.size();
  if (format == Format::kJson) {
    base::JsonObject object;
    object.Add("name", name).Add("format", Name(import.format)).Add("override", overrides);
    object.Add("providers", static_cast<std::uint64_t>(import.catalogue.providers.size()));
    object.Add("models", static_cast<std::uint64_t>(models));
    object.Add("calendars", static_cast<std::uint64_t>(import.catalogue.calendars.size()));
    object.AddRaw("calendar_years", JsonTexts(calendars));
    object.AddRaw("left_out", JsonTexts(import.left_out));
    out << object.Take() << '\n';
    return;
  }
  if (format == Format::kCsv) {
    out << "name,format,override,providers,models,left_out,calendar_years\n"
        << name << ',' << Name(import.format) << ',' << (overrides ? "true" : "false") << ','
        << import.catalogue.providers.size() << ',' << models << ',' << import.left_out.size() << ','
        << Joined(calendars, "; ") << '\n';
  } else {
    out << name << " (" << Name(import.format) << ") "
        << (overrides ? "wins over the shipped catalogue: " : "fills in what the shipped catalogue lacks: ");
    if (models > 0 || calendars.empty())
      out << "the prices of " << Counted(models, "model") << " of "
          << Counted(import.catalogue.providers.size(), "provider") << (calendars.empty() ? "" : "; ");
    if (!calendars.empty()) out << "the holidays of " << Joined(calendars, ", of ");
    out << '\n';
  }
  PrintLeftOut(aside, import.left_out);
}

}  // namespace apps
