#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "budget/terms.h"
#include "config/budget_settings.h"

namespace budget {

enum class LimitKind : std::uint8_t { kRequests, kTokens, kInFlight };

std::string_view Name(LimitKind kind);  // requests, tokens, in_flight

// How much traffic each account of one limit may have. An account does not keep it: a reload that changes
// `most` counts from the next request on, and what was admitted before stays counted.
struct LimitTerms {
  std::uint64_t id = 0;  // of what is counted, whose and in which time, never of how much
  LimitKind kind = LimitKind::kRequests;
  std::uint64_t most = 0;           // above 0
  std::chrono::nanoseconds per{0};  // in any time of that length; of kInFlight 0
};

// What one request asks of one account. The terms outlive the pass that it makes, the value's bytes the call.
struct LimitDemand {
  AccountKey key;
  const LimitTerms* terms = nullptr;
  std::string_view value{};  // in words: "support"
  std::uint64_t amount = 1;  // requests or tokens; of more than the limit the limit
};

// Of one call; of tokens 0, as nobody knows them yet.
inline LimitDemand DemandOf(const LimitTerms& terms, std::uint64_t value_hash, std::string_view value) {
  return {.key = {terms.id, value_hash},
          .terms = &terms,
          .value = value,
          .amount = terms.kind == LimitKind::kTokens ? 0U : 1U};
}

// One for each of what `most` sets. `subject` tells whose they are.
std::vector<LimitTerms> MakeLimitTerms(const config::Throughput& most, std::string_view subject);

}  // namespace budget
