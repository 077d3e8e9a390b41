#include "store/key_network.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/encoding.h"

namespace store {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::uint8_t kMappedBits = 96;

bool IsMapped(const PeerAddress& address) {
  return address.v6 && std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin());
}

PeerAddress Unmapped(const PeerAddress& address) {
  PeerAddress v4;
  std::copy(address.bytes.begin() + kMapped.size(), address.bytes.end(), v4.bytes.begin());
  return v4;
}

bool ReadAddress(const std::string& text, PeerAddress& address) {
  address.v6 = text.find(':') != std::string::npos;
  return inet_pton(address.v6 ? AF_INET6 : AF_INET, text.c_str(), address.bytes.data()) == 1;
}

// `address` with everything behind its first `bits` cleared.
PeerAddress Prefix(const PeerAddress& address, unsigned bits) {
  PeerAddress prefix = address;
  for (unsigned i = 0; i < prefix.bytes.size(); ++i) {
    const unsigned kept = std::clamp(bits, 8 * i, 8 * i + 8) - 8 * i;
    prefix.bytes[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
  return prefix;
}

}  // namespace

base::Result<Network> Network::Parse(std::string_view text) {
  const auto invalid = [&](std::string_view why) {
    return base::Fail(base::Code::kInvalid, "'" + std::string(text.substr(0, 60)) + "' " + std::string(why));
  };
  const std::size_t slash = text.find('/');
  Network network;
  if (!ReadAddress(std::string(text.substr(0, slash)), network.first)) {
    return invalid("is no network; write one such as 10.0.0.0/8 or 2001:db8::/32, or one IP address");
  }
  const unsigned most = network.first.v6 ? 128 : 32;
  const auto bits = slash == std::string_view::npos ? std::optional<std::uint64_t>(most)
                                                    : base::ParseDecimal(text.substr(slash + 1));
  if (!bits || *bits > most)
    return invalid("has no prefix from 0 to " + std::to_string(most) + " behind '/'");
  network.bits = static_cast<std::uint8_t>(*bits);
  if (IsMapped(network.first) && network.bits >= kMappedBits) {
    network = {Unmapped(network.first), static_cast<std::uint8_t>(network.bits - kMappedBits)};
  }
  const PeerAddress prefix = Prefix(network.first, network.bits);
  if (prefix.bytes != network.first.bytes) {
    return invalid("has bits behind its prefix; did you mean " + Network{prefix, network.bits}.Print() + "?");
  }
  return network;
}

std::string Network::Print() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(first.v6 ? AF_INET6 : AF_INET, first.bytes.data(), text.data(), text.size());
  return std::string(text.data()) + "/" + std::to_string(bits);
}

bool Network::Has(const PeerAddress& peer) const {
  if (IsMapped(peer)) return Has(Unmapped(peer));
  return peer.v6 == first.v6 && Prefix(peer, bits).bytes == first.bytes;
}

}  // namespace store
