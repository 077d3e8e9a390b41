#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "insight/explain.h"
#include "pricing/price.h"
#include "store/ledger_query.h"
#include "store/ledger_row.h"

namespace insight {

// The columns of FOCUS (the FinOps Open Cost and Usage Specification) as CSV, which the tools of finance
// teams read; docs/bill.md says what stands in each. One line for each meter of each priced usage of a
// request, or sums of these by hour (of UTC). Amounts are exact: they are added before anything is rounded.
// Not thread-safe.
class Focus {
 public:
  enum class Grain { kRequest, kHour };

  // `find` gives price definitions; it is asked once for each version. Of a row there is what passes the
  // filters, as in a bill: the answer, or a failed attempt by its own model, provider and price.
  Focus(FindDefinition find, Grain grain, std::vector<store::LedgerFilter> filters = {})
      : find_(std::move(find)), grain_(grain), filters_(std::move(filters)) {}

  static std::string Header();

  // The row's lines; with kHour none, they come at the end.
  std::string Add(const store::LedgerRow& row);
  std::string Finish();

 private:
  // One line.
  struct Charge {
    base::WallTime start;
    base::WallTime end;
    std::string provider;
    std::string model;
    std::string team;
    std::string project;
    std::string key;
    std::string tags;     // JSON
    std::string request;  // empty: of several
    std::string rung;
    std::string phase;
    std::string version;
    base::Currency currency;
    chat::Meter meter = chat::Meter::kInput;
    std::optional<std::int64_t> rate;       // pico-units for 1,000,000; none: not known
    std::optional<std::int64_t> list_rate;  // what the same would have cost at the standard rate

    friend auto operator<=>(const Charge&, const Charge&) = default;
  };

  const pricing::PriceVersion* Find(std::string_view version);
  std::string AddUsage(Charge charge, const chat::Usage& usage, const store::LedgerPrice& price);
  static std::string Line(const Charge& charge, std::int64_t count);

  const FindDefinition find_;
  const Grain grain_;
  const std::vector<store::LedgerFilter> filters_;
  std::map<std::string, std::optional<pricing::PriceVersion>, std::less<>> versions_;
  std::map<Charge, std::int64_t> sums_;  // counts by all that is the same; the request's own is left empty
};

}  // namespace insight
