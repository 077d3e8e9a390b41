#include "gateway/settlement.h"

#include <utility>

#include "gateway/settler.h"
#include "gateway/spending.h"
#include "net/header_text.h"

namespace gateway {
namespace {

void AppendAmount(std::string_view name, const std::optional<base::Int128>& pico, base::Currency currency,
                  base::BlockString& fields) {
  if (pico && !currency.none()) net::AppendField(fields, name, base::Print({*pico, currency}));
}

}  // namespace

void Settlement::Close() {
  if (std::exchange(closed_, true)) return;
  record_.text_bytes = text_.bytes();
  if (settler_ == nullptr) return;
  if (spending_ == nullptr || !spending_->holds() || spending_->books() == nullptr) {
    settler_->Settle(record_, *by_, text_);
    if (spending_ != nullptr) spending_->Settle(record_);
    return;
  }
  // The row and what it settles are in the next checkpoint together or not at all.
  const budget::Books::Settling settling(*spending_->books());
  settler_->Settle(record_, *by_, text_);
  spending_->Settle(record_);
}

void Settlement::AppendFields(base::BlockString& fields) const {
  AppendAmount("x-sluice-cost", record_.cost, record_.price.currency, fields);
  AppendAmount("x-sluice-saved", record_.saved, record_.price.currency, fields);
}

}  // namespace gateway
