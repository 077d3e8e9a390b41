#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/money.h"
#include "chat/usage.h"

// What a price is and what it was asked for: plain values.

namespace pricing {

// Pico-units for 1,000,000 of each meter, so that no price of the trade is rounded (0.0028 USD per million
// tokens is 2,800,000,000). None: the meter has no price of its own. At most 9.2 units of money for one.
struct Rates {
  std::array<std::optional<std::int64_t>, chat::kMeters> per_million{};

  std::optional<std::int64_t>& operator[](chat::Meter meter) {
    return per_million[static_cast<std::size_t>(meter)];
  }
  std::optional<std::int64_t> operator[](chat::Meter meter) const {
    return per_million[static_cast<std::size_t>(meter)];
  }
  friend bool operator==(const Rates&, const Rates&) = default;
};
inline constexpr std::int64_t kRatePer = 1'000'000;  // what a rate is for

// The instant of a call that decides which of several prices holds.
enum class BilledAt : std::uint8_t { kDispatch, kCompletion };

constexpr std::string_view Name(BilledAt billed_at) {
  return billed_at == BilledAt::kDispatch ? "dispatch" : "completion";
}

// Which calls a price is for, by whether they came in a batch.
enum class Batch : std::uint8_t { kNo, kYes, kAny };

// How sure the figures are, in the words of the catalogue.
enum class Confidence : std::uint8_t {
  kVerified,  // read on a page of the provider
  kReported,  // a third party says so
  kRecalled,  // from memory, not looked up again
  kDerived,   // follows from other figures
};

constexpr std::string_view Name(Confidence confidence) {
  switch (confidence) {
    case Confidence::kVerified:
      return "verified";
    case Confidence::kReported:
      return "reported";
    case Confidence::kRecalled:
      return "recalled";
    case Confidence::kDerived:
      return "derived";
  }
  return {};
}

inline constexpr std::string_view kOffPeak = "off-peak";  // the phase that is cheaper
inline constexpr std::string_view kAnyTier = "any";
inline constexpr std::string_view kUnknownVersion = "unknown";    // of a row without a price
inline constexpr std::string_view kOwnHardware = "own-hardware";  // version of what a local provider does

// One price as it was at one time, under one set of conditions, in one currency. Immutable; what a ledger
// keeps of it is enough to explain and to repeat the arithmetic for ever (pricing/version_text.h).
struct PriceVersion {
  // From the day, the phase and a digest of everything that decides about money: the same price has the same
  // id in every process and release, another one another.
  std::string id;
  std::string provider;  // as the catalogue calls it
  std::string model;     // the same
  base::Currency currency;
  Rates rates;

  // All of these must hold.
  std::optional<base::WallTime> valid_from;   // none: always was
  std::optional<base::WallTime> valid_until;  // exclusive; none: until further notice
  std::string phase;                          // "peak", "off-peak"; empty: there are no phases
  std::string hours;  // when the phase holds, in words; empty: at all times, or whenever no other phase does
  std::string place{};  // whose clock `hours` are told on: "Beijing"; empty: as the zone is written there
  BilledAt billed_at = BilledAt::kDispatch;
  std::string service_tier;  // empty: the ordinary one; kAnyTier: whichever
  Batch batch = Batch::kNo;
  std::int64_t context_over = 0;  // holds for calls with more input tokens than that, for all their tokens

  std::string origin;      // "catalogue", "import NAME", "config"
  std::string source;      // where the figures are from
  std::string checked_on;  // the day somebody looked, 2026-11-30
  Confidence confidence = Confidence::kReported;

  friend bool operator==(const PriceVersion&, const PriceVersion&) = default;
};

// What of a call, beside its tokens, decides about its price.
struct Circumstances {
  base::WallTime dispatched;        // when it was sent to the provider
  base::WallTime completed;         // when its last byte came
  std::string_view service_tier{};  // as the provider applied it, else as asked for; empty: the ordinary one
  bool batch = false;

  // For suppositions. The prices that were in force then are taken, while hours and weekdays stay the call's
  // own.
  std::optional<base::WallTime> prices_of{};
  bool off_peak = false;  // the off-peak price at any hour, where there is one
};

// One line of a calculation.
struct Term {
  chat::Meter meter = chat::Meter::kInput;
  chat::Meter priced_as = chat::Meter::kInput;  // the meter whose rate was taken
  std::int64_t count = 0;
  std::int64_t rate = 0;       // pico-units for 1,000,000
  base::Int128 numerator = 0;  // count * rate: pico-units times 1,000,000
};

// What one usage costs.
struct Cost {
  const PriceVersion* version = nullptr;  // null: no price is known; else as long as its Book
  std::optional<base::Int128> pico;       // none: not known, never 0
  std::string why_unknown;                // one sentence where it is not known
};

// More of one meter than any call has; what is past it is a provider's nonsense, and has no price. With it
// the dearest total stays a hundred times below what 128 bits hold.
inline constexpr std::int64_t kCountMax = 1'000'000'000'000'000;

// A usage split into priced lines; none with a count of 0.
struct Terms {
  std::array<Term, chat::kMeters> lines{};
  std::size_t size = 0;
  base::Int128 numerator = 0;  // the sum of the lines
  // The first meter that counts but has no rate, or a count past kCountMax: no total is known then.
  std::optional<chat::Meter> unpriced;

  const Term* begin() const { return lines.data(); }
  const Term* end() const { return lines.data() + size; }
};

// The meter whose rate is taken for `meter`: its own, else another's. Reasoning counts as output; audio and
// images as the text of their direction; cached input and cache writes as input, but an hour's write has no
// price where only a five-minute one has. None: `meter` has no price.
std::optional<chat::Meter> PricedAs(const Rates& rates, chat::Meter meter);

// A request without a rate costs nothing; every other meter without a price is unpriced once it counts.
Terms TermsOf(const Rates& rates, const chat::Usage& usage);

// The amount in pico-units: the exact sum, rounded once, to the nearest pico-unit, halves away from zero.
// None if a meter is unpriced.
std::optional<base::Int128> Total(const Terms& terms);

}  // namespace pricing
