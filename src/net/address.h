#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace net {

// An IP address with a port.
struct Address {
  std::array<std::uint8_t, 16> bytes{};  // IPv4 uses the first four
  bool v6 = false;
  std::uint16_t port = 0;

  bool IsLoopback() const;
  std::string ToString() const;  // 127.0.0.1:8080 or [::1]:8080
  friend bool operator==(const Address&, const Address&) = default;
};

// Reads an IPv4 or IPv6 literal, the latter with or without brackets; nullopt for anything else.
std::optional<Address> ParseAddress(std::string_view literal, std::uint16_t port);

}  // namespace net
