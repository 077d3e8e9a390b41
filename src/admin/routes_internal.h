#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "admin/api.h"

namespace admin {

// The budgets and limits of the gateway that serves the API, and the rules in force. Thread-safe.
struct Budgets {
  budget::Books& books;
  budget::RateLimits& limits;
  const budget::Crossings& crossings;
  const std::function<std::shared_ptr<const budget::Policy>()> policy;
  const std::function<void()> on_change;
};

// What answers are made from. Belongs to the thread of its desk.
struct Office {
  const base::Clock& clock;
  store::KeyStore& keys;
  const Budgets budgets;
};

// What reports are made from: the ledger, opened when it is first asked, and the accounts. Belongs to the
// thread of its desk.
struct Reports {
  const base::Clock& clock;
  const Budgets budgets;
  const std::string data;
  const std::function<void(std::string_view event, std::string_view sentence)> note;
  std::unique_ptr<store::Ledger> ledger{};
};

// One operation of the API. Exactly one of the functions is there: the first is run on the desk of keys, the
// other, which may read the whole ledger or look at every account, on one of its own.
struct Route {
  std::string_view method;
  std::string_view path;  // with {id} for one segment
  Reply (*answer)(Office& office, const Ask& ask);
  Reply (*report)(Reports& reports, const Ask& ask) = nullptr;
};

Reply ListRoutes(Office& office, const Ask& ask);

Reply ListKeys(Office& office, const Ask& ask);
Reply CreateKey(Office& office, const Ask& ask);
Reply GetKey(Office& office, const Ask& ask);
Reply RevokeKey(Office& office, const Ask& ask);
Reply RotateKey(Office& office, const Ask& ask);

Reply ListAudit(Office& office, const Ask& ask);

Reply ListBudgets(Reports& reports, const Ask& ask);
Reply ListLimits(Reports& reports, const Ask& ask);
Reply RaiseBudget(Office& office, const Ask& ask);

Reply ListLeases(Office& office, const Ask& ask);
Reply SettleLease(Office& office, const Ask& ask);

Reply ReportUsage(Reports& reports, const Ask& ask);

}  // namespace admin
