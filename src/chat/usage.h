#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chat {

// Whatever a provider may charge for: tokens by what happened to them, then what is counted one by one.
enum class Meter : std::uint8_t {
  kInput,
  kCachedInput,
  kCacheWrite5m,
  kCacheWrite1h,
  kOutput,
  kReasoning,
  kInputAudio,
  kInputImage,
  kOutputAudio,
  kOutputImage,
  kRequest,    // the call itself
  kSearch,     // searches of the web by the provider
  kFetch,      // pages that it fetched
  kPage,       // of documents
  kCharacter,  // of speech
  kImage,      // generated
  kSecond,     // of audio or video
};
inline constexpr std::size_t kMeters = 17;
inline constexpr std::size_t kTokenMeters = 10;  // the first ones count tokens
inline constexpr std::size_t kUnitMeters = kMeters - kTokenMeters;

// The name in the ledger, in prices and in reports.
constexpr std::string_view Name(Meter meter) {
  constexpr std::string_view kNames[kMeters] = {
      "input",       "cached_input", "cache_write_5m", "cache_write_1h", "output",  "reasoning",
      "input_audio", "input_image",  "output_audio",   "output_image",   "request", "search",
      "fetch",       "page",         "character",      "image",          "second"};
  return kNames[static_cast<std::size_t>(meter)];
}

// Tokens of one call in disjoint buckets: no token is in two of them, so that each can be priced once. Every
// count is >= 0; what a provider does not report is 0.
struct Usage {
  std::int64_t input = 0;           // read afresh: in no other input bucket
  std::int64_t cached_input = 0;    // read from the provider's prompt cache, whatever it is
  std::int64_t cache_write_5m = 0;  // written to its cache at the ordinary (or only) lifetime
  std::int64_t cache_write_1h = 0;  // written to its cache for longer: an hour, or OpenAI's twelve
  std::int64_t output = 0;          // visible text: neither reasoning nor audio nor image
  std::int64_t reasoning = 0;       // thought but not shown as the answer
  std::int64_t input_audio = 0;     // read afresh, as the next one
  std::int64_t input_image = 0;
  std::int64_t output_audio = 0;
  std::int64_t output_image = 0;
  std::array<std::int64_t, kUnitMeters> units{};  // what is no token, in the order of Meter
  bool inconsistent = false;  // the provider's numbers contradict each other, or tell of tokens of another
                              // model; they are kept as far as possible

  std::int64_t TotalInput() const {
    return input + cached_input + cache_write_5m + cache_write_1h + input_audio + input_image;
  }
  std::int64_t TotalOutput() const { return output + reasoning + output_audio + output_image; }

  // By meter; the reference is into this usage.
  std::int64_t& operator[](Meter meter) {
    std::int64_t* const tokens[kTokenMeters] = {
        &input,     &cached_input, &cache_write_5m, &cache_write_1h, &output,
        &reasoning, &input_audio,  &input_image,    &output_audio,   &output_image};
    const auto at = static_cast<std::size_t>(meter);
    return at < kTokenMeters ? *tokens[at] : units[at - kTokenMeters];
  }
  std::int64_t operator[](Meter meter) const { return const_cast<Usage&>(*this)[meter]; }

  // Whether every count is 0.
  bool CountsNothing() const {
    for (std::size_t i = 0; i < kMeters; ++i) {
      if ((*this)[static_cast<Meter>(i)] != 0) return false;
    }
    return true;
  }

  friend bool operator==(const Usage&, const Usage&) = default;
};

// Where the numbers of a Usage come from.
enum class UsageSource : std::uint8_t {
  kProvider,   // the provider said so in the answer that the client got
  kCounted,    // we counted the tokens ourselves
  kDrained,    // the provider said so after the client had hung up
  kEstimated,  // derived from the number of characters
  kNone,       // nothing is known: the call never reached a provider, or the provider never began
};

constexpr std::string_view Name(UsageSource source) {
  switch (source) {
    case UsageSource::kProvider:
      return "provider";
    case UsageSource::kCounted:
      return "counted";
    case UsageSource::kDrained:
      return "drained";
    case UsageSource::kEstimated:
      return "estimated";
    case UsageSource::kNone:
      return "none";
  }
  return {};
}

}  // namespace chat
