#include <algorithm>
#include <optional>
#include <utility>

#include "admin/budget_rows_internal.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "budget/restrictions.h"
#include "budget/share.h"

namespace admin {
namespace {

using budget::Step;

// What a step does, as the config says it: "ladder_max deepseek/deepseek-flash".
std::string Does(const Step& step) {
  std::string words(budget::Name(step.action));
  if (step.action == Step::Action::kLadderMax) words += " " + step.ladder_max.Print();
  if (step.action == Step::Action::kAllow) words += " " + step.allowed;
  return words;
}

// Alerts go by what is settled, what holds requests back also by what is reserved.
void AddSteps(base::JsonObject& out, const budget::Standing& standing) {
  out.OpenArray("steps");
  for (const Step& step : standing.rule->steps) {
    if (!budget::IsTaken(step, standing, step.action != Step::Action::kAlert)) continue;
    out.OpenElement()
        .Add("at", config::Print(step.at))
        .Add("forecast", step.forecast)
        .Add("does", Does(step))
        .Close();
  }
  out.Close();
}

std::string RowJson(const Budgets& budgets, const BudgetRow& row) {
  const budget::AccountView& view = row.view;
  const auto amount = [&](base::Int128 pico) {
    return base::Print(base::Money{.pico = pico, .currency = row.rule->terms.limit.currency});
  };
  const budget::AccountKey key = row.Account(budgets.books.hash()).key;
  const budget::Standing standing{
      .rule = row.rule,
      .value_hash = key.value,
      .value = row.value,
      .view = view,
      .forecast = row.rule->forecasts ? budgets.crossings.ForecastOf(key) : std::nullopt};
  base::JsonObject out;
  out.Add("scope", row.rule->scope.Print());
  row.value.empty() ? out.AddNull("value") : out.Add("value", row.value);
  out.Add("mode", row.rule->mode == config::BudgetMode::kStrict ? "strict" : "typical");
  out.Add("window", row.rule->window);
  out.Add("used", amount(view.settled)).Add("reserved", amount(view.reserved));
  out.Add("limit", amount(view.limit)).Add("left", amount(view.room()));
  out.Add("raise", amount(view.raise.by));
  view.raise.by == 0 ? out.AddNull("raise_until")
                     : out.Add("raise_until", base::Rfc3339(view.raise.until).view());
  const bool ends =
      row.rule->terms.window.kind() != budget::Window::Kind::kRolling && view.span.start < view.span.end;
  ends ? out.Add("window_end", base::Rfc3339(view.span.end).view()) : out.AddNull("window_end");
  AddSteps(out, standing);
  standing.forecast ? out.Add("forecast", budget::PrintShare(*standing.forecast)) : out.AddNull("forecast");
  return out.Take();
}

}  // namespace

BudgetRow LookAt(const Budgets& budgets, const budget::BudgetRule& rule, std::string value,
                 base::WallTime now) {
  BudgetRow row{.rule = &rule, .value = std::move(value), .view = {}};
  const budget::Demand account = row.Account(budgets.books.hash());
  budgets.books.accounts().Look({&account, 1}, now, {&row.view, 1});
  return row;
}

std::string RowsJson(const Budgets& budgets, std::span<const BudgetRow> rows) {
  return base::JsonList(rows, [&budgets](const BudgetRow& row) { return RowJson(budgets, row); });
}

}  // namespace admin
