#include <algorithm>
#include <utility>

#include "admin/account_page_internal.h"
#include "admin/budget_rows_internal.h"
#include "base/json_text.h"

namespace admin {
namespace {

using base::Code;
using base::Result;
using base::WallTime;
using budget::BudgetRule;

constexpr base::Int128 kRaiseMax = static_cast<base::Int128>(base::kPico) * 1'000'000'000'000;

struct RaiseAsked {
  config::ScopePattern scope;
  base::Money amount;
  bool is_total = false;  // the amount is what the limit is to be, not what is added to it
  std::string window;     // only of budgets with this one; empty: of all
  WallTime until;
};

Result<RaiseAsked> ReadRaise(const Ask& ask, WallTime now) {
  std::string scope_text, by, to, window, until_text;
  const auto read = ReadTextMembers(
      ask.body,
      {{"scope", &scope_text}, {"by", &by}, {"to", &to}, {"window", &window}, {"until", &until_text}});
  if (!read) return base::Fail(read.error());
  auto scope = config::ScopePattern::Parse(scope_text);
  if (!scope) {
    return base::Fail(Code::kInvalid, "scope: " + scope.error().why + ": " + scope.error().instead);
  }
  if (scope->each) return base::Fail(Code::kInvalid, "scope: one account is raised, such as team/support");
  if (by.empty() == to.empty()) {
    return base::Fail(Code::kInvalid, "by: how much more it may spend, or to: how much in all; one of them");
  }
  const std::string name = by.empty() ? "to" : "by";
  const auto amount = base::ParseMoney(by.empty() ? to : by);
  if (!amount) return base::Fail(Code::kInvalid, name + ": " + amount.error().detail);
  if (amount->pico < 0) return base::Fail(Code::kInvalid, name + ": not less than nothing");
  RaiseAsked asked{.scope = std::move(*scope),
                   .amount = *amount,
                   .is_total = by.empty(),
                   .window = std::move(window),
                   .until = now};
  if (!asked.is_total && amount->pico == 0) return asked;  // ends a raise
  const auto until = ReadInstant(until_text, now);
  if (!until || *until <= now) {
    return base::Fail(Code::kInvalid, "until: a time to come, such as 2027-01-31T00:00:00Z, or how long: 2h");
  }
  asked.until = *until;
  return asked;
}

// "month" and "month Asia/Shanghai" are words for the window "month Asia/Shanghai".
bool HasWindow(const BudgetRule& rule, const std::string& words) {
  return words.empty() || rule.window == words || rule.window.starts_with(words + " ");
}

// How much the account gets on top of its own limit.
Result<base::Int128> MoreFor(const budget::Policy& policy, const BudgetRow& row, const RaiseAsked& asked) {
  const auto amount = policy.In(*row.rule, asked.amount);
  if (!amount || *amount > kRaiseMax) {
    return base::Fail(Code::kInvalid, "a budget of this scope is in " +
                                          std::string(row.rule->terms.limit.currency.code()) +
                                          "; no rate of `exchange` leads there, or it is too much");
  }
  if (!asked.is_total) return *amount;
  const base::Int128 own = row.view.limit - row.view.raise.by;
  if (*amount >= own) return *amount - own;
  return base::Fail(Code::kInvalid, "to: the limit is " +
                                        base::Print(base::Money{own, row.rule->terms.limit.currency}) +
                                        " without a raise; only the config can lower it");
}

// The account of each of its budgets as it stands, and what it is raised by.
struct Raising {
  std::vector<BudgetRow> rows;
  std::vector<budget::AccountRaise> raises;  // views of the rows
};

// Errors: kNotFound: no budget has the account; kInvalid.
Result<Raising> Prepare(const Budgets& budgets, const budget::Policy& policy, const RaiseAsked& asked,
                        WallTime now) {
  Raising raising;
  std::string windows;
  for (const BudgetRule& rule : policy.budgets()) {
    if (!Covers(rule.scope, asked.scope) || !HasWindow(rule, asked.window)) continue;
    raising.rows.push_back(LookAt(budgets, rule, asked.scope.value, now));
    windows += (windows.empty() ? "" : ", ") + rule.window;
  }
  if (raising.rows.empty()) {
    return base::Fail(
        Code::kNotFound,
        "no budget has this account, or none with this window; GET /admin/v1/budgets lists them");
  }
  if (asked.is_total && raising.rows.size() > 1) {
    return base::Fail(Code::kInvalid, "to: this account has several budgets (" + windows +
                                          "): say with `window` of which, or `by` how much more of all");
  }
  for (const BudgetRow& row : raising.rows) {
    const auto more = MoreFor(policy, row, asked);
    if (!more) return base::Fail(more.error());
    raising.raises.push_back({.account = row.Account(budgets.books.hash()),
                              .raise = {.by = *more, .until = *more == 0 ? now : asked.until}});
  }
  return raising;
}

std::string RaisedJson(const Budgets& budgets, std::span<const BudgetRow> rows) {
  base::JsonObject out;
  out.AddRaw("budgets", RowsJson(budgets, rows));
  return out.Take();
}

// As they will stand with the raises.
std::vector<BudgetRow> Raised(const Raising& raising, WallTime now) {
  std::vector<BudgetRow> rows = raising.rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    budget::AccountView& view = rows[i].view;
    const budget::Raise& raise = raising.raises[i].raise;
    view.limit += raise.by - view.raise.by;
    view.raise = now < raise.until ? raise : budget::Raise();
  }
  return rows;
}

// What stood there before takes its place again.
void TakeBack(budget::Books& books, const Raising& raising) {
  std::vector<budget::AccountRaise> before = raising.raises;
  for (std::size_t i = 0; i < before.size(); ++i) before[i].raise = raising.rows[i].view.raise;
  (void)books.SetRaises(before);  // the accounts are there
}

}  // namespace

Reply RaiseBudget(Office& office, const Ask& ask) {
  const WallTime now = office.clock.WallNow();
  const auto asked = ReadRaise(ask, now);
  if (!asked) return Refuse(asked.error());
  const Budgets& budgets = office.budgets;
  const std::shared_ptr<const budget::Policy> policy = budgets.policy();
  const auto raising = Prepare(budgets, *policy, *asked, now);
  if (!raising) return Refuse(raising.error());
  const std::string told = RaisedJson(budgets, Raised(*raising, now));
  bool holds = false;
  const auto noted = office.keys.Audited({.who = ask.who,
                                          .action = "budget.raise",
                                          .target = asked->scope.Print(),
                                          .before = RaisedJson(budgets, raising->rows),
                                          .after = told},
                                         [&] {
                                           auto set = budgets.books.SetRaises(raising->raises);
                                           holds = set.has_value();
                                           return set;
                                         });
  if (!noted) {
    if (holds) TakeBack(budgets.books, *raising);
    return Refuse(noted.error());
  }
  budgets.on_change();
  if (const auto kept = budgets.books.WriteCheckpoint(); !kept) {
    return Refuse(Trouble::kUnavailable,
                  "it is raised, but a restart would forget that until it could be "
                  "written down, which is tried again in some seconds: " +
                      kept.error().detail);
  }
  return {.body = told};
}

}  // namespace admin
