#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/clock.h"
#include "base/money.h"
#include "sim/answer.h"
#include "sim/dialect.h"

namespace sim {

inline constexpr std::size_t kBillLinesMax = 10'000;  // what comes later is summed in lines without names

// How far a caller can know what its request cost.
enum class Reckoning : std::uint8_t {
  kTold,     // the answer said its usage
  kUntold,   // the answer went out whole, but was not to say it
  kAborted,  // the caller hung up: what was generated until then
};

constexpr std::string_view Name(Reckoning reckoning) {
  switch (reckoning) {
    case Reckoning::kTold:
      return "billed";
    case Reckoning::kUntold:
      return "untold";
    case Reckoning::kAborted:
      return "aborted";
  }
  return {};
}

// A request that is to be paid for.
struct Charge {
  std::string key{};  // of the account
  Dialect dialect = Dialect::kOpenai;
  std::string model{};
  std::string tier{};
  Reckoning reckoning = Reckoning::kTold;
  base::WallTime dispatched{};
  base::WallTime completed{};
  Counts counts{};
};

// What the callers of one simulated provider owe: to the last pico-unit, for each key, model and phase of the
// price, and what has been taken from the balance of each key. Not thread-safe.
class Bill {
 public:
  // Adds a request of an account in `currency`. What it cost: "0.0012 USD", or "unpriced".
  std::string Add(const Charge& charge, base::Currency currency);

  // What the requests of a key cost in a currency so far, in pico-units.
  base::Int128 Spent(std::string_view key, base::Currency currency) const;

  // Members of a JSON object: "billed": {"total": [...], "lines": [...]}, "untold" and "aborted" as well, and
  // "unpriced": [...], lines without a cost.
  std::string WriteMembers() const;

 private:
  struct Sums {
    std::uint64_t requests = 0;
    Counts counts;
    base::Int128 pico = 0;

    void Add(const Counts& more, base::Int128 cost);
  };
  struct Line {
    Reckoning reckoning = Reckoning::kTold;
    bool priced = true;
    std::string key;
    std::string_view provider;  // a literal
    std::string model;
    std::string_view phase;  // a literal
    std::string tier;        // other than the ordinary one
    base::Currency currency;

    friend auto operator<=>(const Line&, const Line&) = default;
  };

  static void AppendSums(const Sums& sums, std::string& json);
  std::string WriteLines(Reckoning reckoning, bool priced) const;
  std::string WriteTotals(Reckoning reckoning) const;

  std::map<Line, Sums> lines_;
  std::map<std::tuple<Reckoning, base::Currency>, Sums> totals_;
  std::map<std::pair<std::string, base::Currency>, base::Int128, std::less<>> spent_;
};

// Money that an account began with, and how much of it is left: what was granted is spent first.
struct Funds {
  base::Int128 granted = 0;
  base::Int128 topped_up = 0;

  Funds After(base::Int128 spent) const;
  base::Int128 Total() const { return granted + topped_up; }
};

// The body of DeepSeek's GET /user/balance.
std::string WriteBalance(const Funds& left, base::Currency currency, bool available);

}  // namespace sim
