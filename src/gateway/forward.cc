#include "gateway/forward.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/ascii.h"
#include "net/header_text.h"

namespace gateway {
namespace {

using base::EqualIgnoringCase;
using base::StartsWithIgnoringCase;

// Where a field stops.
constexpr std::uint8_t kAsked = 1;
constexpr std::uint8_t kAnswered = 2;
constexpr std::uint8_t kBoth = kAsked | kAnswered;

struct Stopped {
  std::string_view name;
  std::uint8_t where;
};

constexpr std::array<Stopped, 37> kStopped = {{
    {"connection", kBoth},
    {"keep-alive", kBoth},
    {"proxy-connection", kBoth},
    {"proxy-authenticate", kBoth},
    {"proxy-authorization", kBoth},
    {"te", kBoth},
    {"trailer", kBoth},
    {"transfer-encoding", kBoth},
    {"upgrade", kBoth},
    {"content-length", kBoth},
    {"http2-settings", kBoth},
    {"proxy-status", kBoth},
    {"via", kBoth},
    {"host", kAsked},
    {"authorization", kAsked},
    {"x-api-key", kAsked},
    {"api-key", kAsked},
    {"cookie", kAsked},
    {"cookie2", kAsked},
    {"expect", kAsked},
    {"accept-encoding", kAsked},
    {"forwarded", kAsked},
    {"x-real-ip", kAsked},
    {"origin", kAsked},
    {"referer", kAsked},
    {"dnt", kAsked},
    {"cf-connecting-ip", kAsked},
    {"true-client-ip", kAsked},
    {"x-client-ip", kAsked},
    {"x-auth-token", kAsked},
    {"x-goog-api-key", kAsked},
    {"date", kAnswered},
    {"set-cookie", kAnswered},
    {"set-cookie2", kAnswered},
    {"server", kAnswered},
    {"alt-svc", kAnswered},
    {"strict-transport-security", kAnswered},
}};

constexpr std::size_t kUsualBytes = 512;  // of the fields of a request

constexpr std::array<std::string_view, 5> kRequestPrefixes = {"x-sluice-", "x-forwarded-", "sec-", "proxy-",
                                                              "cf-"};

// What a caller says to one API and its client library to the world.
constexpr std::array<std::string_view, 4> kOwnApiPrefixes = {"anthropic-", "openai-", "x-stainless-",
                                                             "content-type:"};

// Those of them that ask something of that API; its version, and what a library tells of itself, do not.
constexpr std::array<std::string_view, 4> kAsking = {
    "anthropic-beta:", "openai-beta:", "openai-organization:", "openai-project:"};
constexpr std::array<std::string_view, 2> kAccount = {"openai-organization:", "openai-project:"};

// Of an answer: what describes the bytes of its body, what only its own API's clients read.
constexpr std::array<std::string_view, 5> kTranslatedAway = {"content-", "etag", "x-sluice-", "anthropic-",
                                                             "openai-"};

constexpr std::string_view kContentType = "content-type";
constexpr std::string_view kJson = "application/json";

// What translated requests are written for. Later versions refuse sampling parameters.
constexpr std::string_view kMessagesVersion = "2023-06-01";

// The names that stop by their lengths and outer letters, so that a name that is not among them is told so by
// one look into the table. Open addressing; a slot holds an index plus one, 0 where it is free.
constexpr std::size_t kSlots = 256;

constexpr std::size_t SlotOf(std::string_view name) {
  const auto letter = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c) | 0x20u); };
  return (name.size() * 19 + letter(name.front()) * 7 + letter(name.back())) % kSlots;
}

