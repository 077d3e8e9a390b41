#include "budget/row_spends.h"

namespace budget {

void RowSpends::ForEach(const store::LedgerRow& row, const std::function<void(const Spend&)>& use) {
  tags_.clear();
  for (const auto& [name, value] : row.tags) tags_.push_back(std::string(name) + "=" + std::string(value));
  tag_views_.assign(tags_.begin(), tags_.end());
  Spend spend{.request_id = row.request_id,
              .started = row.started,
              .spender = {.org = row.org,
                          .team = row.team,
                          .project = row.project,
                          .key_id = row.key_id,
                          .user = row.user,
                          .session = row.session,
                          .tags = tag_views_,
                          .provider = {},
                          .model = {},
                          .asked_model = row.asked_model},
              .amount = {}};
  const auto tell = [&](std::string_view provider, std::string_view model, const store::LedgerPrice& price,
                        base::WallTime sent) {
    const base::Money amount =
        price.unknown() ? price.held : base::Money{price.cost.value_or(0), price.currency};
    if (amount.currency.none() || amount.pico <= 0) return;
    spend.started = sent;
    spend.spender.provider = provider;
    spend.spender.model = model;
    spend.amount = amount;
    use(spend);
  };
  for (const store::LedgerAttempt& attempt : row.attempts) {
    tell(attempt.model.substr(0, attempt.model.find('/')), attempt.model, attempt.price,
         attempt.call ? attempt.call->dispatched : row.started);
  }
  model_ = std::string(row.provider) + "/" + std::string(row.model);
  tell(row.provider, model_, row.price, row.dispatched.value_or(row.started));
}

Spend SpendOf(const store::LeaseRecord& lease) {
  return {.request_id = lease.request_id,
          .started = lease.started,
          .spender = {.org = lease.org,
                      .team = lease.team,
                      .project = lease.project,
                      .key_id = lease.key_id,
                      .user = lease.user,
                      .session = lease.session,
                      .tags = lease.tags,
                      .provider = lease.provider,
                      .model = lease.model,
                      .asked_model = lease.asked_model},
          .amount = lease.amount};
}

store::LeaseRecord LeaseOf(const Spend& spend) {
  const Spender& who = spend.spender;
  return {.request_id = spend.request_id,
          .started = spend.started,
          .org = who.org,
          .team = who.team,
          .project = who.project,
          .key_id = who.key_id,
          .user = who.user,
          .session = who.session,
          .provider = who.provider,
          .model = who.model,
          .asked_model = who.asked_model,
          .tags = who.tags,
          .amount = spend.amount};
}

}  // namespace budget
