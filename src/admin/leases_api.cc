#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "admin/routes_internal.h"
#include "base/encoding.h"
#include "base/json_text.h"

namespace admin {
namespace {

using base::Result;
using Unsettled = budget::Books::Unsettled;

std::string LeaseJson(const Unsettled& lease) {
  base::JsonObject out;
  out.Add("request_id", lease.request_id);
  out.Add("started", base::Rfc3339(lease.started).view());
  lease.team.empty() ? out.AddNull("team") : out.Add("team", lease.team);
  lease.key_id.empty() ? out.AddNull("key_id") : out.Add("key_id", lease.key_id);
  out.Add("model", lease.model).Add("worst", base::Print(lease.worst));
  return out.Take();
}

std::string LeasesJson(std::span<const Unsettled> leases) {
  return base::JsonList(leases, LeaseJson);
}

// By request; those of one request in the order in which they were promised.
std::vector<Unsettled> Sorted(std::vector<Unsettled> leases) {
  std::stable_sort(leases.begin(), leases.end(),
                   [](const Unsettled& a, const Unsettled& b) { return a.request_id < b.request_id; });
  return leases;
}

// At most `limit` leases of requests behind `after`, and the rest of the last request's.
std::span<const Unsettled> Page(std::span<const Unsettled> sorted, std::string_view after,
                                std::size_t limit) {
  const auto behind = [](std::string_view id, const Unsettled& lease) { return id < lease.request_id; };
  const auto first = std::upper_bound(sorted.begin(), sorted.end(), after, behind);
  auto last = first + std::min(static_cast<std::ptrdiff_t>(limit), sorted.end() - first);
  if (last != first) last = std::upper_bound(last, sorted.end(), (last - 1)->request_id, behind);
  return {first, last};
}

// "0", or an amount of the currency in which it was promised.
Result<base::Money> ReadCost(const std::string& text, base::Currency promised) {
  if (text == "0") return base::Money{.pico = 0, .currency = promised};
  auto cost = base::ParseMoney(text);
  if (!cost) return base::Fail(base::Code::kInvalid, "cost: " + cost.error().detail);
  if (cost->currency == promised) return cost;
  return base::Fail(base::Code::kInvalid, "cost: this request was promised in " +
                                              std::string(promised.code()) +
                                              ", and what it cost must be said in it");
}

struct Settlement {
  std::string cost;
  bool above_worst_case = false;
};

Result<Settlement> ReadSettlement(const std::string& body) {
  Settlement read;
  const auto done = ReadBody(body, [&](std::string_view name, const wire::JsonValue& value) -> Result<bool> {
    if (name == "cost") {
      const auto text = ReadText(name, value, read.cost);
      return text ? Result<bool>(true) : base::Fail(text.error());
    }
    if (name != "above_worst_case") return false;
    if (value.IsNull()) return true;
    const auto yes = value.Bool();
    if (!yes) return base::Fail(base::Code::kInvalid, "above_worst_case: must be true or false");
    read.above_worst_case = *yes;
    return true;
  });
  if (!done) return base::Fail(done.error());
  if (read.cost.empty()) {
    return base::Fail(base::Code::kInvalid,
                      "cost: what the request cost, such as 0.0012 USD, or 0 for nothing");
  }
  return read;
}

// What was reserved for the calls of one request, all together. None: in several currencies.
std::optional<base::Money> WorstOf(std::span<const Unsettled> leases) {
  base::Money worst{.pico = 0, .currency = leases.front().worst.currency};
  for (const Unsettled& lease : leases) {
    if (lease.worst.currency != worst.currency) return std::nullopt;
    worst.pico += lease.worst.pico;
  }
  return worst;
}

// A slip of the hand must not lock a team out.
Result<> CheckWorstCase(std::span<const Unsettled> leases, base::Money cost) {
  const std::optional<base::Money> worst = WorstOf(leases);
  if (!worst || cost.pico <= worst->pico) return {};
  return base::Fail(base::Code::kInvalid,
                    "cost: " + base::Print(cost) + " is more than the " + base::Print(*worst) +
                        " that were reserved for this request as its worst case; where its provider has "
                        "charged that nevertheless, say so (--above-worst-case, \"above_worst_case\": true)");
}

}  // namespace

Reply ListLeases(Office& office, const Ask& ask) {
  constexpr std::string_view kOnce[] = {"after", "limit"};
  const auto given = Parameters::Read(ask.query, kOnce);
  if (!given) return Refuse(given.error());
  const auto limit = given->Count("limit", kPageUsual, kLeasePageMax);
  if (!limit) return Refuse(limit.error());
  const std::vector<Unsettled> leases = Sorted(office.budgets.books.ListUnsettled());
  const std::span<const Unsettled> page = Page(leases, given->Get("after"), *limit);
  base::JsonObject body;
  body.AddRaw("leases", LeasesJson(page));
  page.size() >= *limit ? body.Add("next", page.back().request_id) : body.AddNull("next");
  return {.body = body.Take()};
}

Reply SettleLease(Office& office, const Ask& ask) {
  const auto read = ReadSettlement(ask.body);
  if (!read) return Refuse(read.error());
  budget::Books& books = office.budgets.books;
  std::vector<Unsettled> leases = books.ListUnsettled();
  std::erase_if(leases, [&](const Unsettled& lease) { return lease.request_id != ask.id; });
  if (leases.empty()) {
    return Refuse(Trouble::kNotFound,
                  "no call of this request is without an end; GET /admin/v1/leases lists those that are");
  }
  const auto cost = ReadCost(read->cost, leases.front().worst.currency);
  if (!cost) return Refuse(cost.error());
  if (!read->above_worst_case) {
    if (const auto within = CheckWorstCase(leases, *cost); !within) return Refuse(within.error());
  }
  base::JsonObject before;
  before.AddRaw("leases", LeasesJson(leases));
  base::JsonObject after;
  after.Add("cost", base::Print(*cost));
  const auto settled = office.keys.Audited({.who = ask.who,
                                            .action = "lease.settle",
                                            .target = ask.id,
                                            .before = before.Take(),
                                            .after = after.Take()},
                                           [&] {
                                             auto done = books.SettleUnsettled(ask.id, cost->pico);
                                             if (done) office.budgets.on_change();
                                             return done;
                                           });
  if (!settled) return Refuse(settled.error());
  base::JsonObject body;
  body.Add("request_id", ask.id).Add("cost", base::Print(*cost)).AddRaw("leases", LeasesJson(leases));
  return {.body = body.Take()};
}

}  // namespace admin
