#include "gateway/ledger_desk.h"

#include <utility>

#include "base/counted.h"
#include "store/row_json.h"

namespace gateway {

LedgerDesk::LedgerDesk(const base::Clock& clock, store::LiveLedger& ledger)
    : ledger_(ledger), loop_(clock), thread_([this] { loop_.Run(); }) {}

LedgerDesk::~LedgerDesk() {
  loop_.StopAfterPosted();
}

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
  const base::Counted waiting(waiting_);
  if (waiting.before() >= kWaitingMax) {
    co_return base::Fail(base::Code::kUnavailable,
                         "too many rows are being looked up; ask again in a moment");
  }
  struct Question {
    std::string id;
    base::Result<std::optional<Row>> answer;
    net::Event told;
  };
  const auto question = std::make_shared<Question>();
  question->id = std::move(request_id);
  loop_.Post([this, question, &loop] {
    question->answer = Look(question->id);
    loop.Post([question] { question->told.Notify(); });
  });
  co_await question->told;
  co_return std::move(question->answer);
}

}  // namespace gateway
