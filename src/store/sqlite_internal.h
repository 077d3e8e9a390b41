#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <sqlite3.h>

#include "base/result.h"

namespace store {

// A prepared statement. Parameters and columns count from 0 here. What is bound as text or bytes is borrowed
// until the statement is run again. One thread at a time, like its database.
class SqliteStatement {
 public:
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement, sqlite3_finalize) {}

  void BindText(int parameter, std::string_view text);
  void BindBytes(int parameter, std::span<const std::uint8_t> bytes);
  void BindInteger(int parameter, std::int64_t value);
  void BindInteger(int parameter, const std::optional<std::int64_t>& value);  // NULL when absent
  void BindNull(int parameter);

  std::string Text(int column) const;
  std::string_view Bytes(int column) const;  // valid until the next step
  std::int64_t Integer(int column) const;
  std::optional<std::int64_t> MaybeInteger(int column) const;

  void Reset() { sqlite3_reset(get()); }  // before it is run again, when not all rows were read
  sqlite3_stmt* get() const { return statement_.get(); }

 private:
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
};

// What depends on the file.
struct SqliteFile {
  std::string path;
  std::chrono::seconds patience{2};  // how long others who have it locked are waited for
  // What to do when it is damaged.
  std::string_view when_damaged = "restore it from a backup, or move it away and make new keys";
};

// One connection to one SQLite file. Errors of every call: kIo with a sentence that names the file.
class SqliteDatabase {
 public:
  // Opens a file that exists, for reading and writing.
  static base::Result<std::unique_ptr<SqliteDatabase>> Open(SqliteFile file);

  // A copy of it in memory, which needs no right to write, or an empty one where `copied` is false. What
  // another process has not moved from the write-ahead log to the file yet is not in the copy.
  static base::Result<std::unique_ptr<SqliteDatabase>> OpenInMemory(SqliteFile file, bool copied);

  base::Result<SqliteStatement> Prepare(const char* sql);
  base::Result<> Execute(const char* sql);

  // Makes it keep a write-ahead log, so that readers and the writer do not wait for each other.
  base::Result<> UseWal();

  // Whether there is a row to read. After the last row, or an error, the statement can be run again.
  base::Result<bool> Step(SqliteStatement& statement);

  // Takes the steps that the file lacks, in one transaction, whoever else may try at the same time: that at
  // `n` makes of a file with user_version n one with a later version, which it sets. Gives back the version
  // that is there then; what is beyond the steps is left as it is.
  base::Result<std::int64_t> BringUp(std::span<const char* const> steps);

  // The first column of the first row of `sql`.
  base::Result<std::int64_t> Integer(const char* sql);

  bool LastWasConstraint() const { return sqlite3_errcode(database_.get()) == SQLITE_CONSTRAINT; }
  bool LastWasStatement() const { return sqlite3_errcode(database_.get()) == SQLITE_ERROR; }
  bool LastWasBusy() const { return sqlite3_errcode(database_.get()) == SQLITE_BUSY; }
  int RowsChanged() const { return sqlite3_changes(database_.get()); }
  // Whether it has been another file than the one at its path since somebody renamed or removed it.
  bool Moved();
  // Whether a call has met what is no SQLite file, or a place in it that is none, or Damaged said so.
  bool damaged() const { return damaged_; }
  base::Error Damaged(std::string_view how);

 private:
  SqliteDatabase(SqliteFile file, sqlite3* database)
      : file_(std::move(file)), database_(database, sqlite3_close) {}
  base::Error LastError();

  const SqliteFile file_;
  bool damaged_ = false;
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
};

// Several changes that are made whole or not at all: what is not committed is rolled back. Nobody else writes
// meanwhile. The database outlives it.
class SqliteTransaction {
 public:
  static base::Result<SqliteTransaction> Begin(SqliteDatabase& database);
  ~SqliteTransaction();
  SqliteTransaction(SqliteTransaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)) {}
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;

  base::Result<> Commit();

 private:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(&database) {}

  SqliteDatabase* database_;  // null: it is over
};

}  // namespace store
