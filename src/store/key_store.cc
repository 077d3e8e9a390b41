#include "store/key_store.h"

#include <sys/stat.h>
#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/utf8.h"
#include "store/data_directory_internal.h"
#include "store/key_hash.h"
#include "store/sqlite_internal.h"

namespace store {
namespace {

using base::Code;

constexpr std::int64_t kSchemaVersion = 1;
constexpr int kIdAttempts = 3;

// Times are nanoseconds since 1970. Models are separated by commas, which a model's name cannot hold.
constexpr char kSchema[] =
    "CREATE TABLE keys ("
    " id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, team TEXT NOT NULL, project TEXT NOT NULL,"
    " name TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, models TEXT NOT NULL,"
    " revoked INTEGER) STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 1;";

base::Result<> Prepare(SqliteDatabase& database, const std::string& path) {
  auto version = database.Integer("PRAGMA user_version");
  if (!version) return base::Fail(version.error());
  if (*version == 0) {
    if (auto wal = database.UseWal(); !wal) return wal;
    version = database.MakeOnce(kSchema);
    if (!version) return base::Fail(version.error());
  }
  if (*version != kSchemaVersion) {
    return base::Fail(Code::kIo, path + " was written by another Sluice (format " + std::to_string(*version) +
                                     "; this one knows " + std::to_string(kSchemaVersion) +
                                     "): use that Sluice or upgrade this one");
  }
  return database.Execute("PRAGMA synchronous = FULL");
}

bool IsWord(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return base::IsAlnum(c) || also.find(c) != std::string_view::npos; });
}

base::Result<> Invalid(std::string sentence) {
  return base::Fail(Code::kInvalid, std::move(sentence));
}

base::Result<> CheckKey(const NewKey& key, base::WallTime now) {
  const auto is_scope = [](std::string_view text) {
    return text.size() <= kKeyTextBytesMax && IsWord(text, "._-");
  };
  if (key.team.empty()) return Invalid("the key needs a team");
  if (!is_scope(key.team)) return Invalid("team: at most 64 of A-Z a-z 0-9 . _ -");
  if (!is_scope(key.project)) return Invalid("project: at most 64 of A-Z a-z 0-9 . _ -");
  const bool printable = std::none_of(key.name.begin(), key.name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (key.name.size() > kKeyTextBytesMax || !printable || !base::IsUtf8(key.name)) {
    return Invalid("name: at most 64 bytes of UTF-8 without control characters");
  }
  if (key.expires && *key.expires <= now) return Invalid("expires: must lie in the future");
  if (key.models.size() > kKeyModelsMax) return Invalid("models: at most 100");
  for (const std::string& model : key.models) {
    if (model.empty() || model.size() > kKeyModelBytesMax || !IsWord(model, "._:/@-")) {
      return Invalid("models: each is 1 to 128 of A-Z a-z 0-9 . _ : / @ -");
    }
  }
  return {};
}

std::string Join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += out.empty() ? word : "," + word;
  return out;
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    out.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

std::int64_t Nanos(base::WallTime instant) {
  return instant.time_since_epoch().count();
}
base::WallTime Instant(std::int64_t nanos) {
  return base::WallTime(std::chrono::nanoseconds(nanos));
}

CreatedKey MakeKey(const NewKey& key, base::WallTime now) {
  CreatedKey created;
  created.secret = std::string(kSecretPrefix) + base::Base64Url(base::SecureRandomBytes(kSecretRandomBytes));
  created.record = {.hash = SecretHasher().Hash(created.secret),
                    .expires = key.expires,
                    .revoked = false,
                    .id = "key_" + base::Hex(base::SecureRandomBytes(6)),
                    .team = key.team,
                    .project = key.project,
                    .name = key.name,
                    .created = now,
                    .models = key.models};
  return created;
}

KeyRecord ReadRecord(const SqliteStatement& row) {
  KeyRecord record{.revoked = row.MaybeInteger(7).has_value(),
                   .id = row.Text(0),
                   .team = row.Text(1),
                   .project = row.Text(2),
                   .name = row.Text(3),
                   .created = Instant(row.Integer(4)),
                   .models = Split(row.Text(6))};
  if (const auto expires = row.MaybeInteger(5)) record.expires = Instant(*expires);
  return record;
}

}  // namespace

struct KeyStore::Database {
  std::unique_ptr<SqliteDatabase> file;
  SqliteStatement version;
  SqliteStatement load;
  SqliteStatement insert;
  SqliteStatement revoke;

  static base::Result<std::unique_ptr<Database>> Open(const std::string& path);
};

