#pragma once

#include <atomic>
#include <cstddef>
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

// The issuers whose tokens are accepted, with the keys that each has published; a reload puts others in their
// place. Keys are fetched at the start, every ten minutes, and when a token names one that is not known, at
// most once in ten seconds; while that fails the last ones stay in force. Find and version may be called from
// any thread, the rest from one that is not the loop's; outlives the loops that ask.
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

  class Issuer;
  using List = std::vector<std::shared_ptr<Issuer>>;

  explicit Issuers(const Parts& parts);  // none is accepted yet
  ~Issuers();
  Issuers(const Issuers&) = delete;
  Issuers& operator=(const Issuers&) = delete;

  // Those of the settings; one of which nothing has changed is the one in force, and one that has its keys
  // where they were begins with them. Nothing is fetched yet. Errors: a ca_file cannot be read, or the
  // system's authorities; kInvalid: a URL is none.
  base::Result<List> Make(std::span<const config::OidcSettings> settings) const;
  // Puts them in force: from now on nothing else is accepted. Fetches of new ones begin.
  void Use(List list);
  // Ends all fetches, while the loop still runs.
  void Stop();

  // The one with the name. Null: nobody has it.
  std::shared_ptr<Issuer> Find(std::string_view name) const;
  bool empty() const { return in_force_.Load()->empty(); }
  // Differs from what it was before once a Use has returned.
  std::uint64_t version() const { return in_force_.Version(); }

 private:
  const Parts parts_;
  base::Snapshot<List> in_force_{std::make_shared<const List>()};
  std::ptrdiff_t begun_ = 0;  // of those that fetch, or did
  std::counting_semaphore<> ended_{0};
};

// One of them. Thread-safe. What belongs to the loop is gone when its last fetch has ended, so that whoever
// has it last may be on any thread.
class Issuers::Issuer : public std::enable_shared_from_this<Issuer> {
 public:
  ~Issuer();

  const config::OidcSettings& settings() const { return settings_; }
  const base::Snapshot<KeySet>& keys() const { return keys_; }

  // Whether asking the issuer again may bring news: a fetch is under way, or may be begun.
  bool MayAsk(base::MonoTime now) const;

  // Returns on `loop`, where it is called, when a fetch has come to an end, at once where MayAsk says no.
  net::Task<void> Ask(net::Loop& loop);

 private:
  friend class Issuers;
  Issuer(const Parts& parts, const config::OidcSettings& settings, std::unique_ptr<IssuerFetch> fetch,
         std::shared_ptr<const KeySet> keys);
  static net::Task<void> Run(std::shared_ptr<Issuer> self, std::counting_semaphore<>& ended);
  net::Task<void> Fetch();
  void Stop();
  void TellWaiters();

  const config::OidcSettings settings_;
  net::Loop& loop_;
  const std::function<void(std::string_view sentence)> note_;
  base::Snapshot<KeySet> keys_;
  std::atomic<bool> fetching_{true};    // from the start on
  std::atomic<base::MonoTime> last_{};  // when the last fetch ended
  std::unique_ptr<IssuerFetch> fetch_;  // this and the rest belong to the loop
  std::vector<std::function<void()>> waiters_{};
  net::Event wake_;
  bool stopping_ = false;
  bool failing_ = false;
};

}  // namespace gateway
