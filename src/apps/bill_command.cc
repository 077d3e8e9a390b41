#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <utility>

#include "apps/balance_check.h"
#include "apps/commands.h"
#include "apps/ledger_view.h"
#include "base/clock.h"
#include "insight/dimensions.h"
#include "insight/explain.h"
#include "insight/focus.h"
#include "insight/report.h"
#include "insight/row_sheet.h"
#include "insight/unpriced.h"
#include "store/ledger.h"
#include "store/row_json.h"

namespace apps {
namespace {

using base::Result;
using store::Dimension;

constexpr std::string_view kHelp =
    R"(usage: sluice bill [--from T] [--to T] [--by team,model,...] [filters] [--format F]
       sluice bill --row ID [--format table|json|csv]
       sluice bill --check [--format table|json|csv]

What was spent and saved, from the ledger, exactly: one total for each currency, and what nobody knows the
price of is counted and named, never 0. It works while the gateway runs.

which requests (by when they were started)
  --from T, --to T       2026-11-01, 2026-11-23T09:00:00+08:00, today, yesterday, this-week, this-month,
                         last-month, or how long ago: 24h, 7d. From is inclusive, to is not; without them all
  --team T, --project P, --key ID, --user U, --org O, --model PROVIDER/MODEL, --asked NAME, --provider P,
  --rung R               only these; given again: any of the values
  --where NAME=A|B       the same for anything that --by knows: --where status=5xx --where tag:app=checkout

how they are summed up
  --by LIST              org team project key_id user session tag:NAME asked_model model provider rung
                         operation status stream currency price_version price_phase usage_source hour
                         day week month; request lists each one
  --timezone ZONE        whose hours and days these are: Asia/Shanghai, +08:00, UTC (the machine's own)
  --format table|json|csv|jsonl|focus
                         focus: the columns of FOCUS as CSV, a line for each request and kind of token, or
                         with --by hour their sums
  --convert "CNY=0.14 USD"
                         a view of all amounts in one currency at your rate; the ledger keeps its own

one request, and the provider's word for it
  --row ID               every term of its price, from the price's own definition in the ledger; exit code 1
                         if that does not give the recorded cost back
  --check                asks the providers that tell it (DeepSeek) what is left on the account, and compares
                         with the last readings and the ledger; exit code 1 if what was taken since
                         the reading before is not what the ledger has

  -c FILE, --data DIR    which data directory (the config's, ./sluice-data)

  sluice bill --from this-month --by team,model
  sluice bill --from yesterday --to today --by hour --where model=deepseek/deepseek-flash
)";

constexpr std::size_t kTableRowsMax = 10'000;  // of single requests that a table for a person has

enum class BillFormat { kTable, kJson, kCsv, kJsonLines, kFocus };

std::optional<BillFormat> ParseBillFormat(std::string_view name) {
  if (name == "table") return BillFormat::kTable;
  if (name == "json") return BillFormat::kJson;
  if (name == "csv") return BillFormat::kCsv;
  if (name == "jsonl") return BillFormat::kJsonLines;
  if (name == "focus") return BillFormat::kFocus;
  return std::nullopt;
}

// The price versions of a ledger by their ids.
Result<insight::FindDefinition> Definitions(store::Ledger& ledger) {
  auto prices = ledger.Prices();
  if (!prices) return base::Fail(std::move(prices).error());
  const auto kept =
      std::make_shared<const std::map<std::string, std::string, std::less<>>>(std::move(*prices));
  return insight::FindDefinition([kept](std::string_view version) {
    const auto found = kept->find(version);
    return found == kept->end() ? std::string() : found->second;
  });
}

int Trouble(const base::Error& error) {
  const bool asked_wrongly = error.code == base::Code::kInvalid || error.code == base::Code::kTooLarge;
  return Complain(asked_wrongly ? kWrongUsage : kEnvironment, error.detail);
}

int PrintRow(store::Ledger& ledger, const std::string& id, const LedgerView& view, BillFormat format) {
  std::optional<insight::KeptRow> row;
  const auto found = ledger.Find(id, [&row](const store::LedgerRow& one) { row.emplace(one); });
  if (!found) return Trouble(found.error());
  if (!row) return Complain(kNo, "no request " + id + " is in the ledger");
  const auto definitions = Definitions(ledger);
  if (!definitions) return Trouble(definitions.error());
  const auto reckonings = insight::Reckon(row->row(), *definitions);
  if (format == BillFormat::kTable) {
    std::cout << insight::ExplainText(row->row(), reckonings, view.zone);
  } else if (format == BillFormat::kCsv) {
    std::cout << insight::PrintCsv(insight::ExplainCsv(reckonings));
  } else {
    std::cout << insight::ExplainJson(store::RowJson(row->row()), reckonings) << '\n';
  }
  return insight::Confirmed(reckonings) == false ? kNo : kDone;
}

// What single requests look like in a table.
insight::Sheet RowSheet() {
  insight::Sheet sheet;
  sheet.header = {"started", "request", "team", "asked",    "model", "status",
                  "input",   "output",  "cost", "currency", "saved"};
  sheet.right = {5, 6, 7, 8, 10};
  return sheet;
}

std::vector<std::string> RowCells(const store::LedgerRow& row, const base::TimeZone& zone) {
  const auto cost = store::CostOf(row);
  std::string started = insight::PrintLocal(std::chrono::floor<std::chrono::milliseconds>(row.started), zone);
  started.resize(started.size() - zone.name().size() - 1);
  return {std::move(started),
          std::string(row.request_id),
          row.team.empty() ? "-" : std::string(row.team),
          std::string(row.asked_model),
          row.provider.empty() ? "-" : std::string(row.provider) + "/" + std::string(row.model),
          std::to_string(row.status),
          std::to_string(row.usage.TotalInput()),
          std::to_string(row.usage.TotalOutput()),
          cost ? base::PrintPico(*cost) : "unknown",
          std::string(store::CurrencyOf(row).code()),
          row.saved ? base::PrintPico(*row.saved) : ""};
}

// The row's JSON with the member that every row of a bill has.
std::string RequestJson(const store::LedgerRow& row) {
  return "{\"requests\":1," + store::RowJson(row).substr(1);
}

// What a list of requests has gathered when it is at its end.
struct Listed {
  insight::ByCurrency costs;  // as the rows tell them
  std::map<std::string, std::int64_t> unpriced;

  void Take(const store::LedgerRow& row) {
    if (const auto cost = store::CostOf(row)) {
      costs[store::CurrencyOf(row)] += *cost;
      return;
    }
    std::string model = std::string(row.provider) + "/" + std::string(row.model);
    if (!row.price.unknown()) {
      const auto failed = std::find_if(row.attempts.begin(), row.attempts.end(),
                                       [](const auto& attempt) { return attempt.price.unknown(); });
      model = failed->model;
    }
    ++unpriced[model];
  }
};

// Where failed attempts make the total another one than the sum of the listed costs: with which models the
// money went is another question than with which requests.
std::string ApartSentence(const Listed& listed, const store::Bill& bill) {
  insight::ByCurrency total;
  for (const store::BillRow& row : bill.total) {
    if (row.sums.cost != 0) total[row.currency] = row.sums.cost;
  }
  insight::ByCurrency costs = listed.costs;
  std::erase_if(costs, [](const auto& one) { return one.second == 0; });
  if (bill.unknown_price_requests > 0 || costs == total) return {};
  return "the requests listed cost " + insight::Print(costs) +
         " each with its failed attempts; the total has only what was asked for, each with its own model and "
         "currency\n";
}

void WarnOfMissing(const store::Bill& bill, const LedgerView& view) {
  if (bill.missing_before)
    std::cerr << "sluice: " << insight::MissingSentence(*bill.missing_before, view.zone) << '\n';
}

int PrintRequests(store::Ledger& ledger, const LedgerView& view, BillFormat format) {
  insight::Sheet sheet = RowSheet();
  Listed listed;
  std::size_t rows = 0;
  if (format == BillFormat::kJson) std::cout << "{\"rows\":[";
  if (format == BillFormat::kCsv) std::cout << insight::CsvLine(insight::RowCsvHeader(view.conversion));
  const auto bill = ledger.List(view.Query(), [&](const store::LedgerRow& row) {
    if (format == BillFormat::kJson) {
      std::cout << (rows == 0 ? "" : ",\n ") << RequestJson(row);
    } else if (format == BillFormat::kJsonLines) {
      std::cout << RequestJson(row) << '\n';
    } else if (format == BillFormat::kCsv) {
      std::cout << insight::CsvLine(insight::RowCsvCells(row, view.conversion));
    } else if (rows < kTableRowsMax) {
      sheet.rows.push_back(RowCells(row, view.zone));
    }
    listed.Take(row);
    ++rows;
    return static_cast<bool>(std::cout);
  });
  if (!bill) return Trouble(bill.error());
  if (format == BillFormat::kCsv || format == BillFormat::kJsonLines) {
    WarnOfMissing(*bill, view);
    return kDone;
  }
  insight::ReportView report{.by = {}, .conversion = view.conversion, .unpriced = {}, .zone = view.zone};
  for (const auto& [model, requests] : listed.unpriced) report.unpriced.push_back({model, requests});
  if (format == BillFormat::kJson) {
    std::cout << "],\n" << insight::ClosingJson(*bill, report) << "}\n";
    return kDone;
  }
  std::cout << insight::Print(sheet);
  if (rows > kTableRowsMax)
    std::cout << "... these are the first " << insight::Grouped(kTableRowsMax) << "; --format csv has all\n";
  std::cout << '\n' << insight::BillFooter(*bill, report) << ApartSentence(listed, *bill);
  return kDone;
}

int PrintFocus(store::Ledger& ledger, const LedgerView& view, const std::vector<store::DimensionRef>& by) {
  const bool hours = by.size() == 1 && by[0].dimension == Dimension::kHour;
  if (!hours && !(by.empty() || (by.size() == 1 && by[0].dimension == Dimension::kRequest)))
    return Complain(kWrongUsage, "--format focus has a line for each request, or their sums with --by hour");
  const auto definitions = Definitions(ledger);
  if (!definitions) return Trouble(definitions.error());
  insight::Focus focus(*definitions, hours ? insight::Focus::Grain::kHour : insight::Focus::Grain::kRequest,
                       view.filters);
  std::cout << insight::Focus::Header();
  const auto bill = ledger.List(view.Query(), [&focus](const store::LedgerRow& row) {
    std::cout << focus.Add(row);
    return static_cast<bool>(std::cout);
  });
  if (!bill) return Trouble(bill.error());
  std::cout << focus.Finish();
  WarnOfMissing(*bill, view);
  return kDone;
}

std::string Heading(const LedgerView& view) {
  const auto side = [&view](const std::optional<base::WallTime>& at, const char* open) {
    return at ? insight::PrintLocal(*at, view.zone) : std::string(open);
  };
  return side(view.period.from, "from the beginning") + " to " + side(view.period.to, "now") + "\n\n";
}

int PrintSums(store::Ledger& ledger, const LedgerView& view, std::vector<store::DimensionRef> by,
              BillFormat format) {
  store::LedgerQuery query = view.Query();
  query.by = by;
  const auto bill = ledger.Query(query);
  if (!bill) return Trouble(bill.error());
  auto unpriced = insight::Unpriced(ledger, query, *bill);
  if (!unpriced) return Trouble(unpriced.error());
  const insight::ReportView report{.by = std::move(by),
                                   .conversion = view.conversion,
                                   .unpriced = std::move(*unpriced),
                                   .zone = view.zone};
  switch (format) {
    case BillFormat::kJson:
      std::cout << insight::BillJson(*bill, report) << '\n';
      break;
    case BillFormat::kJsonLines:
      std::cout << insight::BillJsonLines(*bill, report);
      WarnOfMissing(*bill, view);
      break;
    case BillFormat::kCsv:
      std::cout << insight::PrintCsv(insight::BillCsv(*bill, report));
      WarnOfMissing(*bill, view);
      break;
    case BillFormat::kTable:
    case BillFormat::kFocus:
      std::cout << Heading(view);
      if (!bill->rows.empty()) std::cout << insight::Print(insight::BillSheet(*bill, report)) << '\n';
      std::cout << insight::BillFooter(*bill, report);
      if (report.by.empty() && !bill->rows.empty())
        std::cout << "split it with --by team,model or --by day; sluice bill --help has all names\n";
      break;
  }
  return kDone;
}

bool ListsRequests(const std::vector<store::DimensionRef>& by) {
  return std::any_of(by.begin(), by.end(),
                     [](const store::DimensionRef& one) { return one.dimension == Dimension::kRequest; });
}

// Refuses options that would do nothing beside others. Errors: kInvalid.
Result<> CheckTogether(const Arguments& arguments, const std::vector<store::DimensionRef>& by,
                       BillFormat format) {
  const auto refuse = [](std::string sentence) {
    return base::Fail(base::Code::kInvalid, std::move(sentence));
  };
  const bool row = arguments.Has("--row");
  const bool check = arguments.Has("--check");
  if (row && check) return refuse("--row and --check are two questions: ask one of them");
  if (row || check) {
    const std::string asked = row ? "--row" : "--check";
    std::vector<std::string> idle = LedgerViewRepeatable();
    idle.insert(idle.end(), {"--by", "--from", "--to"});
    for (const std::string& option : idle) {
      const bool period = option == "--from" || option == "--to";
      if (arguments.Has(option) && (row || !period))
        return refuse(option + " does nothing beside " + asked + ": leave one of them out");
    }
    if (format == BillFormat::kJsonLines || format == BillFormat::kFocus)
      return refuse("bill " + asked + " prints --format table, json or csv");
  }
  if (ListsRequests(by) && by.size() > 1)
    return refuse("--by request lists each request with all that it has: name nothing beside it");
  if (format == BillFormat::kFocus && arguments.Has("--convert"))
    return refuse("--format focus has the currencies of the ledger: leave out --convert");
  return {};
}

}  // namespace

int Bill(const std::vector<std::string>& given, const config::Environment& environment) {
  if (AsksForHelp(given)) {
    std::cout << kHelp;
    return kDone;
  }
  std::vector<std::string> options = LedgerViewOptions();
  options.insert(options.end(), {"--by", "--row"});
  const auto arguments =
      Arguments::Parse(given, options, {.flags = {"--check"}, .repeatable = LedgerViewRepeatable()});
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  if (!arguments->words().empty()) {
    return Complain(kWrongUsage, "bill takes options only, and '" + arguments->words()[0] +
                                     "' is none; see sluice bill --help");
  }
  const base::SystemClock clock;
  const auto view = ReadLedgerView(*arguments, environment, clock.WallNow());
  if (!view) return Complain(kWrongUsage, view.error().detail);
  const auto format = ParseBillFormat(arguments->Get("--format", "table"));
  if (!format) return Complain(kWrongUsage, "--format is table, json, csv, jsonl or focus");
  auto by = insight::ParseDimensions(arguments->Get("--by", ""));
  if (!by) return Complain(kWrongUsage, by.error().detail);
  if (const auto fits = CheckTogether(*arguments, *by, *format); !fits)
    return Complain(kWrongUsage, fits.error().detail);
  const LoadedConfig loaded = LoadConfig(*arguments, environment);
  if (loaded.code != kDone) return loaded.code;
  const std::string data = DataDirectory(*arguments, loaded);
  if (!arguments->Has("--check")) {  // which keeps a reading there
    if (const int code = RequireData(data); code != kDone) return code;
  }
  const auto ledger = store::Ledger::Open(data, {.note = TellOfIndex});
  if (!ledger) return Trouble(ledger.error());

  if (arguments->Has("--check")) {
    return CheckBalances(**ledger, data, loaded, *view, environment, clock,
                         *format == BillFormat::kJson  ? Format::kJson
                         : *format == BillFormat::kCsv ? Format::kCsv
                                                       : Format::kTable);
  }
  if (const auto id = arguments->Find("--row")) return PrintRow(**ledger, *id, *view, *format);
  if (*format == BillFormat::kFocus) return PrintFocus(**ledger, *view, *by);
  if (ListsRequests(*by)) return PrintRequests(**ledger, *view, *format);
  return PrintSums(**ledger, *view, std::move(*by), *format);
}

}  // namespace apps
