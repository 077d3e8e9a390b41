#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/audit.h"
#include "store/key_record.h"

namespace store {

inline constexpr std::size_t kKeysMax = 10'000'000;    // of one data directory
inline constexpr std::size_t kKeyTextBytesMax = 64;    // of org, team, project and name
inline constexpr std::size_t kKeyUserBytesMax = 256;   // as of the user that a caller names
inline constexpr std::size_t kKeyModelBytesMax = 128;  // of one allowed model
inline constexpr std::size_t kKeyModelsMax = 100;      // of one key
inline constexpr std::size_t kKeyNetworksMax = 32;     // of one key
inline constexpr std::size_t kKeyPageMax = 1'000;      // keys of one page
inline constexpr std::chrono::hours kOverlapMax{24 * 90};

// What is asked for when a key is made. `team` is required. Org, team and project are 1 to 64 characters out
// of [A-Za-z0-9._-] (they become budget scopes and metric labels); user and name are free UTF-8 without
// control characters; models are `[A-Za-z0-9._:/@-]`.
struct NewKey {
  std::string team;
  std::string org{};
  std::string project{};
  std::string user{};
  std::string name{};
  std::optional<base::WallTime> expires{};  // later than now
  std::vector<std::string> models{};
  std::vector<Network> networks{};
};

struct CreatedKey {
  KeyRecord record;
  std::string secret;  // "sk-sluice-..."; shown once, stored nowhere
};

// Some of the keys, the oldest first.
struct KeyQuery {
  std::string team{};  // only of this one; empty: of any. The same for the next two
  std::string project{};
  std::string user{};
  std::optional<KeyStatus> status{};
  std::string after{};              // only what comes behind the key with this id; empty: from the first
  std::size_t limit = kKeyPageMax;  // at most kKeyPageMax
};

// The keys of one data directory and the audit trail of what was done to them, in `keys.sqlite`.
//
// Only the SHA-256 of a secret is stored. A secret is 32 random bytes, so nobody can guess through the fast
// hash; the slow hashes that passwords need would only slow down every request.
//
// Several processes may open the same file at once. One object belongs to one thread at a time. Whoever
// changes something says who he is (`who`, cut at kAuditWhoBytesMax); the change and its entry in the audit
// trail are one transaction. Errors of every call: kIo with a sentence that names the file: unreadable,
// read-only, locked for longer than 2 s, disk full, corrupt, or written by a newer Sluice.
class KeyStore {
 public:
  // Makes the directory (0700) and the file (0600) when they are missing, and brings a file of an older
  // Sluice to this one's format. A directory that others than its owner may write, or a file that they may
  // read, is refused with kDenied. `clock` outlives the store.
  static base::Result<std::unique_ptr<KeyStore>> Open(const std::filesystem::path& data_directory,
                                                      const base::Clock& clock);
  ~KeyStore();
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  // Errors: kInvalid says which field is wrong and what it may be; kTooLarge: there are kKeysMax already.
  base::Result<CreatedKey> Create(const NewKey& key, std::string_view who);

  // Every key, revoked and expired ones too, by id.
  base::Result<std::vector<KeyRecord>> LoadAll();

  // Errors: kNotFound: there is no key with the id of `after`.
  base::Result<std::vector<KeyRecord>> List(const KeyQuery& query);

  // Errors: kNotFound.
  base::Result<KeyRecord> Get(std::string_view id);

  // Gives back the key as it is now. Revoking a revoked key succeeds. Errors: kNotFound.
  base::Result<KeyRecord> Revoke(std::string_view id, std::string_view who);

  // Gives the key another secret. The one it has works for `overlap` more; one that an earlier rotation left
  // working ends at once. Errors: kNotFound; kDenied: it is revoked or has expired; kInvalid: `overlap` is
  // negative or above kOverlapMax.
  base::Result<CreatedKey> Rotate(std::string_view id, std::chrono::milliseconds overlap,
                                  std::string_view who);

  // Makes a change that is kept elsewhere, with its entry in the trail, whose id and time are not looked at.
  // The entry is written first and stays only if `change` succeeds; until that returns, other processes
  // cannot change keys. Errors: that of `change`; kIo, and nothing has changed, save where the entry could be
  // written and then not be committed.
  base::Result<> Audited(AuditEntry entry, const std::function<base::Result<>()>& change);

  base::Result<std::vector<AuditEntry>> Audit(const AuditQuery& query);

  // How far the audit trail is; and the keys of which it tells something behind that place, as they are now.
  // Taken in this order a change is told at least once.
  base::Result<std::int64_t> LastChange();
  base::Result<std::vector<KeyRecord>> LoadChanged(std::int64_t since);

  // Changes whenever any connection, of this process or another, has changed the keys. Costs microseconds.
  base::Result<std::uint64_t> Version();

 private:
  struct Database;
  KeyStore(std::unique_ptr<Database> database, const base::Clock& clock);
  base::Result<> Insert(const KeyRecord& record);
  base::Result<> Update(const KeyRecord& record);
  base::Result<> Note(std::string_view who, std::string_view action, const KeyRecord* before,
                      const KeyRecord& after);
  base::Result<std::optional<KeyRecord>> Find(std::string_view id);
  // One key's change in a transaction: `change` alters the record, or says no.
  base::Result<KeyRecord> Change(std::string_view id, std::string_view who, std::string_view action,
                                 const std::function<base::Result<bool>(KeyRecord&)>& change);

  const std::unique_ptr<Database> database_;
  const base::Clock& clock_;
  std::uint32_t own_changes_ = 0;
};

}  // namespace store
