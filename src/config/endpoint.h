#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/complaint.h"

namespace config {

// Where to listen or to connect: an IPv4 address, an IPv6 address or a name, and a port. Strict: what the
// resolver would guess at (127.1, 010.0.0.1, a missing host) is refused.
struct HostPort {
  std::string host;        // without the brackets of an IPv6 address; names in lower case
  std::uint16_t port = 0;  // 0: any free port, when listening

  static Parsed<HostPort> Parse(std::string_view text);  // 127.0.0.1:8080, [::1]:8080, localhost:8080
  std::string Print() const;                             // what Parse reads: IPv6 in brackets
  bool IsLoopback() const;                               // 127.0.0.0/8, ::1 or localhost

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// The base of an HTTP API: no user, no query, no fragment. An empty host means "not set".
struct Url {
  bool tls = true;         // https
  std::string host;        // without brackets
  std::uint16_t port = 0;  // always filled by Parse: 443 or 80 unless written
  std::string path;        // "" or "/v1", never with a slash at its end

  static Parsed<Url> Parse(std::string_view text);
  std::string Print() const;      // normal form; the port only where it is not the scheme's own
  std::string Authority() const;  // the value of the Host header

  friend bool operator==(const Url&, const Url&) = default;
};

}  // namespace config
