#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "gateway/refusal.h"
#include "net/address.h"
#include "net/http_head.h"
#include "store/key_lookup.h"
#include "store/key_record.h"

namespace gateway {

// Who asks: the key that a request has presented.
struct Caller {
  const store::KeyRecord* key = nullptr;  // null: everybody may ask (`auth: open`)
  std::shared_ptr<const void> keeps;      // holds the key, which lives as long
};

// Finds out who asks, for one loop. Belongs to it.
class Identity {
 public:
  // `keys` outlives it; null: everybody may ask.
  explicit Identity(const store::KeyWatch* keys);

  // False: refused, as `refusal` says.
  bool Find(const net::Fields& fields, const net::Address& peer, base::WallTime now, Caller& caller,
            RefusalText& refusal);

 private:
  std::optional<store::KeyLookup> keys_;
};

}  // namespace gateway
