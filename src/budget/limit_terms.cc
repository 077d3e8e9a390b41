#include "budget/limit_terms.h"

#include <string>

#include "budget/rule_id_internal.h"

namespace budget {
namespace {

LimitTerms OfRate(LimitKind kind, const config::Rate& rate, std::string_view subject) {
  const std::string seconds = std::to_string(rate.per.count());
  return {.id = RuleId({"limit", subject, Name(kind), seconds}),
          .kind = kind,
          .most = rate.count,
          .per = rate.per};
}

}  // namespace

std::string_view Name(LimitKind kind) {
  switch (kind) {
    case LimitKind::kRequests:
      return "requests";
    case LimitKind::kTokens:
      return "tokens";
    case LimitKind::kInFlight:
      return "in_flight";
  }
  return {};
}

std::vector<LimitTerms> MakeLimitTerms(const config::Throughput& most, std::string_view subject) {
  std::vector<LimitTerms> terms;
  if (most.requests.count > 0) terms.push_back(OfRate(LimitKind::kRequests, most.requests, subject));
  if (most.tokens.count > 0) terms.push_back(OfRate(LimitKind::kTokens, most.tokens, subject));
  if (most.in_flight > 0) {
    terms.push_back({.id = RuleId({"limit", subject, Name(LimitKind::kInFlight)}),
                     .kind = LimitKind::kInFlight,
                     .most = most.in_flight});
  }
  return terms;
}

}  // namespace budget
