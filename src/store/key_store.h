#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/key_record.h"

namespace store {

inline constexpr std::size_t kKeysMax = 10'000'000;    // of one data directory
inline constexpr std::size_t kKeyTextBytesMax = 64;    // of team, project and name
inline constexpr std::size_t kKeyModelBytesMax = 128;  // of one allowed model
inline constexpr std::size_t kKeyModelsMax = 100;      // of one key

// What is asked for when a key is made. `team` is required. Team and project are 1 to 64 characters out of
// [A-Za-z0-9._-] (they become budget scopes and metric labels); the name is free UTF-8 without control
// characters, at most 64 bytes; models are `[A-Za-z0-9._:/@-]`.
struct NewKey {
  std::string team;
  std::string project{};
  std::string name{};
  std::optional<base::WallTime> expires{};  // later than now
  std::vector<std::string> models{};
};

struct CreatedKey {
  KeyRecord record;
  std::string secret;  // "sk-sluice-..."; shown once, stored nowhere
};

// The keys of one data directory, in `keys.sqlite`.
//
// Only the SHA-256 of a secret is stored. A secret is 32 random bytes, so nobody can guess through the fast
// hash; the slow hashes that passwords need would only slow down every request.
//
// Several processes may open the same file at once. One object belongs to one thread at a time. Errors of
// every call: kIo with a sentence that names the file: unreadable, read-only, locked for longer than 2 s,
// disk full, corrupt, or written by a newer Sluice.
class KeyStore {
 public:
  // Makes the directory (0700) and the file (0600) when they are missing. A directory that others
  // than its owner may write, or a file that they may read, is refused with kDenied. `clock` outlives the
  // store.
  static base::Result<std::unique_ptr<KeyStore>> Open(const std::filesystem::path& data_directory,
                                                      const base::Clock& clock);
  ~KeyStore();
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  // Errors: kInvalid says which field is wrong and what it may be; kTooLarge: there are kKeysMax already.
  base::Result<CreatedKey> Create(const NewKey& key);

  // Every key, revoked and expired ones too, by creation time, then id.
  base::Result<std::vector<KeyRecord>> LoadAll();

  // Revoking a revoked key succeeds. Errors: kNotFound.
  base::Result<> Revoke(std::string_view id);

  // Changes whenever any connection, of this process or another, has changed the keys. Costs microseconds.
  base::Result<std::uint64_t> Version();

 private:
  struct Database;
  KeyStore(std::unique_ptr<Database> database, const base::Clock& clock);
  base::Result<> Insert(const KeyRecord& record);

  const std::unique_ptr<Database> database_;
  const base::Clock& clock_;
  std::uint32_t own_changes_ = 0;
};

}  // namespace store
