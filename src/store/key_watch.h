#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

#include "base/guarded.h"
#include "base/result.h"
#include "store/key_store.h"
#include "store/key_table.h"
#include "store/wait_for.h"

namespace store {

struct KeyWatchOptions {
  // Returns when it is time to look again; false: stop. Must return soon after a stop is requested.
  std::function<bool(std::stop_token)> wait;
  // Told on the watch's thread when looking begins to fail, once until it works again; the old table stays in
  // force meanwhile. May be empty.
  std::function<void(const base::Error&)> on_error;
};

// Keeps a table of keys up to date with the file, so that a key revoked by another process is refused within
// one wait (250 ms in the gateway, promised: 1 s), however many keys there are: it reads those of which the
// audit trail tells something new, and all only where somebody changed the file by other means. Thread-safe.
// Owns the store and the thread that uses it.
class KeyWatch {
 public:
  // Loads the first table before it returns. Errors: those of the store.
  static base::Result<std::unique_ptr<KeyWatch>> Start(std::unique_ptr<KeyStore> store,
                                                       KeyWatchOptions options);

  ~KeyWatch();
  KeyWatch(const KeyWatch&) = delete;
  KeyWatch& operator=(const KeyWatch&) = delete;

  // The newest table. A request loads it once and keeps that one.
  std::shared_ptr<const KeyTable> Table() const { return table_.Load(); }
  const base::Snapshot<KeyTable>& Tables() const { return table_; }

 private:
  // How far the keys of a table were read.
  struct Seen {
    std::uint64_t version = 0;
    std::int64_t change = 0;
  };

  KeyWatch(std::unique_ptr<KeyStore> store, KeyWatchOptions options, Seen seen,
           std::shared_ptr<const KeyTable> table);
  static base::Result<Seen> LookAt(KeyStore& store);
  void Run(std::stop_token stop);
  base::Result<> Look();
  base::Result<std::shared_ptr<const KeyTable>> Load(const Seen& now);

  const std::unique_ptr<KeyStore> store_;
  const KeyWatchOptions options_;
  Seen seen_;  // of the table; this and the next only the thread touches
  bool failing_ = false;
  base::Snapshot<KeyTable> table_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace store
