#include "telemetry/trace.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/encoding.h"

namespace telemetry {
namespace {

constexpr int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Fills `bytes` from twice as many lower-case digits.
bool ParseHex(std::string_view digits, std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexDigit(digits[2 * i]);
    const int low = HexDigit(digits[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

bool IsZero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string HexOfBytes(std::span<const std::uint8_t> bytes) {
  return base::Hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::uint64_t SecureSeed() {
  const std::string bytes = base::SecureRandomBytes(sizeof(std::uint64_t));
  std::uint64_t seed = 0;
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return seed;
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(std::string_view header) {
  if (header.size() != 55 || !header.starts_with("00-") || header[35] != '-' || header[52] != '-') {
    return std::nullopt;
  }
  TraceContext context;
  if (!ParseHex(header.substr(3, 32), context.trace_id) || IsZero(context.trace_id)) return std::nullopt;
  if (!ParseHex(header.substr(36, 16), context.span_id) || IsZero(context.span_id)) return std::nullopt;
  if (!ParseHex(header.substr(53, 2), std::span(&context.flags, 1))) return std::nullopt;
  return context;
}

std::string FormatTraceparent(const TraceContext& context) {
  return "00-" + HexOf(context.trace_id) + "-" + HexOf(context.span_id) + "-" +
         HexOfBytes(std::span(&context.flags, 1));
}

std::string HexOf(const TraceId& id) {
  return HexOfBytes(id);
}
std::string HexOf(const SpanId& id) {
  return HexOfBytes(id);
}

SpanIds::SpanIds() : random_(SecureSeed()) {}

TraceContext SpanIds::NewTrace(bool sampled) {
  TraceContext context;
  do {
    const std::uint64_t words[2] = {random_.Next(), random_.Next()};
    std::memcpy(context.trace_id.data(), words, sizeof words);
  } while (IsZero(context.trace_id));
  context.span_id = NewSpanId();
  context.flags = sampled ? 1 : 0;
  return context;
}

TraceContext SpanIds::ChildOf(const TraceContext& parent) {
  return {parent.trace_id, NewSpanId(), parent.flags};
}

SpanId SpanIds::NewSpanId() {
  SpanId id;
  do {
    const std::uint64_t word = random_.Next();
    std::memcpy(id.data(), &word, sizeof word);
  } while (IsZero(id));
  return id;
}

}  // namespace telemetry
