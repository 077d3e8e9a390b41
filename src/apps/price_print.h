#pragma once

#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "apps/table.h"
#include "base/clock.h"
#include "base/money.h"
#include "pricing/calendar.h"
#include "pricing/import.h"
#include "pricing/price.h"

namespace apps {

// A model's price in one currency, or why there is none.
struct PrintedPrice {
  std::string model;  // provider/name, as it was asked for
  base::Currency currency;
  const pricing::PriceVersion* version = nullptr;
  std::string why_unknown;
  std::optional<base::WallTime> known_until{};  // the holidays it depends on are not known from then on
};

// As JSON a list; amounts are exact decimals in text, for `per` of each meter. The table shows only meters
// that have a price, and below it where the prices are from.
void PrintPrices(std::ostream& out, const std::vector<PrintedPrice>& prices, Format format);

// The same on one line each; as JSON it is the same list.
void PrintPriceList(std::ostream& out, const std::vector<PrintedPrice>& prices, Format format);

// Where two catalogues disagree. Empty: it has no price.
struct Difference {
  std::string model;
  base::Currency currency;
  std::string meter;
  std::string ours;
  std::string theirs;
};

// Where two sources know other holidays of a year: "01-01..01-03 10-01", or empty for a year that is not
// known.
struct HolidayDifference {
  std::string calendar;
  int year;
  std::string ours;
  std::string theirs;
};

struct Differences {
  std::vector<Difference> prices;
  std::vector<HolidayDifference> holidays;
};

// What the file's price says and is counted otherwise by ours; a meter that it does not name is no
// difference.
void AddDifferences(const PrintedPrice& ours, const PrintedPrice& theirs, std::vector<Difference>& out);

using Calendars = std::map<std::string, pricing::Calendar, std::less<>>;
std::vector<HolidayDifference> HolidayDifferences(const Calendars& ours, const Calendars& theirs);

// The holidays stand below the prices, in the table as a model "calendar ID" with the year for a meter.
void PrintDifferences(std::ostream& out, const Differences& differences, Format format);

// What was taken over, and on `aside` (as JSON on `out`, too) what was not.
void PrintImport(std::ostream& out, std::ostream& aside, const pricing::Import& import,
                 const std::string& name, bool overrides, Format format);

}  // namespace apps
