#include "net/address.h"

#include <arpa/inet.h>

namespace net {

bool Address::IsLoopback() const {
  if (!v6) return bytes[0] == 127;
  std::array<std::uint8_t, 16> loopback{};
  loopback[15] = 1;
  return bytes == loopback;
}

std::string Address::ToString() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  const std::string host = v6 ? "[" + std::string(text) + "]" : text;
  return host + ":" + std::to_string(port);
}

std::optional<Address> ParseAddress(std::string_view literal, std::uint16_t port) {
  if (literal.size() > 2 && literal.front() == '[' && literal.back() == ']') {
    literal = literal.substr(1, literal.size() - 2);
  }
  const std::string text(literal);
  Address address;
  address.port = port;
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) return address;
  address.v6 = true;
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

}  // namespace net
