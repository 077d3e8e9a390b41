#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "chat/usage.h"

namespace wire {

// No call has more tokens in one bucket than this; it keeps tokens times price inside 64 bits.
inline constexpr std::int64_t kTokensMax = 10'000'000'000;

// Reads the `usage` object of an answer in any of the spellings that OpenAI (chat, embeddings, responses) and
// DeepSeek use, into disjoint buckets. None if it is not an object or holds not one count that we know: then
// nothing is known about the tokens, which is not the same as zero.
//
// Where the numbers contradict each other (parts above their whole, two spellings that differ, a total that
// is not the sum, a count that is no integer in [0, kTokensMax]) `inconsistent` is set; a remainder is then 0
// instead of negative and the parts are kept.
std::optional<chat::Usage> ReadUsage(std::string_view object);

}  // namespace wire
