#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "config/check_internal.h"

namespace config {
namespace {

bool SameWindow(const BudgetSettings& a, const BudgetSettings& b) {
  return a.window == b.window && a.rolling == b.rolling &&
         (a.window == CalendarWindow::kNone || a.timezone.name() == b.timezone.name());
}

// The names of the actions that a step has.
std::vector<std::string> ActionsOf(const StepSettings& step) {
  std::vector<std::string> actions;
  if (!step.alert.empty()) actions.emplace_back("alert");
  if (!step.ladder_max.model.empty()) actions.emplace_back("ladder_max");
  if (!step.allow.empty()) actions.emplace_back("allow");
  if (!step.limits.empty()) actions.emplace_back("limits");
  if (step.block) actions.emplace_back("block");
  return actions;
}

class BudgetChecker : public Inspection {
 public:
  using Inspection::Inspection;

  std::vector<Problem> Run() && {
    for (std::size_t i = 0; i < s_.budgets.size(); ++i) CheckBudget(i);
    for (std::size_t i = 0; i < s_.limits.size(); ++i) CheckLimit(i);
    for (const auto& [code, worth] : s_.exchange) CheckRate(code, worth);
    CheckSmtp();
    return TakeProblems();
  }

 private:
  void CheckBudget(std::size_t index) {
    const std::string path = Item("budgets", index);
    const BudgetSettings& budget = s_.budgets[index];
    if (Sound({path + ".window", path + ".rolling"})) CheckWindow(path, budget);
    if (Sound({path + ".scope"})) CheckScope(path + ".scope", budget.scope);
    if (Sound({path + ".limit"})) CheckCurrencies(path, budget);
    CheckIdentity(index);
    for (std::size_t i = 0; i < budget.steps.size(); ++i) CheckStep(path, budget, i);
  }

  void CheckWindow(const std::string& path, const BudgetSettings& budget) {
    const bool calendar = budget.window != CalendarWindow::kNone;
    const bool rolling = budget.rolling.count() > 0;
    const bool session = budget.scope.kind == ScopeKind::kSession;
    if (calendar && rolling) {
      Add(path + ".rolling", path + " has both window and rolling",
          "it begins anew on the calendar or never stops counting back, not both", "remove one of them");
      return;
    }
    if (!calendar && !rolling && !session && Sound({path + ".scope"})) {
      Add(path, path + " has no window", "it does not say when it begins anew",
          "write window: month, or rolling: 24h");
      return;
    }
    if (!calendar && budget.carry_over.basis_points > 0) {
      Add(path + ".carry_over", path + " has carry_over and no window",
          "only what begins anew on the calendar leaves a rest", "remove it, or write window: month");
    }
    if (!calendar && places_.Has(path + ".timezone")) {
      Add(path + ".timezone", path + " has a timezone and no window",
          "only the calendar differs from place to place", "remove it, or write window: month");
    }
    if (places_.Has(path + ".idle") && Sound({path + ".scope"}) && (calendar || rolling || !session)) {
      Add(path + ".idle", path + " has idle", "only a budget of sessions without window and rolling heeds it",
          "remove it");
    }
  }

  void CheckScope(const std::string& path, const ScopePattern& scope) {
    if (scope.each || scope.value.empty()) return;
    if (scope.kind == ScopeKind::kProvider) CheckKnown(path, {scope.value, ""}, "provider/");
    if (scope.kind != ScopeKind::kModel || s_.models.contains(scope.value)) return;
    if (const auto model = ModelRef::Parse(scope.value)) {
      CheckKnown(path, *model, "model/");
      return;
    }
    if (!Sound({"models"})) return;
    std::vector<std::string> names;
    for (const auto& [name, alias] : s_.models) names.push_back(name);
    const std::optional<std::string> near = Nearest(scope.value, names);
    Add(path, path + " is " + Quote(scope.Print()),
        "no name under models is " + Quote(scope.value) +
            ", and a provider's model has its provider before it",
        near ? "write model/" + *near : "write for example model/deepseek/deepseek-flash");
  }

  // The provider whose calls are all that a scope can hold; empty: any.
  static std::string OnlyProvider(const ScopePattern& scope) {
    if (scope.each) return "";
    if (scope.kind == ScopeKind::kProvider) return scope.value;
    const auto model = scope.kind == ScopeKind::kModel ? ModelRef::Parse(scope.value) : Refuse("", "");
    return model ? model->provider : "";
  }

  // Own hardware costs nothing in any currency, unless it is priced.
  bool Costs(const std::string& name, const ProviderSettings& provider) const {
    if (!provider.local || !provider.prices.empty()) return true;
    const auto priced = s_.prices.lower_bound(name + "/");
    return priced != s_.prices.end() && priced->first.starts_with(name + "/");
  }

