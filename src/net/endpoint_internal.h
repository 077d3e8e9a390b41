#pragma once

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>

#include "net/address.h"

namespace net {

inline boost::asio::ip::tcp::endpoint ToEndpoint(const Address& address) {
  namespace ip = boost::asio::ip;
  if (address.v6) {
    ip::address_v6::bytes_type bytes;
    std::copy(address.bytes.begin(), address.bytes.end(), bytes.begin());
    return {ip::address_v6(bytes), address.port};
  }
  ip::address_v4::bytes_type bytes;
  std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
  return {ip::address_v4(bytes), address.port};
}

inline Address ToAddress(const boost::asio::ip::tcp::endpoint& endpoint) {
  Address address;
  address.port = endpoint.port();
  address.v6 = endpoint.address().is_v6();
  if (address.v6) {
    const auto bytes = endpoint.address().to_v6().to_bytes();
    std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  } else {
    const auto bytes = endpoint.address().to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  }
  return address;
}

}  // namespace net
