#include "admin/routes_internal.h"
#include "base/encoding.h"
#include "base/json_text.h"

namespace admin {

Reply ListAudit(Office& office, const Ask& ask) {
  constexpr std::string_view kOnce[] = {"target", "before", "limit"};
  const auto given = Parameters::Read(ask.query, kOnce);
  if (!given) return Refuse(given.error());
  const auto limit = given->Count("limit", kPageUsual, store::kAuditPageMax);
  if (!limit) return Refuse(limit.error());
  store::AuditQuery query{.target = given->Get("target"), .limit = *limit};
  if (const std::string before = given->Get("before"); !before.empty()) {
    const auto id = base::ParseDecimal(before);
    if (!id || *id > static_cast<std::uint64_t>(INT64_MAX)) {
      return Refuse(Trouble::kInvalidRequest, "before: the id of an entry");
    }
    query.before = static_cast<std::int64_t>(*id);
  }
  const auto entries = office.keys.Audit(query);
  if (!entries) return Refuse(entries.error());
  base::JsonObject body;
  body.OpenArray("entries");
  for (const store::AuditEntry& entry : *entries) {
    body.OpenElement()
        .Add("id", entry.id)
        .Add("at", base::Rfc3339(entry.at).view())
        .Add("who", entry.who)
        .Add("action", entry.action)
        .Add("target", entry.target)
        .AddRaw("before", entry.before)
        .AddRaw("after", entry.after)
        .Close();
  }
  body.Close();
  entries->size() == *limit ? body.Add("next", entries->back().id) : body.AddNull("next");
  return {.body = body.Take()};
}

}  // namespace admin
