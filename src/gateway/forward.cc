#include "gateway/forward.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ascii.h"
#include "net/header_text.h"

namespace gateway {
namespace {

using base::EqualIgnoringCase;
using base::StartsWithIgnoringCase;

constexpr std::array<std::string_view, 12> kHopByHop = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "http2-settings",
    "proxy-status",
};

constexpr std::array<std::string_view, 19> kRequestOnly = {
    "host",        "authorization", "x-api-key",        "api-key",
    "cookie",      "cookie2",       "expect",           "accept-encoding",
    "forwarded",   "via",           "x-real-ip",        "origin",
    "referer",     "dnt",           "cf-connecting-ip", "true-client-ip",
    "x-client-ip", "x-auth-token",  "x-goog-api-key",
};

constexpr std::array<std::string_view, 5> kRequestPrefixes = {"x-sluice-", "x-forwarded-", "sec-", "proxy-",
                                                              "cf-"};

constexpr std::array<std::string_view, 7> kResponseOnly = {
    "date", "set-cookie", "set-cookie2", "server", "alt-svc", "strict-transport-security", "via",
};

// What a caller says to one API and its client library to the world.
constexpr std::array<std::string_view, 3> kOwnApiPrefixes = {"anthropic-", "openai-", "x-stainless-"};

// Of an answer: what describes the bytes of its body, what only its own API's clients read.
constexpr std::array<std::string_view, 5> kTranslatedAway = {"content-", "etag", "x-sluice-", "anthropic-",
                                                             "openai-"};

// What translated requests are written for. Later versions refuse sampling parameters.
constexpr std::string_view kMessagesVersion = "2023-06-01";

// The lengths of a set of names as bits: most fields differ from all of them by length alone.
template <std::size_t N>
constexpr std::uint64_t Lengths(const std::array<std::string_view, N>& names) {
  std::uint64_t bits = 0;
  for (const std::string_view name : names) bits |= std::uint64_t{1} << name.size();
  return bits;
}

template <std::size_t N>
bool IsIn(std::string_view name, const std::array<std::string_view, N>& names, std::uint64_t lengths) {
  return name.size() < 64 && (lengths >> name.size() & 1) != 0 &&
         std::any_of(names.begin(), names.end(),
                     [name](std::string_view one) { return EqualIgnoringCase(name, one); });
}

bool IsOneOf(std::string_view name, std::span<const std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view one) { return EqualIgnoringCase(name, one); });
}

bool StartsWithOneOf(std::string_view name, std::span<const std::string_view> prefixes) {
  const char first = name.empty() ? '\0' : base::LowerAscii(name.front());
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view one) {
    return one.front() == first && StartsWithIgnoringCase(name, one);
  });
}

// The fields that Connection says belong to this connection only.
std::vector<std::string_view> Nominated(const net::Fields& fields) {
  std::vector<std::string_view> names;
  for (const net::Field& field : fields) {
    if (!EqualIgnoringCase(field.name, "connection")) continue;
    net::ForEachListMember(field.value, [&](std::string_view name) { names.push_back(name); });
  }
  return names;
}

}  // namespace

std::string RequestFields(const net::Fields& fields, std::string_view traceparent) {
  std::string out;
  out.reserve(512);
  const std::vector<std::string_view> nominated = Nominated(fields);
  for (const net::Field& field : fields) {
    if (IsIn(field.name, kHopByHop, Lengths(kHopByHop)) ||
        IsIn(field.name, kRequestOnly, Lengths(kRequestOnly)))
      continue;
    if (StartsWithOneOf(field.name, kRequestPrefixes) || IsOneOf(field.name, nominated)) continue;
    if (!traceparent.empty() && EqualIgnoringCase(field.name, "traceparent")) continue;
    net::AppendField(out, field.name, field.value);
  }
  if (!traceparent.empty()) net::AppendField(out, "traceparent", traceparent);
  return out;
}

void AppendResponseFields(const net::Fields& fields, std::string& out) {
  const std::vector<std::string_view> nominated = Nominated(fields);
  for (const net::Field& field : fields) {
    if (IsIn(field.name, kHopByHop, Lengths(kHopByHop)) ||
        IsIn(field.name, kResponseOnly, Lengths(kResponseOnly)))
      continue;
    if (StartsWithIgnoringCase(field.name, "x-sluice-") || IsOneOf(field.name, nominated)) continue;
    net::AppendField(out, field.name, field.value);
  }
}

std::string TranslatedFields(std::string_view request_fields, chat::Operation operation) {
  std::string out;
  out.reserve(request_fields.size() + 64);
  while (!request_fields.empty()) {
    const std::size_t end = request_fields.find('\n');
    const std::string_view line = request_fields.substr(0, end == std::string_view::npos ? end : end + 1);
    request_fields.remove_prefix(line.size());
    if (!StartsWithOneOf(line, kOwnApiPrefixes)) out += line;
  }
  if (chat::DialectOf(operation) == chat::Dialect::kAnthropic) {
    net::AppendField(out, "anthropic-version", kMessagesVersion);
  }
  return out;
}

void AppendTranslatedFields(const net::Fields& fields, chat::Dialect caller, std::string& out) {
  const std::vector<std::string_view> nominated = Nominated(fields);
  for (const net::Field& field : fields) {
    if (IsIn(field.name, kHopByHop, Lengths(kHopByHop)) ||
        IsIn(field.name, kResponseOnly, Lengths(kResponseOnly)))
      continue;
    if (StartsWithOneOf(field.name, kTranslatedAway) || IsOneOf(field.name, nominated)) continue;
    const bool id =
        EqualIgnoringCase(field.name, "request-id") || EqualIgnoringCase(field.name, "x-request-id");
    const std::string_view name = caller == chat::Dialect::kAnthropic ? "request-id" : "x-request-id";
    net::AppendField(out, id ? name : field.name, field.value);
  }
}

}  // namespace gateway