  void CheckCurrencies(const std::string& path, const BudgetSettings& budget) {
    const std::string only = OnlyProvider(budget.scope);
    std::set<base::Currency> told;
    for (const auto& [name, provider] : s_.providers) {
      const base::Currency billed = provider.currency;
      if ((!only.empty() && only != name) || !Costs(name, provider) || told.contains(billed)) continue;
      if (!Sound({"providers." + name, "exchange"})) continue;
      if (RateBetween(s_.exchange, billed, budget.limit.currency)) continue;
      told.insert(billed);
      const std::string code(billed.code()), own(budget.limit.currency.code());
      Add(path + ".limit",
          path + ".limit is in " + own + ", and the provider " + name + " is billed in " + code,
          "without a rate nobody knows what its calls take of it",
          "write what one " + code + " is worth, as in exchange: { " + code + ": 0.15 " + own + " }");
    }
  }

  void CheckIdentity(std::size_t index) {
    const std::string path = Item("budgets", index);
    const auto readable = [this](const std::string& budget) {
      return Sound({budget + ".scope", budget + ".limit", budget + ".window", budget + ".rolling",
                    budget + ".timezone"});
    };
    if (!readable(path)) return;
    const BudgetSettings& budget = s_.budgets[index];
    for (std::size_t i = 0; i < index; ++i) {
      const BudgetSettings& other = s_.budgets[i];
      const bool same = other.scope == budget.scope && SameWindow(other, budget) &&
                        other.limit.currency == budget.limit.currency;
      if (!same || !readable(Item("budgets", i))) continue;
      Add(path, path + " has the scope, the window and the currency of " + Item("budgets", i),
          "one of the two would never be reached", "write one budget with the steps of both");
      return;
    }
  }

  void CheckStep(const std::string& budget_path, const BudgetSettings& budget, std::size_t index) {
    const std::string path = Item(budget_path + ".steps", index);
    if (!Sound({path})) return;
    const StepSettings& step = budget.steps[index];
    if (step.at && step.forecast) {
      Add(path, path + " has both at and forecast", "it would be unclear which of them takes it",
          "write two steps");
    } else if (!step.at && !step.forecast) {
      Add(path, path + " has no at", "it does not say when it is taken", "write at: 90%, or forecast: 110%");
    } else if (step.forecast && budget.window == CalendarWindow::kNone) {
      Add(path + ".forecast", path + " has a forecast and its budget no window",
          "only a window of the calendar has an end to look at",
          "write at instead, or give the budget a window");
    }
    if (step.forecast && Sound({budget_path + ".scope"}))
      CheckForecast(path + ".forecast", budget.scope.kind);
    CheckActions(path, step);
    if (!step.ladder_max.model.empty()) CheckLadderMax(path + ".ladder_max", step.ladder_max);
    CheckAlert(path + ".alert", step.alert);
    CheckTwice(budget_path, budget, index);
  }

  void CheckForecast(const std::string& path, ScopeKind kind) {
    const bool summed = kind != ScopeKind::kUser && kind != ScopeKind::kTag && kind != ScopeKind::kSession;
    if (summed) return;
    const std::string name(Name(kind));
    Add(path, path + " is of a budget of a " + name,
        "what each " + name + " spends is not summed by the hour",
        "write at instead, or a forecast in a budget of teams, projects or keys");
  }

  void CheckActions(const std::string& path, const StepSettings& step) {
    const std::vector<std::string> actions = ActionsOf(step);
    if (actions.size() > 1) {
      Add(path, path + " has both " + actions[0] + " and " + actions[1], "a step does one thing",
          "write one step for each, at the same share");
    } else if (actions.empty() && places_.Has(path + ".block")) {
      Add(path + ".block", path + ".block is false", "the step would do nothing", "write block: true");
    } else if (actions.empty()) {
      Add(path, path + " does nothing", "it says when and not what",
          "write alert, ladder_max, allow, limits or block: true beside it");
    }
  }

  void CheckAlert(const std::string& path, const AlertAddress& alert) {
    if (alert.mail.empty() || !s_.smtp.server.host.empty() || !Sound({"smtp"})) return;
    Add(path, path + " goes by e-mail", "there is no smtp.server that takes it",
        "write for example smtp: { server: \"smtp.example.com:587\", from: sluice@example.com, user: sluice, "
        "password: \"${SMTP_PASSWORD}\" }");
  }

