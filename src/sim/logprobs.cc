#include "sim/logprobs.h"

#include <charconv>

#include "base/json_text.h"
#include "sim/hash.h"
#include "sim/json_append.h"

namespace sim {
namespace {

using base::AppendJsonString;

void AppendTokenEntry(std::string& out, std::string_view token, double logprob) {
  out += "{\"token\":";
  AppendJsonString(out, token);
  out += ",\"logprob\":";
  AppendLogprob(out, logprob);
  out += ",\"bytes\":[";
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (i > 0) out += ',';
    AppendNumber(out, static_cast<unsigned>(static_cast<unsigned char>(token[i])));
  }
  out += ']';
}

}  // namespace

void AppendLogprob(std::string& out, double value) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, 6).ptr);
}

double LogprobOf(std::string_view token, std::size_t place) {
  const std::uint64_t hash = HashBytes(token, place + 17);
  const double uniform = static_cast<double>(hash >> 11) * 0x1.0p-53;
  return -0.0001 - uniform * uniform * 0.6;
}

std::string AlternativeTo(std::string_view token, std::int64_t rank) {
  static constexpr std::string_view kOthers[] = {" the", " a",   " of", " in", " to", " it", " is",
                                                 " and", " for", " on", " as", " an", ",",   ".",
                                                 ":",    " by",  " at", " or", " we", " so"};
  const std::string_view other = kOthers[static_cast<std::size_t>(rank) % std::size(kOthers)];
  return other == token ? std::string(other) + "s" : std::string(other);
}

void AppendTokenLogprob(std::string& out, std::string_view token, std::size_t place, std::int64_t top) {
  const double logprob = LogprobOf(token, place);
  AppendTokenEntry(out, token, logprob);
  out += ",\"top_logprobs\":[";
  for (std::int64_t rank = 0; rank < top; ++rank) {
    if (rank > 0) out += ',';
    const std::string other = rank == 0 ? std::string(token) : AlternativeTo(token, rank);
    AppendTokenEntry(out, other, rank == 0 ? logprob : logprob - 1.7 * static_cast<double>(rank));
    out += '}';
  }
  out += "]}";
}

}  // namespace sim