constexpr std::array<std::uint8_t, kSlots> MakeTable() {
  std::array<std::uint8_t, kSlots> table{};
  for (std::size_t i = 0; i < kStopped.size(); ++i) {
    std::size_t slot = SlotOf(kStopped[i].name);
    while (table[slot] != 0) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return table;
}
constexpr std::array<std::uint8_t, kSlots> kTable = MakeTable();

bool Stops(std::string_view name, std::uint8_t where) {
  if (name.empty()) return false;
  for (std::size_t slot = SlotOf(name); kTable[slot] != 0; slot = (slot + 1) % kSlots) {
    const Stopped& one = kStopped[kTable[slot] - 1u];
    if (EqualIgnoringCase(name, one.name)) return (one.where & where) != 0;
  }
  return false;
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

// The first of the lines, with its end, which is taken off them.
std::string_view TakeLine(std::string_view& lines) {
  const std::size_t end = lines.find('\n');
  const std::string_view line = lines.substr(0, end == std::string_view::npos ? end : end + 1);
  lines.remove_prefix(line.size());
  return line;
}

// Whether a field of a request does not go to a provider of another dialect.
bool StaysBehind(std::string_view line, chat::Dialect caller, chat::Operation operation) {
  const bool to_anthropic = chat::DialectOf(operation) == chat::Dialect::kAnthropic;
  const bool within_openai = !to_anthropic && caller != chat::Dialect::kAnthropic;
  return StartsWithOneOf(line, kOwnApiPrefixes) && !(within_openai && StartsWithOneOf(line, kAccount));
}

// The fields that Connection says belong to this connection only.
base::BlockVector<std::string_view> Nominated(const net::Fields& fields) {
  base::BlockVector<std::string_view> names;
  for (const net::Field& field : fields) {
    if (!EqualIgnoringCase(field.name, "connection")) continue;
    net::ForEachListMember(field.value, [&](std::string_view name) { names.push_back(name); });
  }
  return names;
}

bool IsJson(std::string_view content_type) {
  if (!StartsWithIgnoringCase(content_type, kJson)) return false;
  const std::string_view rest = content_type.substr(kJson.size());
  return rest.empty() || rest.front() == ';' || rest.front() == ' ' || rest.front() == '\t';
}

}  // namespace

base::BlockString RequestFields(const net::Fields& fields, std::string_view traceparent) {
  base::BlockString out;
  out.reserve(kUsualBytes);
  const auto nominated = Nominated(fields);
  bool typed = false;
  for (const net::Field& field : fields) {
    if (Stops(field.name, kAsked) || StartsWithOneOf(field.name, kRequestPrefixes)) continue;
    if (IsOneOf(field.name, nominated)) continue;
    if (!traceparent.empty() && EqualIgnoringCase(field.name, "traceparent")) continue;
    if (EqualIgnoringCase(field.name, kContentType)) {
      if (typed || !IsJson(field.value)) continue;
      typed = true;
    }
    net::AppendField(out, field.name, field.value);
  }
  if (!typed) net::AppendField(out, kContentType, kJson);
  if (!traceparent.empty()) net::AppendField(out, "traceparent", traceparent);
  return out;
}

void AppendResponseFields(const net::Fields& fields, base::BlockString& out) {
  const auto nominated = Nominated(fields);
  for (const net::Field& field : fields) {
    if (Stops(field.name, kAnswered) || StartsWithIgnoringCase(field.name, "x-sluice-")) continue;
    if (IsOneOf(field.name, nominated)) continue;
    net::AppendField(out, field.name, field.value);
  }
}

base::BlockString TranslatedFields(std::string_view request_fields, chat::Dialect caller,
                                   chat::Operation operation) {
  base::BlockString out;
  out.reserve(request_fields.size() + 64);
  while (!request_fields.empty()) {
    const std::string_view line = TakeLine(request_fields);
    if (!StaysBehind(line, caller, operation)) out += line;
  }
  net::AppendField(out, kContentType, kJson);
  if (chat::DialectOf(operation) == chat::Dialect::kAnthropic) {
    net::AppendField(out, "anthropic-version", kMessagesVersion);
  }
  return out;
}

std::vector<std::string> LostFields(std::string_view request_fields, chat::Dialect caller,
                                    chat::Operation operation) {
  std::vector<std::string> names;
  while (!request_fields.empty()) {
    const std::string_view line = TakeLine(request_fields);
    if (!StaysBehind(line, caller, operation)) continue;
    for (const std::string_view one : kAsking) {
      if (StartsWithIgnoringCase(line, one)) names.emplace_back(one.substr(0, one.size() - 1));
    }
  }
  return names;
}

void AppendMessagesVersion(base::BlockString& request_fields) {
  net::AppendField(request_fields, "anthropic-version", kMessagesVersion);
}

std::string_view RequestIdName(chat::Dialect dialect) {
  return dialect == chat::Dialect::kAnthropic ? "request-id" : "x-request-id";
}

void AppendDropped(std::span<const std::string> of_request, std::span<const std::string> of_answer,
                   base::BlockString& out) {
  if (of_request.empty() && of_answer.empty()) return;
  std::string names;
  for (const auto& list : {of_request, of_answer}) {
    for (const std::string& name : list) {
      if (names.size() + name.size() > kDroppedBytesMax) continue;
      names += (names.empty() ? "" : ", ") + name;
    }
  }
  net::AppendSafeField(out, "x-sluice-dropped", names);
}

void AppendTranslatedFields(const net::Fields& fields, chat::Dialect caller, base::BlockString& out) {
  const auto nominated = Nominated(fields);
  for (const net::Field& field : fields) {
    if (Stops(field.name, kAnswered) || StartsWithOneOf(field.name, kTranslatedAway)) continue;
    if (IsOneOf(field.name, nominated)) continue;
    const bool id =
        EqualIgnoringCase(field.name, "request-id") || EqualIgnoringCase(field.name, "x-request-id");
    net::AppendField(out, id ? RequestIdName(caller) : field.name, field.value);
  }
}

}  // namespace gateway
