#include "insight/report.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/time_text.h"
#include "insight/period.h"

namespace insight {
namespace {

using chat::Meter;
using store::Bill;
using store::BillRow;
using store::Dimension;

bool IsTime(const store::DimensionRef& dimension) {
  return dimension.dimension == Dimension::kHour || dimension.dimension == Dimension::kDay ||
         dimension.dimension == Dimension::kWeek || dimension.dimension == Dimension::kMonth;
}

// Whether what the row says is only that nobody knows what it cost.
bool OnlyUnknown(const BillRow& row) {
  return row.currency.none() && row.sums.unknown_price_requests > 0;
}

std::optional<base::Int128> CostOf(const BillRow& row) {
  return OnlyUnknown(row) ? std::nullopt : std::optional(row.sums.cost);
}

std::optional<base::Int128> SavedOf(const BillRow& row) {
  return OnlyUnknown(row) ? std::nullopt : std::optional(row.sums.saved);
}

std::string RowJson(const BillRow& row, const ReportView& view) {
  std::string json = "{";
  for (std::size_t i = 0; i < row.values.size() && i < view.by.size(); ++i) {
    base::AppendJsonString(json, store::Name(view.by[i]));
    json += ':';
    if (row.values[i].empty()) {
      json += "null,";
    } else {
      base::AppendJsonString(json, row.values[i]);
      json += ',';
    }
  }
  base::JsonObject figures;
  figures.Add("requests", row.sums.requests);
  figures.AddRaw("cost", AmountJson(CostOf(row), row.currency));
  figures.AddRaw("saved", AmountJson(SavedOf(row), row.currency));
  if (!std::any_of(view.by.begin(), view.by.end(),
                   [](const auto& one) { return one.dimension == Dimension::kCurrency; })) {
    row.currency.none() ? figures.AddNull("currency") : figures.Add("currency", row.currency.code());
  }
  if (view.conversion) {
    const auto seen = OnlyUnknown(row) ? std::nullopt : view.conversion->Convert(row.sums.cost, row.currency);
    figures.AddRaw("converted_cost", AmountJson(seen, view.conversion->to()));
  }
  figures.AddRaw("usage", UsageJson(row.sums.usage));
  figures.Add("unknown_price_requests", row.sums.unknown_price_requests);
  figures.Add("counted_requests", row.sums.counted_requests);
  figures.Add("estimated_requests", row.sums.estimated_requests);
  figures.Add("unknown_saved_requests", row.sums.unknown_saved_requests);
  figures.Add("inconsistent_requests", row.sums.inconsistent_requests);
  const std::string_view text = figures.Finish();
  return json + std::string(text.substr(1));
}

// What people see where a row has no team, user or session.
std::string ValueText(const std::string& value) {
  return value.empty() ? "-" : value;
}

store::LedgerSums SumOf(const std::vector<BillRow>& rows) {
  store::LedgerSums sums;
  for (const BillRow& row : rows) sums += row.sums;
  return sums;
}

std::string Share(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return "0%";
  const auto tenths = static_cast<std::int64_t>(base::DivideRounded(base::Int128{part} * 1'000, whole));
  if (tenths == 0 && part > 0) return "less than 0.1%";
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

}  // namespace

std::string AmountJson(std::optional<base::Int128> pico, base::Currency currency) {
  return pico && !currency.none() ? "\"" + base::Print({*pico, currency}) + "\"" : "null";
}

std::string UsageJson(const chat::Usage& usage) {
  base::JsonObject object;
  for (std::size_t i = 0; i < chat::kTokenMeters; ++i)
    object.Add(chat::Name(static_cast<Meter>(i)), usage[static_cast<Meter>(i)]);
  object.OpenObject("units");
  for (std::size_t i = chat::kTokenMeters; i < chat::kMeters; ++i) {
    const auto meter = static_cast<Meter>(i);
    if (usage[meter] != 0) object.Add(chat::Name(meter), usage[meter]);
  }
  return object.Close().Take();
}

std::string TotalJson(const Bill& bill, const ReportView& view) {
  std::string json = "[";
  for (const BillRow& row : bill.total) {
    if (&row != bill.total.data()) json += ",";
    json += RowJson(row, {.by = {}, .conversion = view.conversion, .unpriced = {}});
  }
  return json + "]";
}

std::string ClosingJson(const Bill& bill, const ReportView& view) {
  std::string json = "\"total\":" + TotalJson(bill, view) +
                     ",\"unknown_price_requests\":" + std::to_string(bill.unknown_price_requests) +
                     ",\"unknown_price_models\":{";
  for (const UnpricedModel& one : view.unpriced) {
    if (&one != view.unpriced.data()) json += ',';
    base::AppendJsonString(json, one.model);
    json += ':' + std::to_string(one.requests);
  }
  json += "},\"missing_before\":";
  json += bill.missing_before ? '"' + base::PrintTime(*bill.missing_before) + '"' : "null";
  if (!view.conversion) return json;
  base::JsonObject rates;
  for (const auto& [from, rate] : view.conversion->rates())
    rates.Add(from.code(), base::Print({rate, view.conversion->to()}));
  json += ",\"converted\":{\"rates\":" + rates.Take() +
          ",\"cost\":" + AmountJson(ConvertedTotal(bill, *view.conversion), view.conversion->to()) + "}";
  return json;
}

std::string BillJson(const Bill& bill, const ReportView& view) {
  std::string json = "{\"rows\":[";
  for (const BillRow& row : bill.rows) {
    if (&row != bill.rows.data()) json += ",\n ";
    json += RowJson(row, view);
  }
  return json + "],\n" + ClosingJson(bill, view) + "}";
}

std::string BillJsonLines(const Bill& bill, const ReportView& view) {
  std::string lines;
  for (const BillRow& row : bill.rows) lines += RowJson(row, view) + "\n";
  return lines;
}

Sheet BillSheet(const Bill& bill, const ReportView& view) {
  std::vector<const BillRow*> rows;
  for (const BillRow& row : bill.rows) rows.push_back(&row);
  if (view.by.empty() || !IsTime(view.by.front())) {
    std::stable_sort(rows.begin(), rows.end(), [](const BillRow* a, const BillRow* b) {
      if (a->currency != b->currency) return a->currency < b->currency;
      return a->sums.cost > b->sums.cost;
    });
  }
  Sheet sheet;
  for (const auto& dimension : view.by) sheet.header.push_back(store::Name(dimension));
  const std::size_t first = sheet.header.size();
  for (const char* name : {"requests", "input", "cached", "output", "cost", "saved"})
    sheet.header.emplace_back(name);
  for (std::size_t i = 0; i < 6; ++i) sheet.right.push_back(first + i);
  sheet.header.emplace_back("currency");
  if (view.conversion) {
    sheet.right.push_back(sheet.header.size());
    sheet.header.push_back("in " + std::string(view.conversion->to().code()));
  }
  for (const BillRow* row : rows) {
    std::vector<std::string> cells;
    for (const std::string& value : row->values) cells.push_back(ValueText(value));
    const chat::Usage& usage = row->sums.usage;
    cells.push_back(Grouped(row->sums.requests));
    cells.push_back(Grouped(usage.TotalInput()));
    cells.push_back(Grouped(usage.cached_input));
    cells.push_back(Grouped(usage.TotalOutput()));
    const auto saved = SavedOf(*row);
    cells.push_back(CostOf(*row) ? base::PrintPico(*CostOf(*row)) : "unknown");
    cells.push_back(saved ? base::PrintPico(*saved) : "");
    cells.emplace_back(row->currency.none() ? "-" : row->currency.code());
    if (view.conversion) {
      const auto seen =
          OnlyUnknown(*row) ? std::nullopt : view.conversion->Convert(row->sums.cost, row->currency);
      cells.push_back(seen ? base::PrintPico(*seen) : "");
    }
    sheet.rows.push_back(std::move(cells));
  }
  return sheet;
}

Sheet BillCsv(const Bill& bill, const ReportView& view) {
  Sheet sheet;
  for (const auto& dimension : view.by) sheet.header.push_back(store::Name(dimension));
  const bool by_currency = std::any_of(view.by.begin(), view.by.end(),
                                       [](const auto& one) { return one.dimension == Dimension::kCurrency; });
  if (!by_currency) sheet.header.emplace_back("currency");
  for (const char* name : {"requests", "cost", "saved"}) sheet.header.emplace_back(name);
  if (view.conversion) sheet.header.insert(sheet.header.end(), {"converted_cost", "converted_currency"});
  for (std::size_t i = 0; i < chat::kMeters; ++i)
    sheet.header.emplace_back(chat::Name(static_cast<Meter>(i)));
  for (const char* name : {"unknown_price_requests", "counted_requests", "estimated_requests",
                           "unknown_saved_requests", "inconsistent_requests"})
    sheet.header.emplace_back(name);
  for (const BillRow& row : bill.rows) {
    std::vector<std::string> cells = row.values;
    if (!by_currency) cells.emplace_back(row.currency.code());
    cells.push_back(std::to_string(row.sums.requests));
    const auto plain = [](std::optional<base::Int128> pico) { return pico ? base::PrintPico(*pico) : ""; };
    cells.push_back(plain(CostOf(row)));
    cells.push_back(plain(SavedOf(row)));
    if (view.conversion) {
      const auto seen =
          OnlyUnknown(row) ? std::nullopt : view.conversion->Convert(row.sums.cost, row.currency);
      cells.push_back(plain(seen));
      cells.emplace_back(view.conversion->to().code());
    }
    for (std::size_t i = 0; i < chat::kMeters; ++i)
      cells.push_back(std::to_string(row.sums.usage[static_cast<Meter>(i)]));
    cells.push_back(std::to_string(row.sums.unknown_price_requests));
    cells.push_back(std::to_string(row.sums.counted_requests));
    cells.push_back(std::to_string(row.sums.estimated_requests));
    cells.push_back(std::to_string(row.sums.unknown_saved_requests));
    cells.push_back(std::to_string(row.sums.inconsistent_requests));
    sheet.rows.push_back(std::move(cells));
  }
  return sheet;
}

std::optional<base::Int128> ConvertedTotal(const Bill& bill, const Conversion& conversion) {
  base::Int128 sum = 0;
  for (const BillRow& row : bill.total) {
    if (row.currency.none()) continue;
    const auto seen = conversion.Convert(row.sums.cost, row.currency);
    if (!seen) return std::nullopt;
    sum += *seen;
  }
  return sum;
}

std::string MissingSentence(base::WallTime before, const base::TimeZone& zone) {
  return "requests that were started before " + PrintLocal(before, zone) +
         " are missing here: their rows were removed for their age (ledger.retention)";
}

std::string BillFooter(const Bill& bill, const ReportView& view) {
  const store::LedgerSums all = SumOf(bill.total);
  const std::string missing =
      bill.missing_before ? MissingSentence(*bill.missing_before, view.zone) + "\n" : std::string();
  if (all.requests == 0 && all == store::LedgerSums())
    return "no request is in the ledger for this\n" + missing;
  std::string text = Grouped(all.requests) + (all.requests == 1 ? " request" : " requests");
  bool priced = false;
  for (const BillRow& row : bill.total) {
    if (row.currency.none()) continue;
    text += (priced ? " and " : " cost ") + base::Print({row.sums.cost, row.currency});
    if (row.sums.saved != 0) text += " (saved " + base::Print({row.sums.saved, row.currency}) + ")";
    priced = true;
  }
  text += priced ? "\n" : " cost nothing that is known\n";
  if (view.conversion) {
    const auto seen = ConvertedTotal(bill, *view.conversion);
    text +=
        (seen ? "that is " + base::Print({*seen, view.conversion->to()}) + " at " + view.conversion->Print()
              : "not all of it can be converted: there is no rate for one of its currencies (given: " +
                    view.conversion->Print() + ")") +
        "\n";
  }
  if (bill.unknown_price_requests > 0) {
    text += Grouped(bill.unknown_price_requests) + " of them (" +
            Share(bill.unknown_price_requests, all.requests) + ") " +
            (bill.unknown_price_requests == 1 ? "has no known cost and is" : "have no known cost and are") +
            " in no total";
    for (const UnpricedModel& one : view.unpriced) {
      text += (&one == view.unpriced.data() ? ": " : ", ") + Grouped(one.requests) + " of " +
              (one.model.empty() ? "no model" : one.model);
    }
    text += '\n';
  }
  const auto ours = [&](std::int64_t requests, std::string_view how) {
    if (requests == 0) return;
    text += "of " + Grouped(requests) + " (" + Share(requests, all.requests) +
            ") the provider told no usage: " + (requests == 1 ? "its" : "their") + " tokens were " +
            std::string(how) + "\n";
  };
  ours(all.counted_requests, "counted here");
  ours(all.estimated_requests, "estimated");
  if (all.inconsistent_requests > 0) {
    text += "of " + Grouped(all.inconsistent_requests) + " (" +
            Share(all.inconsistent_requests, all.requests) +
            ") the provider's numbers contradict each other; sluice bill --row ID shows its own words\n";
  }
  if (all.unknown_saved_requests > 0) {
    text +=
        "of " + Grouped(all.unknown_saved_requests) + " (" + Share(all.unknown_saved_requests, all.requests) +
        ") it is not known what they saved, and nothing is counted: the price of their ladder's strongest "
        "model is unknown, or in another currency\n";
  }
  return text + missing;
}

}  // namespace insight
