#include "gateway/budget_words.h"

#include "base/time_text.h"
#include "budget/share.h"
#include "config/units.h"

namespace gateway {
namespace {

std::string NameOf(const budget::BudgetMatch& match) {
  return budget::AccountName(match.rule->scope, match.demand.value);
}

std::string SubjectOf(const budget::Policy& policy, const budget::LimitDemand& demand) {
  const budget::LimitOwner* const owner = policy.FindLimitOwner(demand.terms->id);
  if (owner == nullptr) return std::string(demand.value);
  const std::string name = budget::AccountName(*owner->scope, demand.value);
  return owner->of_step ? name + ", by a step of its budget," : name;
}

std::string Length(std::chrono::nanoseconds length) {
  return config::Print(std::chrono::duration_cast<std::chrono::milliseconds>(length));
}

}  // namespace

std::string OpensAgain(const budget::BudgetRule& rule, base::WallTime end, base::WallTime now) {
  if (rule.terms.window.kind() == budget::Window::Kind::kRolling || end <= now ||
      end == base::WallTime::max())
    return {};
  return "; it opens again at " + base::PrintTime(std::chrono::ceil<std::chrono::seconds>(end));
}

std::string WhyDenied(const budget::BudgetMatch& match, const budget::Denied& denied, base::Int128 asked,
                      base::WallTime now) {
  const base::Currency currency = match.rule->terms.limit.currency;
  const auto print = [currency](base::Int128 pico) { return base::Print({pico, currency}); };
  const std::string budget = "the budget of " + NameOf(match) + " ";
  switch (denied.why) {
    case budget::DeniedWhy::kTooMany:
      return budget + "cannot be kept: there are as many accounts as there may be";
    case budget::DeniedWhy::kBusy:
    case budget::DeniedWhy::kLineFull:
      return budget + "has " + print(denied.account.room_at_most()) + " left of " +
             print(denied.account.limit) +
             ", most of it reserved by requests that are under way, and it may cost " + print(asked) +
             "; it may be had when these are over";
    case budget::DeniedWhy::kOver:
      break;
  }
  std::string why = budget + "has " + print(denied.account.room_at_most()) + " left of " +
                    print(denied.account.limit) + ", and it may cost " + print(asked);
  if (denied.opens == base::WallTime::max()) return why + ", which is more than all of it";
  if (denied.opens <= now) return why;
  return why + "; it opens again at " +
         base::PrintTime(std::chrono::ceil<std::chrono::seconds>(denied.opens));
}

std::string WhyLimited(const budget::Policy& policy, const budget::LimitDemand& demand) {
  const budget::LimitTerms& terms = *demand.terms;
  const auto most = [&terms](const char* what) {
    return std::to_string(terms.most) + " " + what + (terms.most == 1 ? "" : "s");
  };
  const std::string subject = SubjectOf(policy, demand);
  switch (terms.kind) {
    case budget::LimitKind::kInFlight:
      return subject + " may have " + most("request") + " under way at once, and has";
    case budget::LimitKind::kRequests:
      return subject + " may make " + most("request") + " in " + Length(terms.per) + ", and has";
    case budget::LimitKind::kTokens:
      return subject + " may use " + most("token") + " in " + Length(terms.per) +
             ", and has no room for these";
  }
  return {};
}

}  // namespace gateway
