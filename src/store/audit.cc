#include <algorithm>
#include <limits>

#include "store/audit_internal.h"

namespace store {

base::Result<AuditTable> AuditTable::Open(SqliteDatabase& database) {
  auto append = database.Prepare(
      "INSERT INTO audit (at, who, action, target, before, after) VALUES (?, ?, ?, ?, ?, ?)");
  if (!append) return base::Fail(append.error());
  auto read = database.Prepare(
      "SELECT id, at, who, action, target, before, after FROM audit"
      " WHERE id < ?1 AND (?2 = '' OR target = ?2) ORDER BY id DESC LIMIT ?3");
  if (!read) return base::Fail(read.error());
  return AuditTable(database, std::move(*append), std::move(*read));
}

base::Result<> AuditTable::Append(const AuditEntry& entry) {
  append_.BindInteger(0, entry.at.time_since_epoch().count());
  append_.BindText(1, entry.who);
  append_.BindText(2, entry.action);
  append_.BindText(3, entry.target);
  append_.BindText(4, entry.before);
  append_.BindText(5, entry.after);
  const auto done = database_->Step(append_);
  if (!done) return base::Fail(done.error());
  return {};
}

base::Result<std::vector<AuditEntry>> AuditTable::Read(const AuditQuery& query) {
  read_.BindInteger(0, query.before.value_or(std::numeric_limits<std::int64_t>::max()));
  read_.BindText(1, query.target);
  read_.BindInteger(2, static_cast<std::int64_t>(std::min(query.limit, kAuditPageMax)));
  std::vector<AuditEntry> entries;
  for (;;) {
    const auto row = database_->Step(read_);
    if (!row) return base::Fail(row.error());
    if (!*row) return entries;
    entries.push_back({.id = read_.Integer(0),
                       .at = base::WallTime(std::chrono::nanoseconds(read_.Integer(1))),
                       .who = read_.Text(2),
                       .action = read_.Text(3),
                       .target = read_.Text(4),
                       .before = read_.Text(5),
                       .after = read_.Text(6)});
  }
}

}  // namespace store