base::Result<std::unique_ptr<KeyStore::Database>> KeyStore::Database::Open(const std::string& path) {
  auto file = SqliteDatabase::Open({.path = path});
  if (!file) return base::Fail(file.error());
  if (auto ready = Prepare(**file, path); !ready) return base::Fail(ready.error());
  auto version = (*file)->Prepare("PRAGMA data_version");
  if (!version) return base::Fail(version.error());
  auto load = (*file)->Prepare(
      "SELECT id, team, project, name, created, expires, models, revoked, hash FROM keys"
      " ORDER BY created, id");
  if (!load) return base::Fail(load.error());
  auto insert = (*file)->Prepare(
      "INSERT INTO keys (id, hash, team, project, name, created, expires, models)"
      " SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM keys) < ?");
  if (!insert) return base::Fail(insert.error());
  auto revoke = (*file)->Prepare("UPDATE keys SET revoked = coalesce(revoked, ?) WHERE id = ?");
  if (!revoke) return base::Fail(revoke.error());
  return std::unique_ptr<Database>(new Database{std::move(*file), std::move(*version), std::move(*load),
                                                std::move(*insert), std::move(*revoke)});
}

base::Result<std::unique_ptr<KeyStore>> KeyStore::Open(const std::filesystem::path& data_directory,
                                                       const base::Clock& clock) {
  const std::string path = (data_directory / "keys.sqlite").string();
  base::Result<> ready = MakeDirectory(data_directory);
  if (ready) ready = CheckOwnerOnly(data_directory.string(), S_IFDIR);
  if (ready) ready = MakeFile(path);
  if (ready) ready = CheckOwnerOnly(path, S_IFREG);
  if (!ready) return base::Fail(ready.error());
  auto database = Database::Open(path);
  if (!database) return base::Fail(database.error());
  return std::unique_ptr<KeyStore>(new KeyStore(std::move(*database), clock));
}

KeyStore::KeyStore(std::unique_ptr<Database> database, const base::Clock& clock)
    : database_(std::move(database)), clock_(clock) {}

KeyStore::~KeyStore() = default;

base::Result<CreatedKey> KeyStore::Create(const NewKey& key) {
  const base::WallTime now = clock_.WallNow();
  if (auto valid = CheckKey(key, now); !valid) return base::Fail(valid.error());
  for (int attempt = 1;; ++attempt) {
    CreatedKey created = MakeKey(key, now);
    const auto inserted = Insert(created.record);
    if (inserted) return created;
    // Two keys with one random id: draw again.
    if (attempt < kIdAttempts && database_->file->LastWasConstraint()) continue;
    return base::Fail(inserted.error());
  }
}

base::Result<> KeyStore::Insert(const KeyRecord& record) {
  std::optional<std::int64_t> expires;
  if (record.expires) expires = Nanos(*record.expires);
  const std::string models = Join(record.models);
  SqliteStatement& insert = database_->insert;
  insert.BindText(0, record.id);
  insert.BindBytes(1, record.hash);
  insert.BindText(2, record.team);
  insert.BindText(3, record.project);
  insert.BindText(4, record.name);
  insert.BindInteger(5, Nanos(record.created));
  insert.BindInteger(6, expires);
  insert.BindText(7, models);
  insert.BindInteger(8, static_cast<std::int64_t>(kKeysMax));
  const auto done = database_->file->Step(insert);
  if (!done) return base::Fail(done.error());
  if (database_->file->RowsChanged() == 0) {
    return base::Fail(Code::kTooLarge, "there are " + std::to_string(kKeysMax) + " keys, and no more fit");
  }
  ++own_changes_;
  return {};
}

base::Result<std::vector<KeyRecord>> KeyStore::LoadAll() {
  std::vector<KeyRecord> keys;
  for (;;) {
    const auto row = database_->file->Step(database_->load);
    if (!row) return base::Fail(row.error());
    if (!*row) return keys;
    KeyRecord& record = keys.emplace_back(ReadRecord(database_->load));
    const std::string_view hash = database_->load.Bytes(8);
    if (hash.size() != record.hash.size()) {
      database_->load.Reset();
      return base::Fail(database_->file->Damaged("a hash has the wrong size"));
    }
    std::memcpy(record.hash.data(), hash.data(), hash.size());
  }
}

base::Result<> KeyStore::Revoke(std::string_view id) {
  database_->revoke.BindInteger(0, Nanos(clock_.WallNow()));
  database_->revoke.BindText(1, id);
  const auto done = database_->file->Step(database_->revoke);
  if (!done) return base::Fail(done.error());
  if (database_->file->RowsChanged() == 0) {
    return base::Fail(Code::kNotFound, "there is no key with this id: `sluice keys list` shows them");
  }
  ++own_changes_;
  return {};
}

base::Result<std::uint64_t> KeyStore::Version() {
  const auto row = database_->file->Step(database_->version);
  if (!row) return base::Fail(row.error());
  const auto others = static_cast<std::uint64_t>(database_->version.Integer(0));
  database_->version.Reset();
  return others << 32 | own_changes_;
}

}  // namespace store
