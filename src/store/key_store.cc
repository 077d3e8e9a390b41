#include "store/key_store.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "base/encoding.h"
#include "base/random.h"
#include "base/utf8.h"
#include "store/audit_internal.h"
#include "store/key_file_internal.h"
#include "store/key_hash.h"
#include "store/key_json.h"
#include "store/key_rules.h"
#include "store/sqlite_internal.h"

namespace store {
namespace {

using base::Code;

constexpr int kIdAttempts = 3;

// A query for what ReadRecord reads, in its order.
std::string Select(std::string_view which) {
  return "SELECT id, org, team, project, user, name, created, expires, models, networks, revoked, hash,"
         " former_hash, former_until FROM keys " +
         std::string(which);
}

template <class List, class Print>
std::string Join(const List& list, Print print) {
  std::string out;
  for (const auto& one : list) out += (out.empty() ? "" : ",") + print(one);
  return out;
}

template <class Use>
void ForEachMember(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    use(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

std::int64_t Nanos(base::WallTime instant) {
  return instant.time_since_epoch().count();
}
base::WallTime Instant(std::int64_t nanos) {
  return base::WallTime(std::chrono::nanoseconds(nanos));
}

std::string NewSecret() {
  return std::string(kSecretPrefix) + base::Base64Url(base::SecureRandomBytes(kSecretRandomBytes));
}

CreatedKey MakeKey(const NewKey& key, base::WallTime now) {
  CreatedKey created;
  created.secret = NewSecret();
  created.record = {.hash = SecretHasher().Hash(created.secret),
                    .expires = key.expires,
                    .revoked = false,
                    .id = "key_" + base::Hex(base::SecureRandomBytes(6)),
                    .org = key.org,
                    .team = key.team,
                    .project = key.project,
                    .user = key.user,
                    .name = key.name,
                    .created = now,
                    .models = key.models,
                    .networks = key.networks};
  return created;
}

bool ReadHash(std::string_view bytes, KeyHash& hash) {
  if (bytes.size() != hash.size()) return false;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return true;
}

// What is wrong with the row; null: nothing.
const char* ReadRecord(const SqliteStatement& row, KeyRecord& record) {
  record.id = row.Text(0);
  record.org = row.Text(1);
  record.team = row.Text(2);
  record.project = row.Text(3);
  record.user = row.Text(4);
  record.name = row.Text(5);
  record.created = Instant(row.Integer(6));
  if (const auto expires = row.MaybeInteger(7)) record.expires = Instant(*expires);
  ForEachMember(row.Text(8), [&](std::string_view model) { record.models.emplace_back(model); });
  bool networks = true;
  ForEachMember(row.Text(9), [&](std::string_view text) {
    auto network = Network::Parse(text);
    networks = networks && network;
    if (network) record.networks.push_back(*network);
  });
  if (!networks) return "a network is none";  // dropping it would open the key to everybody
  record.revoked = row.MaybeInteger(10).has_value();
  if (!ReadHash(row.Bytes(11), record.hash)) return "a hash has the wrong size";
  if (const auto until = row.MaybeInteger(13)) {
    record.former.emplace().until = Instant(*until);
    if (!ReadHash(row.Bytes(12), record.former->hash)) return "a hash has the wrong size";
  }
  return nullptr;
}

std::string NoSuchKey() {
  return "there is no key with this id: `sluice keys list` shows them";
}

}  // namespace

struct KeyStore::Database {
  enum Which { kVersion, kLoad, kList, kFind, kLastChange, kChanged, kInsert, kUpdate, kStatements };

  std::unique_ptr<SqliteDatabase> file;
  std::vector<SqliteStatement> statements;
  AuditTable audit;

  SqliteStatement& operator[](Which which) { return statements[which]; }
  static base::Result<std::unique_ptr<Database>> Open(const std::filesystem::path& data_directory);

  // The next row of a statement that reads keys; none behind the last.
  base::Result<std::optional<KeyRecord>> NextKey(Which which);
  base::Result<std::vector<KeyRecord>> AllKeys(Which which);
  base::Result<std::int64_t> Number(Which which);
};

base::Result<std::unique_ptr<KeyStore::Database>> KeyStore::Database::Open(
    const std::filesystem::path& data_directory) {
  auto file = OpenKeyFile(data_directory);
  if (!file) return base::Fail(file.error());
  const std::string sql[kStatements] = {
      "PRAGMA data_version",
      Select("ORDER BY id"),
      Select("WHERE (created, id) > (?1, ?2) AND (?3 = '' OR team = ?3) AND (?4 = '' OR project = ?4)"
             " AND (?5 = '' OR user = ?5) AND (?6 = '' OR ?6 = CASE WHEN revoked IS NOT NULL THEN 'revoked'"
             " WHEN expires <= ?7 THEN 'expired' ELSE 'active' END) ORDER BY created, id LIMIT ?8"),
      Select("WHERE id = ?"),
      "SELECT max(id) FROM audit",
      Select("WHERE id IN (SELECT target FROM audit WHERE id > ?)"),
      "INSERT INTO keys (id, hash, org, team, project, user, name, created, expires, models, networks)"
      " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM keys) < ?",
      "UPDATE keys SET hash = ?2, revoked = ?3, former_hash = ?4, former_until = ?5 WHERE id = ?1"};
  std::vector<SqliteStatement> statements;
  for (const std::string& one : sql) {
    auto statement = (*file)->Prepare(one.c_str());
    if (!statement) return base::Fail(statement.error());
    statements.push_back(std::move(*statement));
  }
  auto audit = AuditTable::Open(**file);
  if (!audit) return base::Fail(audit.error());
  return std::unique_ptr<Database>(new Database{std::move(*file), std::move(statements), std::move(*audit)});
}

base::Result<std::optional<KeyRecord>> KeyStore::Database::NextKey(Which which) {
  SqliteStatement& statement = (*this)[which];
  const auto row = file->Step(statement);
  if (!row) return base::Fail(row.error());
  if (!*row) return std::optional<KeyRecord>();
  KeyRecord record;
  if (const char* const wrong = ReadRecord(statement, record)) {
    statement.Reset();
    return base::Fail(file->Damaged(wrong));
  }
  return std::optional(std::move(record));
}

base::Result<std::vector<KeyRecord>> KeyStore::Database::AllKeys(Which which) {
  std::vector<KeyRecord> keys;
  for (;;) {
    auto key = NextKey(which);
    if (!key) return base::Fail(std::move(key).error());
    if (!*key) return keys;
    keys.push_back(std::move(**key));
  }
}

base::Result<std::int64_t> KeyStore::Database::Number(Which which) {
  SqliteStatement& statement = (*this)[which];
  const auto row = file->Step(statement);
  if (!row) return base::Fail(row.error());
  const std::int64_t number = *row ? statement.Integer(0) : 0;
  statement.Reset();
  return number;
}

base::Result<std::unique_ptr<KeyStore>> KeyStore::Open(const std::filesystem::path& data_directory,
                                                       const base::Clock& clock) {
  auto database = Database::Open(data_directory);
  if (!database) return base::Fail(database.error());
  return std::unique_ptr<KeyStore>(new KeyStore(std::move(*database), clock));
}

KeyStore::KeyStore(std::unique_ptr<Database> database, const base::Clock& clock)
    : database_(std::move(database)), clock_(clock) {}

KeyStore::~KeyStore() = default;

base::Result<CreatedKey> KeyStore::Create(const NewKey& key, std::string_view who) {
  const base::WallTime now = clock_.WallNow();
  if (auto valid = CheckKey(key, now); !valid) return base::Fail(valid.error());
  auto transaction = SqliteTransaction::Begin(*database_->file);
  if (!transaction) return base::Fail(transaction.error());
  for (int attempt = 1;; ++attempt) {
    CreatedKey created = MakeKey(key, now);
    auto done = Insert(created.record);
    // Two keys with one random id: draw again.
    if (!done && attempt < kIdAttempts && database_->file->LastWasConstraint()) continue;
    if (done) done = Note(who, "key.create", nullptr, created.record);
    if (done) done = transaction->Commit();
    if (!done) return base::Fail(done.error());
    ++own_changes_;
    return created;
  }
}

base::Result<> KeyStore::Insert(const KeyRecord& record) {
  std::optional<std::int64_t> expires;
  if (record.expires) expires = Nanos(*record.expires);
  const std::string models = Join(record.models, [](const std::string& model) { return model; });
  const std::string networks = Join(record.networks, [](const Network& network) { return network.Print(); });
  SqliteStatement& insert = (*database_)[Database::kInsert];
  insert.BindText(0, record.id);
  insert.BindBytes(1, record.hash);
  insert.BindText(2, record.org);
  insert.BindText(3, record.team);
  insert.BindText(4, record.project);
  insert.BindText(5, record.user);
  insert.BindText(6, record.name);
  insert.BindInteger(7, Nanos(record.created));
  insert.BindInteger(8, expires);
  insert.BindText(9, models);
  insert.BindText(10, networks);
  insert.BindInteger(11, static_cast<std::int64_t>(kKeysMax));
  const auto done = database_->file->Step(insert);
  if (!done) return base::Fail(done.error());
  if (database_->file->RowsChanged() == 0) {
    return base::Fail(Code::kTooLarge, "there are " + std::to_string(kKeysMax) + " keys, and no more fit");
  }
  return {};
}

base::Result<> KeyStore::Update(const KeyRecord& record) {
  SqliteStatement& update = (*database_)[Database::kUpdate];
  update.BindText(0, record.id);
  update.BindBytes(1, record.hash);
  update.BindInteger(2, record.revoked ? std::optional(Nanos(clock_.WallNow())) : std::nullopt);
  update.BindNull(3);
  update.BindNull(4);
  if (record.former) {
    update.BindBytes(3, record.former->hash);
    update.BindInteger(4, Nanos(record.former->until));
  }
  const auto done = database_->file->Step(update);
  if (!done) return base::Fail(done.error());
  return {};
}

base::Result<> KeyStore::Note(std::string_view who, std::string_view action, const KeyRecord* before,
                              const KeyRecord& after) {
  const base::WallTime now = clock_.WallNow();
  return database_->audit.Append({.at = now,
                                  .who = std::string(base::CutUtf8(who, kAuditWhoBytesMax)),
                                  .action = std::string(action),
                                  .target = after.id,
                                  .before = before == nullptr ? "null" : KeyJson(*before, now),
                                  .after = KeyJson(after, now)});
}

base::Result<std::vector<KeyRecord>> KeyStore::LoadAll() {
  return database_->AllKeys(Database::kLoad);
}

base::Result<std::int64_t> KeyStore::LastChange() {
  return database_->Number(Database::kLastChange);
}

base::Result<std::vector<KeyRecord>> KeyStore::LoadChanged(std::int64_t since) {
  (*database_)[Database::kChanged].BindInteger(0, since);
  return database_->AllKeys(Database::kChanged);
}

base::Result<std::vector<KeyRecord>> KeyStore::List(const KeyQuery& query) {
  std::int64_t created = std::numeric_limits<std::int64_t>::min();
  if (!query.after.empty()) {
    const auto last = Get(query.after);
    if (!last) return base::Fail(last.error());
    created = Nanos(last->created);
  }
  SqliteStatement& list = (*database_)[Database::kList];
  const std::string_view status = query.status ? Name(*query.status) : std::string_view();
  list.BindInteger(0, created);
  list.BindText(1, query.after);
  list.BindText(2, query.team);
  list.BindText(3, query.project);
  list.BindText(4, query.user);
  list.BindText(5, status);
  list.BindInteger(6, Nanos(clock_.WallNow()));
  list.BindInteger(7, static_cast<std::int64_t>(std::min(query.limit, kKeyPageMax)));
  return database_->AllKeys(Database::kList);
}

base::Result<std::optional<KeyRecord>> KeyStore::Find(std::string_view id) {
  (*database_)[Database::kFind].BindText(0, id);
  auto key = database_->NextKey(Database::kFind);
  (*database_)[Database::kFind].Reset();
  return key;
}

base::Result<KeyRecord> KeyStore::Get(std::string_view id) {
  auto key = Find(id);
  if (!key) return base::Fail(std::move(key).error());
  if (!*key) return base::Fail(Code::kNotFound, NoSuchKey());
  return std::move(**key);
}

base::Result<KeyRecord> KeyStore::Change(std::string_view id, std::string_view who, std::string_view action,
                                         const std::function<base::Result<bool>(KeyRecord&)>& change) {
  auto transaction = SqliteTransaction::Begin(*database_->file);
  if (!transaction) return base::Fail(transaction.error());
  const auto before = Get(id);
  if (!before) return base::Fail(before.error());
  KeyRecord after = *before;
  const auto changed = change(after);
  if (!changed) return base::Fail(changed.error());
  if (!*changed) return after;
  auto done = Update(after);
  if (done) done = Note(who, action, &*before, after);
  if (done) done = transaction->Commit();
  if (!done) return base::Fail(done.error());
  ++own_changes_;
  return after;
}

base::Result<KeyRecord> KeyStore::Revoke(std::string_view id, std::string_view who) {
  return Change(id, who, "key.revoke",
                [](KeyRecord& key) -> base::Result<bool> { return !std::exchange(key.revoked, true); });
}

base::Result<CreatedKey> KeyStore::Rotate(std::string_view id, std::chrono::milliseconds overlap,
                                          std::string_view who) {
  if (overlap < std::chrono::milliseconds(0) || overlap > kOverlapMax) {
    return base::Fail(Code::kInvalid, "overlap: from 0s to 90d");
  }
  const std::string secret = NewSecret();
  auto rotated = Change(id, who, "key.rotate", [&](KeyRecord& key) -> base::Result<bool> {
    const base::WallTime now = clock_.WallNow();
    if (key.Status(now) != KeyStatus::kActive) {
      return base::Fail(Code::kDenied, "the key is " + std::string(Name(key.Status(now))) +
                                           " and gets no other secret: make a new one");
    }
    key.former = FormerSecret{.hash = key.hash, .until = now + overlap};
    key.hash = SecretHasher().Hash(secret);
    return true;
  });
  if (!rotated) return base::Fail(std::move(rotated).error());
  return CreatedKey{.record = std::move(*rotated), .secret = secret};
}

base::Result<> KeyStore::Audited(AuditEntry entry, const std::function<base::Result<>()>& change) {
  entry.at = clock_.WallNow();
  entry.who = std::string(base::CutUtf8(entry.who, kAuditWhoBytesMax));
  auto transaction = SqliteTransaction::Begin(*database_->file);
  if (!transaction) return base::Fail(transaction.error());
  if (auto written = database_->audit.Append(entry); !written) return written;
  if (auto changed = change(); !changed) return changed;
  return transaction->Commit();
}

base::Result<std::vector<AuditEntry>> KeyStore::Audit(const AuditQuery& query) {
  return database_->audit.Read(query);
}

base::Result<std::uint64_t> KeyStore::Version() {
  const auto others = database_->Number(Database::kVersion);
  if (!others) return base::Fail(others.error());
  return static_cast<std::uint64_t>(*others) << 32 | own_changes_;
}

}  // namespace store
