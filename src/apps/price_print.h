#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "apps/table.h"
#include "base/money.h"
#include "pricing/import.h"
#include "pricing/price.h"

namespace apps {

// A model's price in one currency, or why there is none.
struct PrintedPrice {
  std::string model;  // provider/name, as it was asked for
  base::Currency currency;
  const pricing::PriceVersion* version = nullptr;
  std::string why_unknown;
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
void AddDifferences(const PrintedPrice& ours, const PrintedPrice& theirs, std::vector<Difference>& out);
void PrintDifferences(std::ostream& out, const std::vector<Difference>& differences, Format format);

// What was taken over, and on `aside` (as JSON on `out`, too) what was not.
void PrintImport(std::ostream& out, std::ostream& aside, const pricing::Import& import,
                 const std::string& name, bool overrides, Format format);

}  // namespace apps
