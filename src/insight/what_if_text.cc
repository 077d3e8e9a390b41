#include "insight/what_if_text.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "insight/period.h"
#include "insight/sheet.h"

namespace insight {
namespace {

base::Int128 In(const ByCurrency& sums, base::Currency currency) {
  const auto found = sums.find(currency);
  return found == sums.end() ? 0 : found->second;
}

struct Line {
  base::Currency currency;
  base::Int128 recorded = 0;
  base::Int128 supposed = 0;
};

std::vector<Line> LinesOf(const WhatIf& what_if) {
  std::set<base::Currency> currencies;
  for (const auto& [currency, pico] : what_if.recorded) currencies.insert(currency);
  for (const auto& [currency, pico] : what_if.supposed) currencies.insert(currency);
  std::vector<Line> lines;
  for (const base::Currency currency : currencies)
    lines.push_back({currency, In(what_if.recorded, currency), In(what_if.supposed, currency)});
  return lines;
}

// Everything in one currency; none where one has no rate.
std::optional<Line> Converted(const std::vector<Line>& lines, const Conversion& conversion) {
  Line sum{conversion.to()};
  for (const Line& line : lines) {
    const auto recorded = conversion.Convert(line.recorded, line.currency);
    const auto supposed = conversion.Convert(line.supposed, line.currency);
    if (!recorded || !supposed) return std::nullopt;
    sum.recorded += *recorded;
    sum.supposed += *supposed;
  }
  return sum;
}

void AddLine(base::JsonObject& object, const Line& line) {
  object.Add("currency", line.currency.code());
  object.Add("recorded", base::Print({line.recorded, line.currency}));
  object.Add("supposed", base::Print({line.supposed, line.currency}));
  object.Add("difference", base::Print({line.supposed - line.recorded, line.currency}));
}

void AddSums(base::JsonObject& object, std::string_view key, const ByCurrency& sums) {
  std::string list = "[";
  for (const auto& [currency, pico] : sums) {
    if (list.size() > 1) list += ',';
    base::AppendJsonString(list, base::Print({pico, currency}));
  }
  object.AddRaw(key, list + "]");
}

std::string Filters(const std::vector<store::LedgerFilter>& filters) {
  std::string text;
  for (const store::LedgerFilter& filter : filters) {
    text += (text.empty() ? "" : " and ") + store::Name(filter.dimension) + "=";
    for (const std::string& value : filter.any_of)
      text += (&value == filter.any_of.data() ? "" : "|") + value;
  }
  return text;
}

// As plain numbers, for programs.
std::vector<std::string> PlainCellsOf(const Line& line) {
  return {std::string(line.currency.code()), base::PrintPico(line.recorded), base::PrintPico(line.supposed),
          base::PrintPico(line.supposed - line.recorded)};
}

std::vector<std::string> CellsOf(const Line& line) {
  std::vector<std::string> cells = PlainCellsOf(line);
  if (line.supposed > line.recorded) cells.back().insert(0, "+");
  cells.push_back(PrintChange(line.recorded, line.supposed));
  return cells;
}

std::string Count(std::int64_t count, std::string_view noun = "request") {
  return Grouped(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string Notes(const WhatIf& what_if) {
  std::string text;
  const auto note = [&text](std::int64_t count, const std::string& sentence) {
    if (count > 0) text += Count(count) + " " + sentence + "\n";
  };
  const auto by_number = [](std::int64_t count, const char* one, const char* many) {
    return std::string(count == 1 ? one : many);
  };
  note(what_if.changed, "would have cost something else");
  note(what_if.moved, "would have gone to the other model, with the tokens that were recorded");
  note(what_if.hits, "would have been answered from a cache");
  note(what_if.kept,
       by_number(what_if.kept, "keeps its recorded price: the other prices do not list its model",
                 "keep their recorded price: the other prices do not list their model"));
  note(what_if.undated,
       by_number(what_if.undated, "has a price without a known beginning, which is taken to have held then",
                 "have prices without a known beginning, which are taken to have held then"));
  note(what_if.newly_priced,
       by_number(what_if.newly_priced,
                 "had no known price and is in no total; under the supposition it costs ",
                 "had no known price and are in no total; under the supposition they cost ") +
           Print(what_if.newly));
  return text;
}

std::string LeftOutText(const WhatIf& what_if) {
  if (what_if.left_out.empty()) return {};
  LeftOut all;
  for (const auto& [reason, left_out] : what_if.left_out) {
    all.requests += left_out.requests;
    for (const auto& [currency, pico] : left_out.recorded) all.recorded[currency] += pico;
  }
  const bool single = all.requests == 1;
  std::string text =
      Count(all.requests) + " cannot be priced again and " + (single ? "is" : "are") + " in neither total";
  if (!all.recorded.empty()) text += (single ? " (it cost " : " (they cost ") + Print(all.recorded) + ")";
  text += ":\n";
  std::vector<std::pair<std::string, LeftOut>> reasons(what_if.left_out.begin(), what_if.left_out.end());
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.second.requests > b.second.requests; });
  for (const auto& [reason, left_out] : reasons)
    text += "  " + Grouped(left_out.requests) + ": " + reason + "\n";
  return text;
}

}  // namespace

std::string Describe(const Supposition& s, const std::string& prices, const base::TimeZone& zone) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  if (s.other_prices) add("the prices of " + (prices == "catalogue" ? "the catalogue" : prices));
  if (s.prices_of) add("the prices in force at " + PrintLocal(*s.prices_of, zone));
  if (s.off_peak) add("off-peak at every hour");
  if (s.no_provider_cache) add("no prompt cache at the provider");
  if (s.cache_hits.basis_points > 0)
    add(config::Print(s.cache_hits) + " of the requests answered from a cache");
  if (s.move) {
    const std::string filters = Filters(s.move->filters);
    add(config::Print(s.move->share) + " of the requests" + (filters.empty() ? "" : " with " + filters) +
        " to " + s.move->to.Print());
  }
  return text.empty() ? "nothing: every request is priced again as it was" : text;
}

