#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.h"
#include "insight/sheet.h"
#include "pricing/price.h"
#include "store/ledger_row.h"
#include "store/row_codec.h"

// Why one request cost what it did: from the price's own definition in the ledger, whatever the catalogue
// says today.

namespace insight {

// A row that outlives what it was read from. Not movable; 128 KiB.
class KeptRow {
 public:
  explicit KeptRow(const store::LedgerRow& row);
  const store::LedgerRow& row() const { return decoded_.row(); }

 private:
  std::unique_ptr<std::array<char, store::kRowBytesMax>> bytes_;
  store::DecodedRow decoded_;
};

// The text of a price version's definition, as the ledger has it; empty where it has none.
using FindDefinition = std::function<std::string(std::string_view version)>;

// One usage of a request with its price: the answer's, or that of an attempt that failed.
struct Reckoning {
  std::string model;  // "provider/model"
  bool failed = false;
  chat::Usage usage;
  store::LedgerPrice recorded;                   // borrows from the row, as the next
  std::optional<store::LedgerCall> call;         // of a failed one, where the row tells it
  std::optional<pricing::PriceVersion> version;  // none: the ledger does not define it
  pricing::Terms terms;                          // by that version
  std::optional<base::Int128> again;             // what the terms come to
  std::string why_not;                           // where `again` is none although something was used

  // Whether a price was recorded that can be confirmed.
  bool has_price() const { return !recorded.version.empty() && !recorded.unknown() && !recorded.stated(); }
  // Whether the definition gives the recorded cost back, to the last digit.
  bool confirmed() const { return again.has_value() && again == recorded.cost; }
};

// The answer's reckoning, then those of failed attempts that used something. `row` outlives them.
std::vector<Reckoning> Reckon(const store::LedgerRow& row, const FindDefinition& find);

// Whether each that has a price gives its recorded cost back; none where all that have one do, but the price
// of something that was used is not known, or an operator said what it cost.
std::optional<bool> Confirmed(const std::vector<Reckoning>& reckonings);

// For a person, some lines. Times are on the clock of `zone`, the instant that decided about a price also on
// that of the price's own hours.
std::string ExplainText(const store::LedgerRow& row, const std::vector<Reckoning>& reckonings,
                        const base::TimeZone& zone);

// `row_json` (the row as one JSON object) with the members "terms", "reckonings" and "confirmed".
std::string ExplainJson(std::string row_json, const std::vector<Reckoning>& reckonings);

// A line for each term; what has no price has its count, and neither rate nor amount.
Sheet ExplainCsv(const std::vector<Reckoning>& reckonings);

}  // namespace insight
