#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "gateway/identity_issuers.h"
#include "gateway/refusal.h"
#include "net/address.h"
#include "net/http_head.h"
#include "store/key_hash.h"
#include "store/key_lookup.h"
#include "store/key_record.h"

namespace gateway {

// Who asks: the key that a request has presented, or what its token says.
struct Caller {
  const store::KeyRecord* key = nullptr;  // null: everybody may ask (`auth: open`)
  std::shared_ptr<const void> keeps{};    // holds the key, which lives as long
  // Where the request is refused because its token names a key that its issuer has not published: whom to ask
  // for news before it is looked at again. Null: there would be none.
  std::shared_ptr<Issuers::Issuer> ask{};
};

// Finds out who asks, for one loop. Belongs to it.
//
// A verified token is remembered until it expires, its issuer's keys change or other issuers are accepted,
// under the SHA-256 of all of it; at most kTokensMax, a newer one takes the place of an older.
class Identity {
 public:
  static constexpr std::size_t kTokensMax = 1'024;

  // Both outlive it. Without `keys` everybody may ask; `issuers` may be null.
  Identity(const store::KeyWatch* keys, const Issuers* issuers);

  // False: refused, as `refusal` says.
  bool Find(const net::Fields& fields, const net::Address& peer, base::MonoTime mono, base::WallTime now,
            Caller& caller, RefusalText& refusal);

 private:
  struct Remembered {
    store::KeyHash hash{};
    std::shared_ptr<const Issuers::Issuer> issuer{};  // null: nothing here
    std::uint64_t version = 0;                        // of its keys
    std::uint64_t accepted = 0;                       // version of the issuers
    std::shared_ptr<const store::KeyRecord> key{};
  };

  bool FindKey(std::string_view secret, const net::Address& peer, base::WallTime now, Caller& caller,
               RefusalText& refusal);
  bool FindToken(std::string_view text, base::MonoTime mono, base::WallTime now, Caller& caller,
                 RefusalText& refusal);
  base::Result<Remembered> Verify(std::string_view text, base::MonoTime mono, base::WallTime now,
                                  Caller& caller) const;

  const Issuers* const issuers_;
  const store::SecretHasher hasher_;
  std::optional<store::KeyLookup> keys_;
  std::unique_ptr<std::array<Remembered, kTokensMax>> tokens_;  // null: none came yet
};

}  // namespace gateway
