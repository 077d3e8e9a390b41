#pragma once

#include <optional>

#include "base/clock.h"
#include "gateway/admission.h"
#include "gateway/asked.h"
#include "gateway/attribution.h"
#include "gateway/dearest_rates.h"
#include "gateway/in_force.h"
#include "gateway/payer.h"
#include "gateway/record.h"
#include "gateway/refusal.h"
#include "gateway/spending.h"
#include "net/loop.h"
#include "wire/request.h"
#include "wire/request_extent.h"

namespace gateway {

// What budgets and limits make of one request: whose accounts it falls in, what it may spend, how often it
// may ask. Where none of them holds it costs no more than the look. Belongs to its request and its loop, and
// stays where it is; what it is made of outlives it.
class Governance {
 public:
  // What is of the loop. `promiser` is null only where `shared.books` is.
  struct Parts {
    net::Loop& loop;
    DearestRates& rates;
    Promiser* promiser;
  };
  Governance(const Shared& shared, const InForce& in_force, const Parts& parts)
      : shared_(shared), in_force_(in_force), parts_(parts) {}
  Governance(const Governance&) = delete;
  Governance& operator=(const Governance&) = delete;

  // A request that has been read. All of it outlives the governance.
  struct Request {
    const wire::RequestView& view;
    const RequestRecord& record;
    const Attribution& attribution;
    const Wishes& wishes;
    std::optional<base::MonoTime> deadline{};
  };
  // Finds what holds for it, once. False: it is refused already, as `refusal` says.
  bool Begin(const Request& request, RefusalText& refusal);

  Spending* spending() { return spending_ ? &*spending_ : nullptr; }      // null: nothing limits its cost
  Admission* admission() { return admission_ ? &*admission_ : nullptr; }  // null: nothing limits how often

  // The request is over, and the record says what it has used. (What it has cost is settled with its row.)
  void End(const RequestRecord& record) {
    if (admission_) admission_->Settle(record);
  }

 private:
  bool BeginCost(const Request& request, RefusalText& refusal);
  bool BeginRate(RefusalText& refusal);

  const Shared& shared_;
  const InForce& in_force_;
  const Parts parts_;
  Payer payer_;
  std::optional<wire::LazyExtent> extent_;
  std::optional<Spending> spending_;
  std::optional<Admission> admission_;
};

}  // namespace gateway
