#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "admin/ask.h"
#include "admin/desk.h"
#include "admin/reply.h"
#include "base/clock.h"
#include "base/result.h"
#include "budget/books.h"
#include "budget/crossings.h"
#include "budget/policy.h"
#include "budget/rate_limits.h"
#include "net/loop.h"
#include "net/task.h"
#include "store/key_store.h"
#include "store/ledger.h"

namespace admin {

inline constexpr std::string_view kApiPath = "/admin/v1";
inline constexpr std::size_t kPageUsual = 100;         // of what makes a page, where nobody says
inline constexpr std::size_t kLeasePageMax = 1'000;    // and the rest of the last request's
inline constexpr std::size_t kAccountPageMax = 1'000;  // of budgets or limits
inline constexpr std::size_t kUsageRowsMax = 10'000;   // of one answer

struct Route;

// The REST API for operators below /admin/v1, as api/admin.yaml says: keys, budgets, limits, the audit trail,
// usage.
// Keys it changes through the same store as the command line, budgets in the process that serves it.
// Thread-safe; outlives the loops that ask.
class Api {
 public:
  // What is referred to outlives it; the functions are called on threads of the API.
  struct Parts {
    const base::Clock& clock;
    std::string data;  // the data directory
    // Told what befell the ledger's index.
    std::function<void(std::string_view event, std::string_view sentence)> note;
    budget::Books& budgets;
    budget::RateLimits& limits;
    const budget::Crossings& crossings;
    std::function<std::shared_ptr<const budget::Policy>()> policy;  // the one in force; never null
    // A lost call was settled, or accounts were raised: no request notes how they stand now.
    std::function<void()> on_change;
  };
  // Errors: those of KeyStore::Open.
  static base::Result<std::unique_ptr<Api>> Open(const Parts& parts);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // What serves a method and a path, and the id that stands in the path; a refusal where nothing does.
  struct Found {
    const Route* route = nullptr;  // null: `refusal` says why
    std::string id{};
    Reply refusal{};
  };
  static Found Find(std::string_view method, std::string_view path);

  // On `loop`, which the reply comes back to.
  net::Task<Reply> Answer(net::Loop& loop, const Route& route, Ask ask);

 private:
  struct Offices;
  explicit Api(std::unique_ptr<Offices> offices);

  const std::unique_ptr<Offices> offices_;
};

}  // namespace admin
