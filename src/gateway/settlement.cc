#include "gateway/settlement.h"

#include "gateway/settler.h"
#include "net/header_text.h"

namespace gateway {
namespace {

void AppendAmount(std::string_view name, const std::optional<base::Int128>& pico, base::Currency currency,
                  base::BlockString& fields) {
  if (pico && !currency.none()) net::AppendField(fields, name, base::Print({*pico, currency}));
}

}  // namespace

void Settlement::Settle(std::coroutine_handle<> waiter) {
  if (settler_->CountsLong(record_, *by_, text_)) {
    net::Spawn(CountAndSettle(waiter));
  } else {
    settler_->Settle(record_, *by_, text_, spending_, waiter);
  }
}

chat::Usage Settlement::CountPrompt() const {
  return settler_ == nullptr ? chat::Usage() : settler_->CountPrompt(record_, *by_);
}

net::Task<void> Settlement::CountAndSettle(std::coroutine_handle<> waiter) {
  const auto counted = co_await settler_->CountLong(record_, *by_, text_);
  settler_->Settle(record_, *by_, text_, spending_, waiter, counted);
}

void Settlement::AppendFields(base::BlockString& fields) const {
  AppendAmount("x-sluice-cost", record_.cost, record_.price.currency, fields);
  AppendAmount("x-sluice-saved", record_.saved, record_.price.currency, fields);
}

}  // namespace gateway
