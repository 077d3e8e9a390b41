#include "gateway/ledger_desk.h"

#include <functional>
#include <utility>

#include "store/row_json.h"

namespace gateway {

LedgerDesk::LedgerDesk(const base::Clock& clock, store::LiveLedger& ledger)
    : ledger_(ledger), desk_(clock, kWaitingMax) {}

base::Result<std::optional<LedgerDesk::Row>> LedgerDesk::Look(const std::string& request_id) {
  std::optional<Row> row;
  const auto found = ledger_.Find(request_id, [&row](const store::LedgerRow& one) {
    row = Row{.json = store::RowJson(one), .team = std::string(one.team)};
  });
  if (!found) return base::Fail(found.error());
  return row;
}

net::Task<base::Result<std::optional<LedgerDesk::Row>>> LedgerDesk::Find(net::Loop& loop,
                                                                         std::string request_id) {
  std::function<base::Result<std::optional<Row>>()> look = [this, id = std::move(request_id)] {
    return Look(id);
  };
  auto answer = co_await desk_.Do(loop, std::move(look));
  if (answer) co_return std::move(*answer);
  co_return base::Fail(base::Code::kUnavailable, "too many rows are being looked up; ask again in a moment");
}

}  // namespace gateway
