#include "store/row_json.h"

#include <algorithm>
#include <string_view>

#include "base/encoding.h"
#include "base/json_text.h"
#include "store/json_check_internal.h"

namespace store {
namespace {

using base::JsonObject;

void AddText(JsonObject& object, std::string_view key, std::string_view text) {
  if (text.empty()) {
    object.AddNull(key);
  } else {
    object.Add(key, text);
  }
}

void AddTime(JsonObject& object, std::string_view key, std::optional<base::WallTime> time) {
  if (time) {
    object.AddPlain(key, base::Rfc3339(*time).view());
  } else {
    object.AddNull(key);
  }
}

void AddAmount(JsonObject& object, std::string_view key, std::optional<base::Int128> pico,
               base::Currency currency) {
  if (pico && !currency.none()) {
    object.AddPlain(key, base::Print({*pico, currency}));
  } else {
    object.AddNull(key);
  }
}

void AddUsage(JsonObject& object, const chat::Usage& usage) {
  object.OpenObject("usage");
  for (std::size_t i = 0; i < chat::kTokenMeters; ++i) {
    const auto meter = static_cast<chat::Meter>(i);
    object.Add(Name(meter), usage[meter]);
  }
  object.OpenObject("units");
  for (std::size_t i = chat::kTokenMeters; i < chat::kMeters; ++i) {
    const auto meter = static_cast<chat::Meter>(i);
    if (usage[meter] != 0) object.Add(Name(meter), usage[meter]);
  }
  object.Close();
  if (usage.inconsistent) object.Add("inconsistent", true);
  object.Close();
}

void AddAttempts(JsonObject& object, std::span<const LedgerAttempt> attempts) {
  object.OpenArray("attempts");
  for (const LedgerAttempt& attempt : attempts) {
    object.OpenElement().Add("model", attempt.model).Add("status", attempt.status);
    AddText(object, "error", attempt.error);
    object.Add("ms", static_cast<std::int64_t>(attempt.ms));
    if (attempt.usage) {
      AddUsage(object, *attempt.usage);
      if (attempt.call) {
        object.Add("asked_as", OperationWord(attempt.call->said_as));
        AddTime(object, "dispatched", attempt.call->dispatched);
        AddTime(object, "completed", attempt.call->completed);
        AddText(object, "service_tier", attempt.call->service_tier);
      }
      AddText(object, "price_version", attempt.price.version);
      AddText(object, "price_phase", attempt.price.phase);
      AddAmount(object, "cost", attempt.price.cost, attempt.price.currency);
      AddText(object, "currency", attempt.price.currency.code());
      AddAmount(object, "held", attempt.price.held.pico, attempt.price.held.currency);
    }
    object.Close();
  }
  object.Close();
}

// As the provider wrote it, on one line: where a JSON text may have a line's end, it may have a blank.
void AddProviderUsage(JsonObject& object, std::string_view text) {
  if (text.empty()) {
    object.AddNull("provider_usage");
  } else if (IsJson(text)) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    object.AddRaw("provider_usage", line);
  } else {
    object.Add("provider_usage", text);
  }
}

}  // namespace

base::Currency CurrencyOf(const LedgerRow& row) {
  if (!row.price.currency.none()) return row.price.currency;
  for (const LedgerAttempt& attempt : row.attempts) {
    if (!attempt.price.currency.none()) return attempt.price.currency;
  }
  return {};
}

std::optional<base::Int128> CostOf(const LedgerRow& row) {
  if (row.price.unknown()) return std::nullopt;
  const base::Currency currency = CurrencyOf(row);
  base::Int128 cost = row.price.cost.value_or(0);
  for (const LedgerAttempt& attempt : row.attempts) {
    if (attempt.price.unknown()) return std::nullopt;
    if (attempt.price.currency == currency) cost += attempt.price.cost.value_or(0);
  }
  return cost;
}

std::string RowJson(const LedgerRow& row) {
  JsonObject object;
  object.Add("request_id", row.request_id);
  AddTime(object, "started", row.started);
  AddTime(object, "dispatched", row.dispatched);
  AddTime(object, "first_token", row.first_token);
  AddTime(object, "completed", row.completed);
  AddText(object, "key_id", row.key_id);
  AddText(object, "org", row.org);
  AddText(object, "team", row.team);
  AddText(object, "project", row.project);
  AddText(object, "user", row.user);
  AddText(object, "session", row.session);
  std::string tags = "{";
  for (const auto& [name, value] : row.tags) {
    if (tags.size() > 1) tags += ',';
    base::AppendJsonString(tags, name);
    tags += ':';
    base::AppendJsonString(tags, value);
  }
  object.AddRaw("tags", tags + "}");
  object.Add("operation", OperationWord(row.operation));
  AddText(object, "asked_model", row.asked_model);
  std::string model;
  if (!row.provider.empty()) model.append(row.provider).append("/").append(row.model);
  AddText(object, "model", model);
  AddText(object, "provider", row.provider);
  AddText(object, "response_model", row.response_model);
  AddText(object, "asked_as", row.said_as ? OperationWord(*row.said_as) : std::string_view());
  object.Add("rung", Name(row.rung));
  AddText(object, "reason", row.reason);
  AddAttempts(object, row.attempts);
  AddText(object, "dropped", row.dropped);
  object.Add("stream", row.stream).Add("aborted", row.aborted).Add("status", row.status);
  AddText(object, "error", row.error);
  AddText(object, "finish_reason", row.finish == chat::FinishReason::kNone ? "" : Name(row.finish));
  AddUsage(object, row.usage);
  object.Add("usage_source", Name(row.usage_source));
  AddProviderUsage(object, row.provider_usage);
  AddText(object, "service_tier", row.service_tier);
  object.Add("batch", row.batch);
  AddText(object, "price_version", row.price.version);
  AddText(object, "price_phase", row.price.phase);
  AddAmount(object, "cost", CostOf(row), CurrencyOf(row));
  AddAmount(object, "saved", row.saved, CurrencyOf(row));
  AddText(object, "currency", CurrencyOf(row).code());
  AddAmount(object, "held", row.price.held.pico, row.price.held.currency);
  return object.Take();
}

}  // namespace store
