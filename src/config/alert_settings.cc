#include "config/alert_settings.h"

#include <algorithm>

#include "base/ascii.h"

namespace config {
namespace {

constexpr std::size_t kQueryMax = 2048;   // bytes
constexpr std::size_t kAddressMax = 254;  // characters (RFC 5321 section 4.5.3.1, without the brackets)
constexpr std::size_t kLocalMax = 64;
constexpr std::size_t kPeopleMax = 20;
constexpr std::string_view kMailto = "mailto:";

// Words of allowed characters with dots between them.
bool IsLocalPart(std::string_view text) {
  constexpr std::string_view kMarks = "!#$&'*+-/=^_`{|}~.";
  const bool plain =
      !text.empty() && text.size() <= kLocalMax && std::all_of(text.begin(), text.end(), [&](char c) {
        return base::IsAlnum(c) || kMarks.find(c) != std::string_view::npos;
      });
  return plain && !text.starts_with('.') && !text.ends_with('.') && text.find("..") == std::string_view::npos;
}

Parsed<Url> ParseHook(std::string_view text) {
  const std::size_t mark = std::min(text.find('?'), text.size());
  Parsed<Url> url = Url::Parse(text.substr(0, mark));
  if (!url || mark == text.size()) return url;
  const std::string_view query = text.substr(mark);
  const bool fits = query.size() <= kQueryMax && std::all_of(query.begin(), query.end(), [](char c) {
                      return c > ' ' && c < '\x7f' && c != '#';
                    });
  if (!fits) {
    return Refuse("behind the question mark stand at most 2048 visible ASCII characters without #",
                  "write other characters as % and two hexadecimal digits");
  }
  if (url->path.empty()) url->path = "/";
  url->path += query;
  return url;
}

Parsed<AlertAddress> ParsePeople(std::string_view text) {
  AlertAddress out;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    auto address = ParseMailAddress(text.substr(0, comma));
    if (!address) {
      return Refuse(std::move(address.error().why), "write for example mailto:ops@example.com");
    }
    if (std::find(out.mail.begin(), out.mail.end(), *address) != out.mail.end()) {
      return Refuse("an address stands in it twice", "write each once");
    }
    out.mail.push_back(std::move(*address));
    if (out.mail.size() > kPeopleMax) {
      return Refuse("it has more than 20 addresses", "write the address of a mailing list");
    }
    if (comma == text.size()) return out;
    text.remove_prefix(comma + 1);
  }
}

std::string Joined(const std::vector<std::string>& addresses, std::string_view between) {
  std::string out;
  for (const std::string& one : addresses) {
    if (!out.empty()) out += between;
    out += one;
  }
  return out;
}

}  // namespace

Parsed<std::string> ParseMailAddress(std::string_view text) {
  constexpr const char* kExample = "write for example ops@example.com";
  const std::size_t at = text.rfind('@');
  if (text.size() > kAddressMax || at == std::string_view::npos || !IsLocalPart(text.substr(0, at))) {
    return Refuse("an e-mail address is a name of ASCII letters, digits and marks, an @ and a domain",
                  kExample);
  }
  const std::string domain = base::Lower(text.substr(at + 1));
  const auto host = HostPort::Parse(domain + ":25");
  const std::string_view last = std::string_view(domain).substr(domain.rfind('.') + 1);
  if (!host || host->host != domain || domain.find('_') != std::string::npos ||
      std::all_of(last.begin(), last.end(), base::IsDigit)) {
    return Refuse("behind the @ stands the name of a domain", kExample);
  }
  return std::string(text.substr(0, at + 1)) + domain;
}

Parsed<AlertAddress> AlertAddress::Parse(std::string_view text) {
  if (base::StartsWithIgnoringCase(text, kMailto)) return ParsePeople(text.substr(kMailto.size()));
  Parsed<Url> hook = ParseHook(text);
  if (hook) return AlertAddress{std::move(*hook), {}};
  Complaint complaint = std::move(hook.error());
  if (text.find("://") == std::string_view::npos) {
    complaint = {"an alert goes to a URL that begins with https:// or http://, or to mailto:ADDRESS",
                 ParseMailAddress(text) ? "write mailto:" + std::string(text)
                                        : "write for example https://hooks.example.com/x"};
  }
  return tl::unexpected<Complaint>(std::move(complaint));
}

std::string AlertAddress::Print() const {
  return mail.empty() ? hook.Print() : std::string(kMailto) + Joined(mail, ",");
}

std::string AlertAddress::PrintShort() const {
  if (!mail.empty()) return Joined(mail, ", ");
  const Url site{.tls = hook.tls, .host = hook.host, .port = hook.port, .path = {}};
  return site.Print() + (hook.path.empty() ? "" : "/...");
}

}  // namespace config
