#include <sys/stat.h>

#include <iterator>
#include <string>
#include <utility>

#include "store/data_directory_internal.h"
#include "store/key_file_internal.h"

namespace store {
namespace {

// What makes each format out of the one before, the first out of an empty file. Written ones never change: a
// new format is a new step. Times are nanoseconds since 1970. Lists are separated by commas, which no member
// can hold.
constexpr const char* kSteps[] = {
    "CREATE TABLE keys ("
    " id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, team TEXT NOT NULL, project TEXT NOT NULL,"
    " name TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, models TEXT NOT NULL,"
    " revoked INTEGER) STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 1;",

    "ALTER TABLE keys ADD COLUMN org TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE keys ADD COLUMN user TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE keys ADD COLUMN networks TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE keys ADD COLUMN former_hash BLOB;"
    "ALTER TABLE keys ADD COLUMN former_until INTEGER;"
    "CREATE INDEX keys_by_age ON keys (created, id);"
    "CREATE TABLE audit ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,"
    " target TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL) STRICT;"
    "CREATE INDEX audit_by_target ON audit (target, id);"
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;"
    "CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;"
    "PRAGMA user_version = 2;",
};
constexpr auto kFormat = static_cast<std::int64_t>(std::size(kSteps));
constexpr const char* kFormatOf = "PRAGMA user_version";

base::Result<> Prepare(SqliteDatabase& database, const std::string& path) {
  const auto format = database.Integer(kFormatOf);
  if (!format) return base::Fail(format.error());
  if (*format < 0 || *format > kFormat) {
    return base::Fail(base::Code::kIo, path + " was written by another Sluice (format " +
                                           std::to_string(*format) + "; this one knows " +
                                           std::to_string(kFormat) +
                                           "): use that Sluice or upgrade this one");
  }
  if (*format == 0) {
    if (auto wal = database.UseWal(); !wal) return wal;
  }
  if (*format < kFormat) {
    if (auto done = database.BringUp(kSteps); !done) return base::Fail(std::move(done).error());
  }
  return database.Execute("PRAGMA synchronous = FULL");
}

}  // namespace

base::Result<std::unique_ptr<SqliteDatabase>> OpenKeyFile(const std::filesystem::path& data_directory) {
  const std::string path = (data_directory / "keys.sqlite").string();
  base::Result<> ready = MakeDirectory(data_directory);
  if (ready) ready = CheckOwnerOnly(data_directory.string(), S_IFDIR);
  if (ready) ready = MakeFile(path);
  if (ready) ready = CheckOwnerOnly(path, S_IFREG);
  if (!ready) return base::Fail(ready.error());
  auto database = SqliteDatabase::Open({.path = path});
  if (!database) return base::Fail(database.error());
  if (auto prepared = Prepare(**database, path); !prepared) return base::Fail(prepared.error());
  return std::move(*database);
}

}  // namespace store
