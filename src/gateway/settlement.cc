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

bool Settlement::CountsLong() const {
  return !closed_ && settler_ != nullptr && settler_->CountsLong(record_, *by_, text_);
}

net::Task<void> Settlement::CountLong() {
  counted_ = co_await settler_->CountLong(record_, *by_, text_);
}

void Settlement::Settle(std::coroutine_handle<> waiter) {
  settler_->Settle(record_, *by_, text_, spending_, waiter, counted_);
}

void Settlement::AppendFields(base::BlockString& fields) const {
  AppendAmount("x-sluice-cost", record_.cost, record_.price.currency, fields);
  AppendAmount("x-sluice-saved", record_.saved, record_.price.currency, fields);
}

}  // namespace gateway
