#include <algorithm>
#include <cstdint>
#include <string>

#include "base/encoding.h"
#include "pricing/book_parts_internal.h"

namespace pricing {
namespace {

// FNV-1a with a last stirring: no secret and no adversary, only a digest that is the same everywhere.
std::uint64_t Digest(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  return hash;
}

constexpr std::size_t kDigestDigits = 10;

std::string Content(const PriceVersion& version) {
  std::string text = version.provider + "\n" + version.model + "\n";
  text += version.currency.code();
  text += "\n" + (version.valid_from ? std::to_string(version.valid_from->time_since_epoch().count()) : "-");
  text += "\n" + version.phase + "\n" + version.hours + "\n" + std::string(Name(version.billed_at));
  text += "\n" + version.service_tier + "\n" + std::to_string(static_cast<int>(version.batch));
  text += "\n" + std::to_string(version.context_over);
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const auto rate = version.rates.per_million[i];
    if (!rate) continue;
    text += "\n";
    text += chat::Name(static_cast<chat::Meter>(i));
    text += "=" + std::to_string(*rate);
  }
  return text;
}

}  // namespace

std::string VersionId(const PriceVersion& version) {
  std::string id = version.origin == "config" ? "config" : "undated";
  if (version.valid_from) id = base::Rfc3339(*version.valid_from).view().substr(0, 10);
  if (!version.phase.empty()) id += "-" + version.phase;
  if (!version.service_tier.empty() && version.service_tier != kAnyTier) id += "-" + version.service_tier;
  if (version.batch == Batch::kYes) id += "-batch";
  if (version.context_over > 0) id += "-over" + std::to_string(version.context_over / 1000) + "k";
  std::uint64_t digest = Digest(Content(version));
  std::string digits;
  for (std::size_t i = 0; i < kDigestDigits; ++i, digest >>= 4) digits += "0123456789abcdef"[digest & 15];
  return id + "-" + digits;
}

}  // namespace pricing
