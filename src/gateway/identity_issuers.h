#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <semaphore>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "config/oidc_settings.h"
#include "gateway/identity_keys.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"

namespace gateway {

class IssuerFetch;

// The issuers whose tokens are accepted, with the keys that each has published. Keys are fetched at the
// start, every ten minutes, and when a token names one that is not known, at most once in ten seconds; while
// that fails the last ones stay in force. Thread-safe but for Start and Stop; outlives the loops that ask.
class Issuers {
 public:
  static constexpr std::chrono::minutes kRenewal{10};
  static constexpr std::chrono::seconds kAgain{10};    // after a failure, or for a key that is not known
  static constexpr std::chrono::seconds kPatience{5};  // for the documents of one fetch, together

  struct Parts {
    net::Loop& loop;  // fetches happen there; outlives this
    net::Resolver& resolver;
    // Told on the loop when an issuer's keys cannot be had, once until they can. May be empty.
    std::function<void(std::string_view sentence)> note;
  };

  // Errors: a ca_file cannot be read, or the system's authorities; kInvalid: a URL is none.
  static base::Result<std::unique_ptr<Issuers>> Make(const Parts& parts,
                                                     std::span<const config::OidcSettings> settings);
  ~Issuers();
  Issuers(const Issuers&) = delete;
  Issuers& operator=(const Issuers&) = delete;

  void Start();  // once
  void Stop();   // from another thread than the loop's, while that still runs

  // Those with the name, as settings and as keys. Null: nobody has it. Lives as long as this.
  class Issuer;
  Issuer* Find(std::string_view name) const;

 private:
  Issuers();

  std::vector<std::unique_ptr<Issuer>> issuers_;
  net::Loop* loop_ = nullptr;
  std::ptrdiff_t running_ = 0;
  std::counting_semaphore<> ended_{0};
};

// One of them. Thread-safe.
class Issuers::Issuer {
 public:
  const config::OidcSettings& settings() const { return settings_; }
  const base::Snapshot<KeySet>& keys() const { return keys_; }

  // Whether asking the issuer again may bring news: a fetch is under way, or may be begun.
  bool MayAsk(base::MonoTime now) const;

  // Returns on `loop`, where it is called, when a fetch has come to an end, at once where MayAsk says no.
  net::Task<void> Ask(net::Loop& loop);

 private:
  friend class Issuers;
  Issuer(const Parts& parts, const config::OidcSettings& settings, std::unique_ptr<IssuerFetch> fetch);
  net::Task<void> Run(std::counting_semaphore<>& ended);
  net::Task<void> Fetch();
  void TellWaiters();

  const config::OidcSettings settings_;
  net::Loop& loop_;
  const std::function<void(std::string_view sentence)> note_;
  const std::unique_ptr<IssuerFetch> fetch_;
  base::Snapshot<KeySet> keys_{std::make_shared<const KeySet>()};
  std::atomic<bool> fetching_{true};              // from the start on
  std::atomic<base::MonoTime> last_{};            // when the last fetch ended
  std::vector<std::function<void()>> waiters_{};  // this and the rest belong to the loop
  net::Event wake_;
  bool stopping_ = false;
  bool failing_ = false;
};

}  // namespace gateway