std::string WhatIfJson(const WhatIf& what_if, const std::string& supposition,
                       const std::optional<Conversion>& conversion) {
  base::JsonObject object;
  object.Add("supposition", supposition).Add("requests", what_if.requests);
  object.Add("priced_again", what_if.priced_again).OpenArray("total");
  const std::vector<Line> lines = LinesOf(what_if);
  for (const Line& line : lines) {
    object.OpenElement();
    AddLine(object, line);
    object.Close();
  }
  object.Close();
  if (conversion) {
    const auto sum = Converted(lines, *conversion);
    object.OpenObject("converted").Add("rates", conversion->Print());
    if (sum) AddLine(object, *sum);
    object.Close();
  }
  object.Add("changed", what_if.changed).Add("moved", what_if.moved).Add("hits", what_if.hits);
  object.Add("kept", what_if.kept).Add("undated", what_if.undated);
  object.Add("newly_priced", what_if.newly_priced);
  AddSums(object, "newly", what_if.newly);
  object.OpenArray("left_out");
  for (const auto& [reason, left_out] : what_if.left_out) {
    object.OpenElement().Add("reason", reason).Add("requests", left_out.requests);
    AddSums(object, "recorded", left_out.recorded);
    object.Close();
  }
  return object.Close().Take();
}

std::string WhatIfText(const WhatIf& what_if, const std::string& supposition,
                       const std::optional<Conversion>& conversion) {
  std::string text = "supposed: " + supposition + "\n" + Count(what_if.priced_again) + " priced again\n\n";
  Sheet sheet;
  sheet.header = {"currency", "recorded", "supposed", "difference", "change"};
  sheet.right = {1, 2, 3, 4};
  const std::vector<Line> lines = LinesOf(what_if);
  for (const Line& line : lines) sheet.rows.push_back(CellsOf(line));
  if (conversion) {
    if (const auto sum = Converted(lines, *conversion)) {
      sheet.rows.push_back(CellsOf(*sum));
      sheet.rows.back()[0] = "all in " + sheet.rows.back()[0];
    }
  }
  text += Print(sheet) + "\n";
  if (conversion) {
    text += Converted(lines, *conversion) ? "converted with " : "not all of it can be converted with ";
    text += conversion->Print() + "\n";
  }
  return text + WhatIfNotes(what_if);
}

std::string WhatIfCsv(const WhatIf& what_if, const std::optional<Conversion>& conversion) {
  Sheet sheet;
  sheet.header = {"currency", "recorded", "supposed", "difference"};
  if (conversion) {
    sheet.header.insert(sheet.header.end(), {"converted_recorded", "converted_supposed",
                                             "converted_difference", "converted_currency"});
  }
  for (const Line& line : LinesOf(what_if)) {
    std::vector<std::string> cells = PlainCellsOf(line);
    if (conversion) {
      const auto seen = Converted({line}, *conversion);
      const std::vector<std::string> converted = seen ? PlainCellsOf(*seen) : std::vector<std::string>(4);
      cells.insert(cells.end(), converted.begin() + 1, converted.end());
      cells.push_back(converted.front());  // its currency
    }
    sheet.rows.push_back(std::move(cells));
  }
  return PrintCsv(sheet);
}

std::string WhatIfNotes(const WhatIf& what_if) {
  return Notes(what_if) + LeftOutText(what_if);
}

}  // namespace insight
