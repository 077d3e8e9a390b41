#pragma once

#include <coroutine>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "config/settings.h"
#include "engine/token_counter.h"
#include "gateway/attribution.h"
#include "gateway/counting_desk.h"
#include "gateway/record.h"
#include "gateway/settlement.h"
#include "net/loop.h"
#include "net/task.h"
#include "pricing/book.h"
#include "store/journal.h"
#include "store/row_group.h"
#include "wire/request.h"

namespace gateway {

class Spending;

// What a settlement goes by, beside the record.
struct SettledBy {
  const pricing::Book* book = nullptr;  // null: nothing is priced
  const Attribution* attribution = nullptr;
  const wire::RequestView* request = nullptr;
  const config::ModelRef* strongest = nullptr;  // last rung of the ladder; null: there is no ladder
};

// Settles the requests of one loop: usage -> what it costs at its price version -> a row in the ledger. Knows
// money, not HTTP. The rows of a turn of the loop are written together at its end (a group commit), and so a
// busy gateway makes one system call for the rows of dozens of requests. Belongs to the loop; what it is
// made of outlives it.
class Settler final : net::TurnEndWork {
 public:
  struct Parts {
    net::Loop& loop;
    const base::Clock& clock;
    store::Journal* journal;  // null: no rows are written
    engine::TokenCounter& counter;
    CountingDesk* desk = nullptr;  // null: of long texts the end is estimated
  };

  explicit Settler(const Parts& parts) : parts_(parts) {}
  ~Settler();
  Settler(const Settler&) = delete;
  Settler& operator=(const Settler&) = delete;

  // Whether Settle would have to count what the provider never told of texts that are too long for a loop:
  // CountLong does so first.
  bool CountsLong(const RequestRecord& record, const SettledBy& by, const DeliveredText& text) const;
  // By every byte, on the desk; none: too many ask. All three stay as they are until it is done.
  net::Task<std::optional<Untold>> CountLong(const RequestRecord& record, const SettledBy& by,
                                             const DeliveredText& text);

  // The prompt of the call that the record was last about, which has failed and used that and nothing else.
  // Of a long one the end is estimated.
  chat::Usage CountPrompt(const RequestRecord& record, const SettledBy& by) const;

  // Fills in what the record does not know yet (tokens that the provider never told, what all of it costs,
  // what was saved), and resumes `waiter` at the end of the turn, when the row is in the journal and what was
  // reserved has been settled with it. A row that cannot be written is counted by the journal. All that is
  // given here stays until then; `spending` may be null. `counted` is what CountLong gave, if it was called.
  void Settle(RequestRecord& record, const SettledBy& by, const DeliveredText& text, Spending* spending,
              std::coroutine_handle<> waiter, const std::optional<Untold>& counted = std::nullopt);

  // Whether there is room for the rows of new requests.
  bool CanTakeMore() const { return parts_.journal == nullptr || parts_.journal->CanTakeMore(); }

 private:
  struct Waiting {
    const RequestRecord* record;
    Spending* spending;  // null: nothing was reserved
    std::coroutine_handle<> waiter;
  };

  void OnTurnEnd() override;
  void WriteOut();
  static Untold Count(const engine::TokenCounter& counter, const RequestRecord& record, const SettledBy& by,
                      const DeliveredText& text, Effort effort);
  void Learn(const RequestRecord& record, const DeliveredText& text);
  void Price(RequestRecord& record, const SettledBy& by);
  static bool PriceAsAsked(RequestRecord& record, const SettledBy& by, const pricing::ModelPrices* prices,
                           base::Currency currency, pricing::Circumstances when);
  std::optional<base::Int128> PriceFailed(RequestRecord& record, const SettledBy& by,
                                          base::Currency currency);
  void AddRow(const RequestRecord& record, const SettledBy& by);
  std::string_view DefinitionOf(const pricing::PriceVersion& version);

  const Parts parts_;
  std::uint64_t settled_ = 0;
  // Texts of the versions used so far, by id; forgotten where there are too many.
  std::unordered_map<std::string, std::string> definitions_;
  store::RowGroup rows_;            // of this turn
  std::vector<Waiting> unwritten_;  // whose rows these are
  std::vector<Waiting> written_;    // whose rows are in the journal
  std::vector<Waiting> resuming_;   // being resumed
};

}  // namespace gateway
