#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "insight/amounts.h"
#include "insight/sheet.h"
#include "store/ledger_query.h"

// A bill as text.

namespace insight {

// How many requests a model without a known price had.
struct UnpricedModel {
  std::string model;  // "provider/model"
  std::int64_t requests = 0;
};

// What a report is about and how it is seen.
struct ReportView {
  std::vector<store::DimensionRef> by{};
  std::optional<Conversion> conversion{};  // amounts are shown in its currency as well
  std::vector<UnpricedModel> unpriced{};   // of the bill's requests without a known price
  base::TimeZone zone{};                   // whose clock instants are told by
};

// An amount in JSON: "0.00012345 USD" in quotes; null where it is not known, or where
// nothing was used and there is no currency.
std::string AmountJson(std::optional<base::Int128> pico, base::Currency currency);

// The tokens and units of a usage, under their names.
std::string UsageJson(const chat::Usage& usage);

// {"rows": [...], "total": [...], "unknown_price_requests": n, ...}, as docs/bill.md says.
std::string BillJson(const store::Bill& bill, const ReportView& view);
// The rows alone, one JSON object a line.
std::string BillJsonLines(const store::Bill& bill, const ReportView& view);
// The "total" of BillJson alone, for whoever writes the rows differently.
std::string TotalJson(const store::Bill& bill, const ReportView& view);
// The members "total", "unknown_price_requests" and "unknown_price_models", with the rates of a conversion
// and what everything comes to in its currency.
std::string ClosingJson(const store::Bill& bill, const ReportView& view);

// The rows for a person: days in their order, anything else by cost.
Sheet BillSheet(const store::Bill& bill, const ReportView& view);
// Every figure in a column of its own, in the order of the bill.
Sheet BillCsv(const store::Bill& bill, const ReportView& view);

// That rows before an instant are not in a bill; without a line's end.
std::string MissingSentence(base::WallTime before, const base::TimeZone& zone);

// What stands below the rows: totals in each currency, what has no known price, what was not told by the
// provider but counted, and what all is worth in the currency of the conversion. Lines with their ends.
std::string BillFooter(const store::Bill& bill, const ReportView& view);

// The total in the currency of the conversion; none where a currency of the bill has no rate.
std::optional<base::Int128> ConvertedTotal(const store::Bill& bill, const Conversion& conversion);

}  // namespace insight
