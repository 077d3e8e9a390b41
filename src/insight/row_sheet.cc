#include "insight/row_sheet.h"

#include <iterator>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "base/json_text.h"
#include "store/row_json.h"

namespace insight {
namespace {

constexpr std::string_view kNames[] = {
    "request_id",  "started",      "dispatched",   "first_token",  "completed",      "key_id",
    "org",         "team",         "project",      "user",         "session",        "tags",
    "operation",   "asked_model",  "model",        "provider",     "response_model", "rung",
    "reason",      "stream",       "aborted",      "status",       "error",          "finish_reason",
    "attempts",    "usage_source", "inconsistent", "service_tier", "batch",          "price_version",
    "price_phase", "currency",     "cost",         "saved"};

std::string Time(std::optional<base::WallTime> at) {
  return at ? std::string(base::Rfc3339(*at).view()) : "";
}

std::string Tags(const store::LedgerRow& row) {
  if (row.tags.empty()) return {};
  base::JsonObject object;
  for (const auto& [name, value] : row.tags) object.Add(name, value);
  return object.Take();
}

std::string Plain(std::optional<base::Int128> pico) {
  return pico ? base::PrintPico(*pico) : "";
}

std::string Word(bool yes) {
  return yes ? "true" : "false";
}

std::string_view FinishWord(chat::FinishReason finish) {
  return finish == chat::FinishReason::kNone ? std::string_view() : Name(finish);
}

}  // namespace

std::vector<std::string> RowCsvHeader(const std::optional<Conversion>& conversion) {
  std::vector<std::string> names(std::begin(kNames), std::end(kNames));
  if (conversion) names.insert(names.end(), {"converted_cost", "converted_currency"});
  for (std::size_t i = 0; i < chat::kMeters; ++i) names.emplace_back(chat::Name(static_cast<chat::Meter>(i)));
  return names;
}

std::vector<std::string> RowCsvCells(const store::LedgerRow& row,
                                     const std::optional<Conversion>& conversion) {
  const auto cost = store::CostOf(row);
  const base::Currency currency = store::CurrencyOf(row);
  std::string model;
  if (!row.provider.empty()) model.append(row.provider).append("/").append(row.model);
  std::vector<std::string> cells = {std::string(row.request_id),
                                    Time(row.started),
                                    Time(row.dispatched),
                                    Time(row.first_token),
                                    Time(row.completed),
                                    std::string(row.key_id),
                                    std::string(row.org),
                                    std::string(row.team),
                                    std::string(row.project),
                                    std::string(row.user),
                                    std::string(row.session),
                                    Tags(row),
                                    std::string(store::OperationWord(row.operation)),
                                    std::string(row.asked_model),
                                    std::move(model),
                                    std::string(row.provider),
                                    std::string(row.response_model),
                                    std::string(chat::Name(row.rung)),
                                    std::string(row.reason),
                                    Word(row.stream),
                                    Word(row.aborted),
                                    std::to_string(row.status),
                                    std::string(row.error),
                                    std::string(FinishWord(row.finish)),
                                    std::to_string(row.attempts.size()),
                                    std::string(chat::Name(row.usage_source)),
                                    Word(row.usage.inconsistent),
                                    std::string(row.service_tier),
                                    Word(row.batch),
                                    std::string(row.price.version),
                                    std::string(row.price.phase),
                                    std::string(currency.code()),
                                    currency.none() ? "" : Plain(cost),
                                    Plain(row.saved)};
  if (conversion) {
    cells.push_back(cost && !currency.none() ? Plain(conversion->Convert(*cost, currency)) : "");
    cells.emplace_back(conversion->to().code());
  }
  for (std::size_t i = 0; i < chat::kMeters; ++i)
    cells.push_back(std::to_string(row.usage[static_cast<chat::Meter>(i)]));
  return cells;
}

}  // namespace insight
