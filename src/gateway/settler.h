#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "config/settings.h"
#include "engine/token_counter.h"
#include "gateway/attribution.h"
#include "gateway/record.h"
#include "gateway/settlement.h"
#include "pricing/book.h"
#include "store/journal.h"
#include "wire/request.h"

namespace gateway {

// What a settlement goes by, beside the record.
struct SettledBy {
  const pricing::Book* book = nullptr;  // null: nothing is priced
  const Attribution* attribution = nullptr;
  const wire::RequestView* request = nullptr;
  const config::ModelRef* strongest = nullptr;  // last rung of the ladder; null: there is no ladder
};

// Settles the requests of one loop: usage -> what it costs at its price version -> a row in the ledger. Knows
// money, not HTTP. Belongs to the loop; what it is made of outlives it.
class Settler {
 public:
  struct Parts {
    const base::Clock& clock;
    store::Journal* journal;  // null: no rows are written
    engine::TokenCounter& counter;
  };

  explicit Settler(const Parts& parts) : parts_(parts) {}

  // Fills in what the record does not know yet (tokens that the provider never told, what all of it costs,
  // what was saved) and appends the row. A row that cannot be written is counted by the journal.
  void Settle(RequestRecord& record, const SettledBy& by, const DeliveredText& text);

  // Whether there is room for the rows of new requests.
  bool CanTakeMore() const { return parts_.journal == nullptr || parts_.journal->CanTakeMore(); }

 private:
  void Count(RequestRecord& record, const SettledBy& by, const DeliveredText& text);
  void Learn(const RequestRecord& record, const DeliveredText& text);
  void Price(RequestRecord& record, const SettledBy& by);
  static bool PriceAsAsked(RequestRecord& record, const SettledBy& by, const pricing::ModelPrices* prices,
                           base::Currency currency, pricing::Circumstances when);
  std::optional<base::Int128> PriceFailed(RequestRecord& record, const SettledBy& by,
                                          base::Currency currency);
  void Write(const RequestRecord& record, const SettledBy& by);
  std::string_view DefinitionOf(const pricing::PriceVersion& version);

  const Parts parts_;
  std::uint64_t settled_ = 0;
  // Texts of the versions used so far, by id; forgotten where there are too many.
  std::unordered_map<std::string, std::string> definitions_;
};

}  // namespace gateway
