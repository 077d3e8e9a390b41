#include <cerrno>
#include <utility>

#include "base/check.h"
#include "store/sqlite_internal.h"

namespace store {
namespace {

constexpr int kWalAttempts = 40;
constexpr int kWalPauseMs = 50;

// A file that nobody changes meanwhile: it is read without the files beside it that SQLite locks by.
std::string ImmutableUri(std::string_view path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri.append(c == '%' ? "%25" : c == '?' ? "%3f" : "%23");
    } else {
      uri.push_back(c);
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

void SqliteStatement::BindText(int parameter, std::string_view text) {
  const int rc = sqlite3_bind_text64(get(), parameter + 1, text.data() == nullptr ? "" : text.data(),
                                     text.size(), SQLITE_STATIC, SQLITE_UTF8);
  CHECK(rc == SQLITE_OK);
}

void SqliteStatement::BindBytes(int parameter, std::span<const std::uint8_t> bytes) {
  const int rc = sqlite3_bind_blob64(get(), parameter + 1, bytes.data(), bytes.size(), SQLITE_STATIC);
  CHECK(rc == SQLITE_OK);
}

void SqliteStatement::BindInteger(int parameter, std::int64_t value) {
  const int rc = sqlite3_bind_int64(get(), parameter + 1, value);
  CHECK(rc == SQLITE_OK);
}

void SqliteStatement::BindInteger(int parameter, const std::optional<std::int64_t>& value) {
  if (value) return BindInteger(parameter, *value);
  BindNull(parameter);
}

void SqliteStatement::BindNull(int parameter) {
  const int rc = sqlite3_bind_null(get(), parameter + 1);
  CHECK(rc == SQLITE_OK);
}

std::string SqliteStatement::Text(int column) const {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(get(), column));
  if (text == nullptr) return "";
  return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(get(), column)));
}

std::string_view SqliteStatement::Bytes(int column) const {
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
}

std::int64_t SqliteStatement::Integer(int column) const {
  return sqlite3_column_int64(get(), column);
}

std::optional<std::int64_t> SqliteStatement::MaybeInteger(int column) const {
  if (sqlite3_column_type(get(), column) == SQLITE_NULL) return std::nullopt;
  return Integer(column);
}

base::Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(SqliteFile file) {
  sqlite3* handle = nullptr;
  const int rc =
      sqlite3_open_v2(file.path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(std::move(file), handle));
  if (rc != SQLITE_OK) return base::Fail(database->LastError());
  const SqliteFile& opened = database->file_;
  sqlite3_busy_timeout(handle, static_cast<int>(std::chrono::milliseconds(opened.patience).count()));
  if (sqlite3_db_readonly(handle, "main") == 1) {
    return base::Fail(base::Code::kIo, opened.path + " may only be read: make it writable for this user");
  }
  return database;
}

base::Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::OpenInMemory(SqliteFile file, bool copied) {
  sqlite3* handle = nullptr;
  const std::string path = file.path;
  int rc = sqlite3_open_v2(":memory:", &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(std::move(file), handle));
  if (rc != SQLITE_OK) return base::Fail(database->LastError());
  if (!copied) return database;
  sqlite3* source = nullptr;
  rc = sqlite3_open_v2(ImmutableUri(path).c_str(), &source,
                       SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  if (rc == SQLITE_OK) {
    sqlite3_backup* const backup = sqlite3_backup_init(handle, "main", source, "main");
    rc = backup == nullptr ? SQLITE_ERROR : sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
  }
  sqlite3_close(source);
  if (rc == SQLITE_DONE) return database;
  return base::Fail(base::Code::kIo, path + " cannot be copied: " + sqlite3_errstr(rc));
}

base::Result<SqliteStatement> SqliteDatabase::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int rc = sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  SqliteStatement prepared(statement);
  if (rc != SQLITE_OK) return base::Fail(LastError());
  return prepared;
}

base::Result<> SqliteDatabase::Execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return base::Fail(LastError());
  }
  return {};
}

// Switching the journal is the one step for which SQLite does not wait by itself.
base::Result<> SqliteDatabase::UseWal() {
  base::Result<> switched = Execute("PRAGMA journal_mode = WAL");
  for (int i = 0; i < kWalAttempts && !switched && LastWasBusy(); ++i) {
    sqlite3_sleep(kWalPauseMs);
    switched = Execute("PRAGMA journal_mode = WAL");
  }
  return switched;
}

base::Result<bool> SqliteDatabase::Step(SqliteStatement& statement) {
  const int rc = sqlite3_step(statement.get());
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) {
    sqlite3_reset(statement.get());
    return false;
  }
  base::Error error = LastError();
  sqlite3_reset(statement.get());
  return base::Fail(std::move(error));
}

base::Result<std::int64_t> SqliteDatabase::BringUp(std::span<const char* const> steps) {
  constexpr const char* kVersion = "PRAGMA user_version";
  auto transaction = SqliteTransaction::Begin(*this);
  if (!transaction) return base::Fail(std::move(transaction).error());
  auto version = Integer(kVersion);
  while (version && *version >= 0 && static_cast<std::size_t>(*version) < steps.size()) {
    if (auto made = Execute(steps[static_cast<std::size_t>(*version)]); !made) {
      return base::Fail(std::move(made).error());
    }
    version = Integer(kVersion);
  }
  if (!version) return version;
  if (auto done = transaction->Commit(); !done) return base::Fail(std::move(done).error());
  return version;
}

base::Result<SqliteTransaction> SqliteTransaction::Begin(SqliteDatabase& database) {
  if (auto begun = database.Execute("BEGIN IMMEDIATE"); !begun) return base::Fail(std::move(begun).error());
  return SqliteTransaction(database);
}

SqliteTransaction::~SqliteTransaction() {
  if (database_ != nullptr) (void)database_->Execute("ROLLBACK");  // the error that counts came before
}

base::Result<> SqliteTransaction::Commit() {
  auto done = database_->Execute("COMMIT");
  if (done) database_ = nullptr;
  return done;
}

base::Result<std::int64_t> SqliteDatabase::Integer(const char* sql) {
  auto statement = Prepare(sql);
  if (!statement) return base::Fail(statement.error());
  const auto row = Step(*statement);
  if (!row) return base::Fail(row.error());
  return *row ? statement->Integer(0) : 0;
}

bool SqliteDatabase::Moved() {
  int moved = 0;
  return sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
         moved != 0;
}

base::Error SqliteDatabase::Damaged(std::string_view how) {
  damaged_ = true;
  std::string detail = file_.path + " is damaged or another file (";
  detail.append(how).append("): ").append(file_.when_damaged);
  return {base::Code::kIo, std::move(detail)};
}

base::Error SqliteDatabase::LastError() {
  sqlite3* const handle = database_.get();
  if (handle == nullptr) return {base::Code::kIo, file_.path + ": out of memory"};
  const std::string_view said = sqlite3_errmsg(handle);
  const auto error = [&](std::string_view sentence) {
    return base::Error{base::Code::kIo, file_.path + std::string(sentence)};
  };
  if (sqlite3_system_errno(handle) == ENOSPC) return error(": the disk is full");
  switch (sqlite3_errcode(handle)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return error(" is locked by another process for longer than " + std::to_string(file_.patience.count()) +
                   " s: try again");
    case SQLITE_FULL:
      return error(": the disk is full");
    case SQLITE_READONLY:
      return error(" may only be read: make it and its directory writable for this user");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return error(" cannot be opened: check that this user owns it and its directory");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Damaged(said);
    default:
      return error(": " + std::string(said));
  }
}

}  // namespace store
