#include "config/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/encoding.h"

namespace config {
namespace {

constexpr std::size_t kNameMax = 253;
constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kUrlMax = 2048;

bool IsIpv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool IsIpv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > kLabelMax || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return base::IsAlnum(c) || c == '-' || c == '_'; });
}

// A DNS name. One that ends in a number would be an IPv4 address to some resolvers and is refused.
bool IsName(std::string_view name) {
  if (name.empty() || name.size() > kNameMax) return false;
  std::string_view last;
  for (std::string_view rest = name;;) {
    const std::size_t dot = rest.find('.');
    last = rest.substr(0, dot);
    if (!IsLabel(last)) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return !std::all_of(last.begin(), last.end(), base::IsDigit);
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  if (text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  const std::optional<std::uint64_t> number = base::ParseDecimal(text);
  if (!number || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

struct Parts {
  std::string host;
  std::optional<std::string_view> port;
};

// host, host:port, [v6] or [v6]:port.
Parsed<Parts> ParseAuthority(std::string_view text) {
  Parts out;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos)
      return Refuse("the bracket is not closed", "write for example [::1]:8080");
    out.host = base::Lower(text.substr(1, close - 1));
    text.remove_prefix(close + 1);
    if (!IsIpv6(out.host))
      return Refuse("the brackets do not hold an IPv6 address", "write for example [::1]:8080");
    if (text.empty()) return out;
    if (text[0] != ':') return Refuse("a port begins with a colon", "write for example [::1]:8080");
    out.port = text.substr(1);
    return out;
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
    return Refuse("an IPv6 address stands in brackets", "write for example [::1]:8080");
  }
  out.host = base::Lower(text.substr(0, colon));
  if (colon != std::string_view::npos) out.port = text.substr(colon + 1);
  if (out.host.empty()) return Refuse("the host is missing", "write for example 127.0.0.1:8080");
  if (!IsIpv4(out.host) && !IsName(out.host)) {
    return Refuse("the host is neither an IPv4 address, nor an IPv6 address in brackets, nor a name",
                  "write for example 127.0.0.1:8080 or localhost:8080");
  }
  return out;
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// RFC 3986 path characters with whole percent escapes, and no "." or ".." segment.
bool IsPath(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto hex = [&](std::size_t at) {
      const char c = at < path.size() ? base::LowerAscii(path[at]) : '?';
      return base::IsDigit(c) || (c >= 'a' && c <= 'f');
    };
    if (path[i] == '%' && (!hex(i + 1) || !hex(i + 2))) return false;
    constexpr std::string_view kOthers = "/%-._~!$&'()*+,;=:@";
    if (!base::IsAlnum(path[i]) && kOthers.find(path[i]) == std::string_view::npos) return false;
  }
  const std::string closed = std::string(path) + "/";
  return closed.find("//") == std::string::npos && closed.find("/./") == std::string::npos &&
         closed.find("/../") == std::string::npos;
}

}  // namespace

Parsed<HostPort> HostPort::Parse(std::string_view text) {
  if (text.find("://") != std::string_view::npos) {
    return Refuse("an address has a host and a port and no scheme", "write for example 127.0.0.1:8080");
  }
  if (!text.empty() && std::all_of(text.begin(), text.end(), base::IsDigit)) {
    return Refuse("a port alone does not say on which address", "write for example 127.0.0.1:8080");
  }
  Parsed<Parts> authority = ParseAuthority(text);
  if (!authority) return tl::unexpected<Complaint>(std::move(authority.error()));
  if (!authority->port) return Refuse("the port is missing", "write for example 127.0.0.1:8080");
  const std::optional<std::uint16_t> port = ParsePort(*authority->port);
  if (!port)
    return Refuse("a port is a number from 0 (any free one) to 65535", "write for example 127.0.0.1:8080");
  return HostPort{std::move(authority->host), *port};
}

std::string HostPort::Print() const {
  return Bracketed(host) + ":" + std::to_string(port);
}

bool HostPort::IsLoopback() const {
  if (host == "localhost") return true;
  if (in_addr v4{}; inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Parsed<Url> Url::Parse(std::string_view text) {
  constexpr const char* kExample = "write for example https://api.example.com/v1";
  if (text.size() > kUrlMax) return Refuse("a URL has at most 2048 characters", kExample);
  Url out;
  if (base::StartsWithIgnoringCase(text, "https://")) {
    text.remove_prefix(8);
  } else if (base::StartsWithIgnoringCase(text, "http://")) {
    out.tls = false;
    text.remove_prefix(7);
  } else {
    return Refuse("a URL begins with https:// or http://", kExample);
  }
  if (text.find_first_of("?#") != std::string_view::npos) {
    return Refuse("the base of an API has no query and no fragment", "leave out what follows ? or #");
  }
  const std::size_t slash = text.find('/');
  const std::string_view path = slash == std::string_view::npos ? "" : text.substr(slash);
  text = text.substr(0, slash);
  if (text.find('@') != std::string_view::npos) {
    return Refuse("a URL must not carry a user or a password",
                  "leave out what stands before the @ and use `key`");
  }
  Parsed<Parts> authority = ParseAuthority(text);
  if (!authority) return Refuse(std::move(authority.error().why), kExample);
  out.port = out.tls ? 443 : 80;
  if (authority->port) {
    const std::optional<std::uint16_t> port = ParsePort(*authority->port);
    if (!port || *port == 0) return Refuse("the port of a URL is a number from 1 to 65535", kExample);
    out.port = *port;
  }
  out.host = std::move(authority->host);
  out.path = path;
  if (out.path.ends_with('/')) out.path.pop_back();
  if (!IsPath(out.path)) {
    return Refuse("the path has a character or a segment that a URL must not have", kExample);
  }
  return out;
}

std::string Url::Authority() const {
  const bool own_port = port == (tls ? 443 : 80);
  return own_port ? Bracketed(host) : Bracketed(host) + ":" + std::to_string(port);
}

std::string Url::Print() const {
  return (tls ? "https://" : "http://") + Authority() + path;
}

}  // namespace config
