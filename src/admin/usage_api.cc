#include <algorithm>
#include <utility>

#include "admin/routes_internal.h"
#include "base/time_zone.h"
#include "insight/dimensions.h"
#include "insight/period.h"
#include "insight/report.h"
#include "insight/unpriced.h"

namespace admin {
namespace {

using base::Result;

struct Question {
  store::LedgerQuery query;
  insight::ReportView view;
};

Result<Question> ReadQuestion(const Ask& ask, base::WallTime now) {
  constexpr std::string_view kOnce[] = {"from", "to", "by", "timezone"};
  constexpr std::string_view kOften[] = {"where", "convert"};
  const auto given = Parameters::Read(ask.query, kOnce, kOften);
  if (!given) return base::Fail(given.error());
  base::TimeZone zone;
  if (const std::string name = given->Get("timezone"); !name.empty()) {
    auto named = base::TimeZone::Find(name);
    if (!named) return base::Fail(std::move(named).error());
    zone = std::move(*named);
  }
  const auto period = insight::ParsePeriod(given->Get("from"), given->Get("to"), zone, now);
  if (!period) return base::Fail(period.error());
  auto by = insight::ParseDimensions(given->Get("by"));
  if (!by) return base::Fail(std::move(by).error());
  Question question;
  question.query = {
      .by = *by, .from = period->from, .to = period->to, .utc_offset = [zone](base::WallTime at) {
        return zone.OffsetAt(at);
      }};
  question.view.by = std::move(*by);
  for (const std::string& text : given->All("where")) {
    auto filter = insight::ParseFilter(text);
    if (!filter) return base::Fail(std::move(filter).error());
    question.query.filters.push_back(std::move(*filter));
  }
  if (!given->All("convert").empty()) {
    auto conversion = insight::Conversion::Parse(given->All("convert"));
    if (!conversion) return base::Fail(std::move(conversion).error());
    question.view.conversion = std::move(*conversion);
  }
  return question;
}

Result<store::Ledger*> Open(Reports& reports) {
  if (reports.ledger == nullptr) {
    auto ledger = store::Ledger::Open(reports.data, {.note = reports.note});
    if (!ledger) return base::Fail(std::move(ledger).error());
    reports.ledger = std::move(*ledger);
  }
  return reports.ledger.get();
}

}  // namespace

Reply ReportUsage(Reports& reports, const Ask& ask) {
  auto question = ReadQuestion(ask, reports.clock.WallNow());
  if (!question) return Refuse(question.error());
  const auto ledger = Open(reports);
  if (!ledger) return Refuse(Trouble::kUnavailable, ledger.error().detail);
  const auto bill = (*ledger)->Query(question->query);
  if (!bill && bill.error().code != base::Code::kTooLarge) return Refuse(bill.error());
  if (!bill || bill->rows.size() > kUsageRowsMax) {
    return Refuse(Trouble::kInvalidRequest, "the answer has more than " + std::to_string(kUsageRowsMax) +
                                                " rows: ask for a shorter period, or by less");
  }
  auto unpriced = insight::Unpriced(**ledger, question->query, *bill);
  if (!unpriced) return Refuse(unpriced.error());
  question->view.unpriced = std::move(*unpriced);
  return {.body = insight::BillJson(*bill, question->view)};
}

}  // namespace admin
