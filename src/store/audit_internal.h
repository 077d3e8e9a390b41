#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "store/audit.h"
#include "store/sqlite_internal.h"

namespace store {

// The audit trail of one connection to keys.sqlite. Errors of every call: those of the database.
class AuditTable {
 public:
  static base::Result<AuditTable> Open(SqliteDatabase& database);

  // As part of the transaction that is open. The entry's id is not looked at.
  base::Result<> Append(const AuditEntry& entry);
  base::Result<std::vector<AuditEntry>> Read(const AuditQuery& query);

 private:
  AuditTable(SqliteDatabase& database, SqliteStatement append, SqliteStatement read)
      : database_(&database), append_(std::move(append)), read_(std::move(read)) {}

  SqliteDatabase* database_;
  SqliteStatement append_;
  SqliteStatement read_;
};

}  // namespace store
