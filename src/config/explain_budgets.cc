#include "config/explain_internal.h"

namespace config {
namespace {

std::string WhenAnew(const BudgetSettings& budget) {
  if (budget.rolling.count() > 0) return " in any " + Print(budget.rolling);
  if (budget.window == CalendarWindow::kNone) return " until it is silent for " + Print(budget.idle);
  const std::string_view article = budget.window == CalendarWindow::kHour ? " an " : " a ";
  return std::string(article) + std::string(Name(budget.window)) + " (" + budget.timezone.name() + ")";
}

std::string Whose(const ScopePattern& scope) {
  if (!scope.each) return scope.value.empty() ? "Everybody together" : scope.Print();
  const std::string kind(Name(scope.kind));
  return scope.value.empty() ? "Each " + kind
                             : "Each " + kind + " " + scope.value.substr(0, scope.value.size() - 1);
}

std::string List(const std::vector<AllowedRungs>& rungs) {
  std::string out;
  for (const AllowedRungs one : rungs) out += (out.empty() ? "" : ", ") + std::string(Name(one));
  return out;
}

std::string Most(const Throughput& most) {
  std::string out;
  const auto add = [&out](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  if (most.requests.count > 0) add(most.requests.Print() + " requests");
  if (most.tokens.count > 0) add(most.tokens.Print() + " tokens");
  if (most.in_flight > 0) add(Plural(most.in_flight, "request") + " at once");
  return out;
}

std::string What(const StepSettings& step) {
  if (!step.alert.empty()) return "an alert goes to " + step.alert.PrintShort();
  if (!step.ladder_max.model.empty()) return "no rung above " + step.ladder_max.Print() + " answers";
  if (!step.allow.empty()) return "only " + List(step.allow) + " answer";
  if (!step.limits.empty()) return "it has at most " + Most(step.limits);
  return "requests are refused";
}

void ExplainBudget(Page& page, const BudgetSettings& budget) {
  page.Add(Whose(budget.scope) + " may spend " + base::Print(budget.limit) + WhenAnew(budget) +
           (budget.carry_over.basis_points > 0
                ? ", and a rest of up to " + Print(budget.carry_over) + " of it is carried over."
                : "."));
  page.Add(budget.mode == BudgetMode::kStrict
               ? "  The most that a call can cost is reserved before it is made: the limit is never exceeded."
               : "  What 99 of 100 calls stay below is reserved before a call: the limit can be exceeded a "
                 "little.");
  for (const StepSettings& step : budget.steps) {
    page.Add("  " +
             (step.at ? "At " + Print(*step.at)
                      : "When at this pace the " + std::string(Name(budget.window)) + " ends at " +
                            Print(*step.forecast)) +
             " " + What(step) + ".");
  }
}

bool HasHooks(const Settings& settings) {
  for (const BudgetSettings& budget : settings.budgets) {
    for (const StepSettings& step : budget.steps) {
      if (!step.alert.hook.host.empty()) return true;
    }
  }
  return false;
}

void ExplainSmtp(Page& page, const SmtpSettings& smtp) {
  if (smtp.server.host.empty()) return;
  page.Add("Alerts by e-mail are from " + smtp.from + " and go through " + smtp.server.Print() +
           (smtp.user.empty() ? ", without a login." : "."));
  if (smtp.server.port == 465 && smtp.tls == MailSecurity::kStartTls) {
    page.Add("  Warning: on port 465 servers most often speak TLS at once; that is tls: implicit.");
  }
  if (smtp.server.port != 465 && smtp.tls == MailSecurity::kImplicit) {
    page.Add("  Warning: tls: implicit is most often on port 465, starttls on others.");
  }
  if (smtp.tls == MailSecurity::kNone && !smtp.server.IsLoopback()) {
    page.Add("  Warning: with tls: none whoever is on the way reads the alerts.");
  }
}

}  // namespace

void ExplainBudgets(Page& page, const Settings& settings) {
  for (const BudgetSettings& budget : settings.budgets) ExplainBudget(page, budget);
  for (const LimitSettings& limit : settings.limits) {
    page.Add(Whose(limit.scope) + " has at most " + Most(limit.most) + ".");
  }
  for (const auto& [code, worth] : settings.exchange) {
    page.Add("One " + code + " counts as " + base::Print(worth) + " in budgets.");
  }
  ExplainSmtp(page, settings.smtp);
  if (HasHooks(settings) && settings.alert_secret.empty()) {
    page.Add("  Warning: without alert_secret, who gets an alert cannot tell that it is from here.");
  }
}

}  // namespace config
