#include "upstream/proxy.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/encoding.h"
#include "config/endpoint.h"

namespace upstream {
namespace {

using base::Code;
using base::Fail;
using base::Result;

std::string Read(const config::Environment& environment, std::string_view lower, std::string_view upper) {
  if (const auto value = environment(lower); value && !value->empty()) return *value;
  return environment(upper).value_or("");
}

// The user and password of a URL are percent-encoded there and plain in the header.
std::string PercentDecode(std::string_view text) {
  const auto hex = [](char c) { return base::IsDigit(c) ? c - '0' : base::LowerAscii(c) - 'a' + 10; };
  const auto is_hex = [](char c) {
    return base::IsDigit(c) || (base::LowerAscii(c) >= 'a' && base::LowerAscii(c) <= 'f');
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
      out.push_back(static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

Result<net::Proxy> ParseProxy(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (base::StartsWithIgnoringCase(text, kScheme)) text.remove_prefix(kScheme.size());
  net::Proxy proxy;
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = text.substr(0, at);
    const bool has_password = user.find(':') != std::string_view::npos;
    proxy.authorization = "Basic " + base::Base64(PercentDecode(user) + (has_password ? "" : ":"));
    text.remove_prefix(at + 1);
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  std::string host_port(text);
  const auto bare = config::HostPort::Parse(host_port);
  const auto parsed = bare ? bare : config::HostPort::Parse(host_port + ":80");
  if (!parsed || parsed->port == 0) {
    return Fail(Code::kInvalid,
                "HTTPS_PROXY must be http://host:port, with user:password@ before it if needed");
  }
  proxy.host = parsed->host;
  proxy.port = parsed->port;
  return proxy;
}

bool Matches(std::string_view exception, std::string_view host, std::uint16_t port) {
  if (exception == "*") return true;
  if (const std::size_t colon = exception.rfind(':'); colon != std::string_view::npos) {
    if (const auto only = base::ParseDecimal(exception.substr(colon + 1));
        only && exception.find(':') == colon) {
      if (*only != port) return false;
      exception = exception.substr(0, colon);
    }
  }
  if (exception.starts_with('.')) exception.remove_prefix(1);
  if (exception.empty() || !host.ends_with(exception)) return false;
  return host.size() == exception.size() || host[host.size() - exception.size() - 1] == '.';
}

}  // namespace

Result<ProxyRules> ProxyRules::FromEnvironment(const config::Environment& environment) {
  ProxyRules rules;
  if (const std::string text = Read(environment, "https_proxy", "HTTPS_PROXY"); !text.empty()) {
    auto proxy = ParseProxy(text);
    if (!proxy) return Fail(std::move(proxy).error());
    rules.proxy_ = std::move(*proxy);
  }
  const std::string exceptions = base::Lower(Read(environment, "no_proxy", "NO_PROXY"));
  net::ForEachListMember(exceptions, [&](std::string_view one) { rules.exceptions_.emplace_back(one); });
  return rules;
}

std::optional<net::Proxy> ProxyRules::For(const net::Origin& origin) const {
  if (!proxy_ || !origin.tls) return std::nullopt;
  const std::string host = base::Lower(origin.host);
  const bool direct = std::any_of(exceptions_.begin(), exceptions_.end(), [&](const std::string& exception) {
    return Matches(exception, host, origin.port);
  });
  return direct ? std::nullopt : proxy_;
}

}  // namespace upstream
