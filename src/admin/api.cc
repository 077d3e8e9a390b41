#include "admin/api.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "admin/routes_internal.h"
#include "base/json_text.h"

namespace admin {
namespace {

constexpr Route kRoutes[] = {
    {"GET", "/admin/v1", ListRoutes},
    {"GET", "/admin/v1/audit", ListAudit},
    {"GET", "/admin/v1/budgets", nullptr, ListBudgets},
    {"POST", "/admin/v1/budgets/raise", RaiseBudget},
    {"GET", "/admin/v1/keys", ListKeys},
    {"POST", "/admin/v1/keys", CreateKey},
    {"GET", "/admin/v1/keys/{id}", GetKey},
    {"POST", "/admin/v1/keys/{id}/revoke", RevokeKey},
    {"POST", "/admin/v1/keys/{id}/rotate", RotateKey},
    {"GET", "/admin/v1/leases", ListLeases},
    {"POST", "/admin/v1/leases/{id}/settle", SettleLease},
    {"GET", "/admin/v1/limits", nullptr, ListLimits},
    {"GET", "/admin/v1/usage", nullptr, ReportUsage},
};

// Whether `path` is of the pattern, and what stands for its {id}.
std::optional<std::string_view> Match(std::string_view pattern, std::string_view path) {
  constexpr std::string_view kId = "{id}";
  const std::size_t at = pattern.find(kId);
  if (at == std::string_view::npos) return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  const std::string_view before = pattern.substr(0, at);
  const std::string_view behind = pattern.substr(at + kId.size());
  if (path.size() <= before.size() + behind.size() || !path.starts_with(before) || !path.ends_with(behind)) {
    return std::nullopt;
  }
  const std::string_view id = path.substr(before.size(), path.size() - before.size() - behind.size());
  return id.find('/') == std::string_view::npos ? std::optional(id) : std::nullopt;
}

}  // namespace

struct Api::Offices {
  Offices(const Parts& parts, std::unique_ptr<store::KeyStore> store)
      : keys(std::move(store)),
        office{.clock = parts.clock,
               .keys = *keys,
               .budgets = {parts.budgets, parts.limits, parts.crossings, parts.policy, parts.on_change}},
        reports{.clock = parts.clock, .budgets = office.budgets, .data = parts.data, .note = parts.note},
        desk(parts.clock),
        report_desk(parts.clock) {}

  const std::unique_ptr<store::KeyStore> keys;
  Office office;    // of `desk`
  Reports reports;  // of `report_desk`
  Desk desk;        // these two last: they use what is above
  Desk report_desk;
};

base::Result<std::unique_ptr<Api>> Api::Open(const Parts& parts) {
  auto keys = store::KeyStore::Open(parts.data, parts.clock);
  if (!keys) return base::Fail(std::move(keys).error());
  auto offices = std::make_unique<Offices>(parts, std::move(*keys));
  return std::unique_ptr<Api>(new Api(std::move(offices)));
}

Api::Api(std::unique_ptr<Offices> offices) : offices_(std::move(offices)) {}
Api::~Api() = default;

Api::Found Api::Find(std::string_view method, std::string_view path) {
  const std::string_view asked = method == "HEAD" ? "GET" : method;
  std::string allow;
  for (const Route& route : kRoutes) {
    const auto id = Match(route.path, path);
    if (!id) continue;
    if (route.method == asked) return {.route = &route, .id = std::string(*id)};
    allow += (allow.empty() ? "" : ", ") + std::string(route.method);
    if (route.method == "GET") allow += ", HEAD";
  }
  if (allow.empty()) {
    return {.refusal = Refuse(Trouble::kNotFound,
                              "there is nothing at this path; GET /admin/v1 lists what "
                              "there is")};
  }
  Found found{.refusal = Refuse(Trouble::kMethodNotAllowed, "this path knows " + allow)};
  found.refusal.allow = std::move(allow);
  return found;
}

net::Task<Reply> Api::Answer(net::Loop& loop, const Route& route, Ask ask) {
  if (route.report != nullptr) {
    return offices_->report_desk.Do(
        loop, [this, &route, ask = std::move(ask)] { return route.report(offices_->reports, ask); });
  }
  return offices_->desk.Do(
      loop, [this, &route, ask = std::move(ask)] { return route.answer(offices_->office, ask); });
}

Reply ListRoutes(Office&, const Ask& ask) {
  if (const auto read = Parameters::Read(ask.query, {}); !read) return Refuse(read.error());
  base::JsonObject body;
  body.OpenArray("routes");
  for (const Route& route : kRoutes) {
    body.OpenElement().Add("method", route.method).Add("path", route.path).Close();
  }
  body.Close();
  return {.body = body.Take()};
}

}  // namespace admin
