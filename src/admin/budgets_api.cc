#include <algorithm>
#include <map>
#include <utility>

#include "admin/routes_internal.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "config/scope.h"

namespace admin {
namespace {

using base::Code;
using base::Result;
using base::WallTime;
using budget::BudgetRule;
using Listed = budget::Accounts::Listed;

constexpr base::Int128 kRaiseMax = static_cast<base::Int128>(base::kPico) * 1'000'000'000'000;

// One account of one budget.
struct Row {
  const BudgetRule* rule = nullptr;
  Listed account;
};

std::string RowJson(const Row& row) {
  const budget::AccountView& view = row.account.view;
  const auto amount = [&](base::Int128 pico) {
    return base::Print(base::Money{.pico = pico, .currency = row.rule->terms.limit.currency});
  };
  const auto time = [](WallTime at) { return base::Rfc3339(at.time_since_epoch().count()); };
  base::JsonObject out;
  out.Add("scope", row.rule->scope.Print());
  row.account.value.empty() ? out.AddNull("value") : out.Add("value", row.account.value);
  out.Add("mode", row.rule->mode == config::BudgetMode::kStrict ? "strict" : "typical");
  out.Add("used", amount(view.settled)).Add("reserved", amount(view.reserved));
  out.Add("limit", amount(view.limit)).Add("raise", amount(row.account.raise.by));
  row.account.raise.by == 0 ? out.AddNull("raise_until")
                            : out.Add("raise_until", time(row.account.raise.until).view());
  const bool ends =
      row.rule->terms.window.kind() != budget::Window::Kind::kRolling && view.span.start < view.span.end;
  ends ? out.Add("window_end", time(view.span.end).view()) : out.AddNull("window_end");
  return out.Take();
}

std::string RowsJson(const std::vector<Row>& rows) {
  std::string list = "[";
  for (const Row& row : rows) {
    if (list.size() > 1) list += ',';
    list += RowJson(row);
  }
  return list + "]";
}

// The accounts of a budget behind the value `after`, by value, at most `most`. From its beginning (null) what
// nothing was spent from yet stands there as well.
std::vector<Row> RowsOf(const Budgets& budgets, const BudgetRule& rule, const std::string* after,
                        std::size_t most, WallTime now) {
  std::map<std::string, Listed> first;
  budgets.books.accounts().List(rule.terms, now, [&](const Listed& one) {
    if (after != nullptr && one.value <= *after) return;
    if (first.size() >= most && one.value > first.rbegin()->first) return;
    first.emplace(one.value, one);
    if (first.size() > most) first.erase(std::prev(first.end()));
  });
  if (first.empty() && after == nullptr) {
    const std::string value = rule.scope.each ? std::string() : rule.scope.value;
    const budget::AccountView untouched{
        .settled = 0, .reserved = 0, .limit = rule.terms.limit.pico, .span = rule.terms.window.At(now)};
    first.emplace(value, Listed{.value = value, .view = untouched, .raise = {}});
  }
  std::vector<Row> rows;
  for (auto& [value, one] : first) rows.push_back({.rule = &rule, .account = std::move(one)});
  return rows;
}

// Where a page ended: the id of the budget and the value of the account.
std::string Cursor(const Row& row) {
  return std::to_string(row.rule->terms.id) + "/" + row.account.value;
}

// Whether the account of `scope` is one of the rule's. REQUIRES: `scope` is of one account.
bool Covers(const BudgetRule& rule, const config::ScopePattern& scope) {
  if (rule.scope.kind != scope.kind) return false;
  if (!rule.scope.each) return rule.scope.value == scope.value;
  const bool is_asked = scope.kind == config::ScopeKind::kModel && scope.value.find('/') == std::string::npos;
  return !scope.value.empty() && !is_asked && scope.value.starts_with(rule.scope.value);
}

struct RaiseAsked {
  config::ScopePattern scope;
  base::Money by;
  WallTime until;
};

Result<RaiseAsked> ReadRaise(const Ask& ask, WallTime now) {
  std::string scope;
  std::string by;
  std::string until;
  const auto read = ReadBody(ask.body, [&](std::string_view name, const wire::JsonValue& value) {
    std::string* const text = name == "scope"   ? &scope
                              : name == "by"    ? &by
                              : name == "until" ? &until
                                                : nullptr;
    if (text == nullptr) return Result<bool>(false);
    const auto done = ReadText(name, value, *text);
    return done ? Result<bool>(true) : Result<bool>(base::Fail(done.error()));
  });
  if (!read) return base::Fail(read.error());
  const auto pattern = config::ScopePattern::Parse(scope);
  if (!pattern) {
    return base::Fail(Code::kInvalid, "scope: " + pattern.error().why + ": " + pattern.error().instead);
  }
  if (pattern->each) return base::Fail(Code::kInvalid, "scope: one account is raised, such as team/support");
  const auto amount = base::ParseMoney(by);
  if (!amount) return base::Fail(Code::kInvalid, "by: " + amount.error().detail);
  if (amount->pico < 0) return base::Fail(Code::kInvalid, "by: not less than nothing");
  const auto end = base::ParseTime(until);
  if (!end || *end <= now) {
    return base::Fail(Code::kInvalid, "until: a time to come, such as 2027-01-31T00:00:00Z");
  }
  return RaiseAsked{.scope = *pattern, .by = *amount, .until = *end};
}

// One account with the raise that it has and the one that it is to have.
struct Raised {
  Row row;
  budget::Demand account;
  budget::Raise raise;
};

// Errors: kNotFound: no budget has the account; kInvalid: no rate leads to the currency of one that has.
Result<std::vector<Raised>> AccountsOf(const Budgets& budgets, const budget::Policy& policy,
                                       const RaiseAsked& asked, WallTime now) {
  std::vector<Raised> raised;
  for (const BudgetRule& rule : policy.budgets()) {
    if (!Covers(rule, asked.scope)) continue;
    const auto by = policy.In(rule, asked.by);
    if (!by || *by > kRaiseMax) {
      return base::Fail(Code::kInvalid, "by: a budget of this scope is in " +
                                            std::string(rule.terms.limit.currency.code()) +
                                            "; no rate of `exchange` leads there, or it is too much");
    }
    const budget::AccountKey key{.rule = rule.terms.id, .value = budgets.books.hash()(asked.scope.value)};
    raised.push_back(
        {.row = {.rule = &rule, .account = {.value = asked.scope.value, .view = {}, .raise = {}}},
         .account = {.key = key, .terms = &rule.terms, .value = asked.scope.value, .amount = 0},
         .raise = {.by = *by, .until = *by == 0 ? now : asked.until}});
    budgets.books.accounts().Look({&raised.back().account, 1}, now, {&raised.back().row.account.view, 1});
    budgets.books.accounts().List(rule.terms, now, [&](const Listed& one) {
      if (one.value == asked.scope.value) raised.back().row.account = one;
    });
  }
  if (!raised.empty()) return raised;
  return base::Fail(Code::kNotFound, "no budget has this account; GET /admin/v1/budgets lists them all");
}

// All of them or none.
Result<> SetRaises(budget::Books& books, std::span<const Raised> raised, WallTime now) {
  for (std::size_t i = 0; i < raised.size(); ++i) {
    auto set = books.SetRaise(raised[i].account, raised[i].raise);
    if (set) continue;
    for (const Raised& one : raised.first(i + 1)) {
      (void)books.accounts().SetRaise(one.account, one.row.account.raise, now);
    }
    return set;
  }
  return {};
}

std::string RaisedJson(std::span<const Raised> raised) {
  std::vector<Row> rows;
  for (const Raised& one : raised) rows.push_back(one.row);
  base::JsonObject out;
  out.AddRaw("budgets", RowsJson(rows));
  return out.Take();
}

}  // namespace

Reply ListBudgets(Books& books, const Ask& ask) {
  constexpr std::string_view kOnce[] = {"after", "limit"};
  const auto given = Parameters::Read(ask.query, kOnce);
  if (!given) return Refuse(given.error());
  const auto limit = given->Count("limit", kPageUsual, kBudgetPageMax);
  if (!limit) return Refuse(limit.error());
  const std::shared_ptr<const budget::Policy> policy = books.budgets.policy();
  const std::string after = given->Get("after");
  const std::size_t slash = std::min(after.find('/'), after.size());
  const std::string last = after.substr(std::min(slash + 1, after.size()));
  const std::string from = after.substr(0, slash);
  bool begun = after.empty();
  std::vector<Row> rows;
  for (const BudgetRule& rule : policy->budgets()) {
    const bool resumed = !begun && std::to_string(rule.terms.id) == from;
    begun = begun || resumed;
    if (!begun || rows.size() >= *limit) continue;
    for (Row& row : RowsOf(books.budgets, rule, resumed ? &last : nullptr, *limit - rows.size(),
                           books.clock.WallNow())) {
      rows.push_back(std::move(row));
    }
  }
  if (!begun) return Refuse(Trouble::kInvalidRequest, "after: `next` of a page, of a budget that still is");
  base::JsonObject body;
  body.AddRaw("budgets", RowsJson(rows));
  rows.size() == *limit ? body.Add("next", Cursor(rows.back())) : body.AddNull("next");
  return {.body = body.Take()};
}

Reply RaiseBudget(Office& office, const Ask& ask) {
  const WallTime now = office.clock.WallNow();
  const auto asked = ReadRaise(ask, now);
  if (!asked) return Refuse(asked.error());
  const std::shared_ptr<const budget::Policy> policy = office.budgets.policy();
  const auto raised = AccountsOf(office.budgets, *policy, *asked, now);
  if (!raised) return Refuse(raised.error());
  std::vector<Raised> after = *raised;
  for (Raised& one : after) {
    one.row.account.view.limit += one.raise.by - one.row.account.raise.by;
    one.row.account.raise = one.raise;
  }
  const std::string told = RaisedJson(after);
  const auto done = office.keys.Audited({.who = ask.who,
                                         .action = "budget.raise",
                                         .target = asked->scope.Print(),
                                         .before = RaisedJson(*raised),
                                         .after = told},
                                        [&] { return SetRaises(office.budgets.books, *raised, now); });
  return done ? Reply{.body = told} : Refuse(done.error());
}

}  // namespace admin