  void CheckSmtp() {
    const SmtpSettings& smtp = s_.smtp;
    if ((smtp == SmtpSettings() && !places_.Has("smtp")) || !Sound({"smtp"})) return;
    if (smtp.server.host.empty()) {
      Add("smtp", "smtp has no server", "it does not say who takes the mail",
          "write for example server: smtp.example.com:587");
    } else if (smtp.server.port == 0) {
      Add("smtp.server", "smtp.server has port 0", "nobody can connect to it",
          "write for example " + HostPort{smtp.server.host, 587}.Print());
    }
    if (smtp.from.empty()) {
      Add("smtp", "smtp has no from", "mail has a sender", "write for example from: sluice@example.com");
    }
    if (smtp.user.empty() != smtp.password.empty()) {
      const std::string missing = smtp.user.empty() ? "user" : "password";
      Add("smtp", "smtp has no " + missing, "a login has a name and a password",
          smtp.user.empty() ? "write user: NAME, or remove password"
                            : "write password: \"${SMTP_PASSWORD}\", or remove user");
    }
    if (!smtp.password.empty() && smtp.tls == MailSecurity::kNone && !smtp.server.IsLoopback()) {
      Add("smtp.tls", "smtp.tls is none and there is a password",
          "whoever is on the way to " + smtp.server.host + " would read it",
          "write tls: starttls or tls: implicit");
    }
  }

  void CheckLadderMax(const std::string& path, const ModelRef& rung) {
    if (!Sound({"models"})) return;
    std::vector<std::string> rungs;
    for (const auto& [name, alias] : s_.models) {
      if (std::find(alias.ladder.begin(), alias.ladder.end(), rung) != alias.ladder.end()) return;
      for (const ModelRef& one : alias.ladder) rungs.push_back(one.Print());
    }
    const std::optional<std::string> near = Nearest(rung.Print(), rungs);
    Add(path, path + " is " + Quote(rung.Print()), "no ladder under models has this rung",
        near            ? "write " + *near
        : rungs.empty() ? "write a ladder under models, or allow: [local] instead"
                        : "write one of their rungs, such as " + rungs.front());
  }

  // Two of a kind at one share: the later says something else, or the same again.
  void CheckTwice(const std::string& budget_path, const BudgetSettings& budget, std::size_t index) {
    const StepSettings& step = budget.steps[index];
    const std::vector<std::string> actions = ActionsOf(step);
    for (std::size_t i = 0; i < index && actions.size() == 1; ++i) {
      const StepSettings& other = budget.steps[i];
      if (other.at != step.at || other.forecast != step.forecast || ActionsOf(other) != actions) continue;
      if (actions.front() == "alert" && other.alert != step.alert) continue;
      const std::string path = Item(budget_path + ".steps", index);
      Add(path, path + " has " + actions.front() + " at the share of " + Item(budget_path + ".steps", i),
          "only one of the two can be meant", "remove one of them");
      return;
    }
  }

  void CheckLimit(std::size_t index) {
    const std::string path = Item("limits", index);
    if (!Sound({path})) return;
    const LimitSettings& limit = s_.limits[index];
    CheckScope(path + ".scope", limit.scope);
    if (limit.most.empty()) {
      Add(path, path + " limits nothing", "it has neither requests nor tokens nor in_flight",
          "write for example requests: 600/min");
    }
    for (std::size_t i = 0; i < index; ++i) {
      const LimitSettings& other = s_.limits[i];
      if (other.scope != limit.scope || !Sound({Item("limits", i)})) continue;
      const Throughput &a = other.most, &b = limit.most;
      const char* twice = a.requests.count > 0 && a.requests.per == b.requests.per ? "requests"
                          : a.tokens.count > 0 && a.tokens.per == b.tokens.per     ? "tokens"
                          : a.in_flight > 0 && b.in_flight > 0                     ? "in_flight"
                                                                                   : nullptr;
      if (twice == nullptr) continue;
      Add(path + "." + twice,
          path + " and " + Item("limits", i) + " both limit " + twice + " of " + limit.scope.Print(),
          "the larger of the two would never be reached", "remove one of them");
    }
  }

  void CheckRate(const std::string& code, const base::Money& worth) {
    const std::string path = "exchange." + code;
    if (!Sound({path})) return;
    const auto from = base::Currency::Parse(code);
    const std::string other(worth.currency.code());
    if (!from) return;
    if (*from == worth.currency) {
      Add(path, path + " is in " + code, "a currency is worth itself", "write what it is worth in another");
    } else if (code < other && s_.exchange.contains(other) &&
               s_.exchange.find(other)->second.currency == *from) {
      Add("exchange." + other,
          "exchange says what " + code + " is worth in " + other + " and the other way round",
          "two rates between two currencies need not agree", "remove one of them");
    } else if (!RateBetween(s_.exchange, *from, worth.currency)) {
      Add(path, path + " is " + base::Print(worth), "it has more digits than can be counted with exactly",
          "write fewer decimals");
    }
  }
};

}  // namespace

std::vector<Problem> CheckBudgets(const Settings& settings, const Places& places) {
  return BudgetChecker(settings, places).Run();
}

}  // namespace config
