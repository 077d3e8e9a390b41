#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace store {

// An IP address, with the meaning of net::Address, which this room does not know.
struct PeerAddress {
  std::array<std::uint8_t, 16> bytes{};  // IPv4 uses the first four
  bool v6 = false;
};

// A block of addresses from which a key may be used: 10.0.0.0/8, 2001:db8::/32, or one address.
struct Network {
  PeerAddress first;
  std::uint8_t bits = 0;  // how many leading ones of `first` count

  // Errors: kInvalid, also where bits behind the prefix are set, because that is most often a slip.
  static base::Result<Network> Parse(std::string_view text);
  std::string Print() const;  // always with its prefix; what Parse reads

  // An IPv4 address counts as such also where it arrives as ::ffff:a.b.c.d.
  bool Has(const PeerAddress& peer) const;
};

}  // namespace store
