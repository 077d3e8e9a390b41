#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "base/encoding.h"
#include "pricing/import_readers_internal.h"

namespace pricing {
namespace {

constexpr std::string_view kSpecial = "\\.+*?()[]{}|^$";
constexpr std::size_t kHostsMax = 16;

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// One literal character, escaped or not.
bool TakeLiteral(std::string_view& text, char& out) {
  if (text.empty()) return false;
  if (text[0] == '\\') {
    if (text.size() < 2 || base::IsAlnum(text[1])) return false;
    out = text[1];
    text.remove_prefix(2);
    return true;
  }
  if (kSpecial.find(text[0]) != std::string_view::npos) return false;
  out = text[0];
  text.remove_prefix(1);
  return true;
}

// "(?:a|b)" or "(i)?": the texts that may stand there.
bool TakeChoice(std::string_view& text, std::vector<std::string>& out) {
  if (!TakePrefix(text, "(?:") && !TakePrefix(text, "(")) return false;
  out.emplace_back();
  while (!TakePrefix(text, ")")) {
    char literal = 0;
    if (TakePrefix(text, "|")) {
      out.emplace_back();
    } else if (TakeLiteral(text, literal)) {
      out.back() += literal;
    } else {
      return false;
    }
  }
  if (TakePrefix(text, "?")) out.emplace_back();
  return true;
}

}  // namespace

bool PatternOf(std::string_view regex, NameRule& out) {
  if (!TakePrefix(regex, "^")) return false;
  out.kind = NameRule::Kind::kPattern;
  out.text.clear();
  while (!regex.empty()) {
    if (regex == "$") return true;
    if (TakePrefix(regex, "\\d")) {
      std::uint64_t times = 1;
      if (TakePrefix(regex, "{")) {
        const std::size_t close = std::min(regex.find('}'), regex.size());
        times = base::ParseDecimal(regex.substr(0, close)).value_or(0);
        regex.remove_prefix(std::min(close + 1, regex.size()));
      }
      if (times == 0 || times > 64) return false;
      out.text.append(times, '#');
      continue;
    }
    char literal = 0;
    if (!TakeLiteral(regex, literal) || literal == '#' || literal == '*') return false;
    out.text += base::LowerAscii(literal);
  }
  out.text += '*';
  return true;
}

std::vector<std::string> HostsOf(std::string_view regex) {
  TakePrefix(regex, "^");
  if (!TakePrefix(regex, "(https?://)?") && !TakePrefix(regex, "https?://") && !TakePrefix(regex, "https://"))
    return {};
  std::vector<std::string> hosts = {""};
  for (const std::string_view any : {"(.*\\.)?", "([^.]*\\.)?"}) {
    if (TakePrefix(regex, any)) hosts = {"", "."};
  }
  while (!regex.empty() && regex != "/" && regex != "$") {
    std::vector<std::string> next(1);
    char literal = 0;
    if (TakeLiteral(regex, literal)) {
      if (literal == '/') return {};
      next[0] = base::LowerAscii(literal);
    } else {
      next.clear();
      if (!TakeChoice(regex, next)) return {};
    }
    std::vector<std::string> longer;
    for (const std::string& host : hosts) {
      for (const std::string& more : next) longer.push_back(host + more);
    }
    if (longer.size() > kHostsMax) return {};
    hosts = std::move(longer);
  }
  // The beginning of a name is none, and one without a dot would be half the world.
  const auto whole = [](const std::string& host) {
    return !host.ends_with('.') && host.find('.', 1) != std::string::npos;
  };
  return std::all_of(hosts.begin(), hosts.end(), whole) ? hosts : std::vector<std::string>{};
}

}  // namespace pricing
