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
// nothing is known about the tokens, which is not the same as zero. One member is ours: of
// cache_write_tokens, cache_write_1h_tokens are kept for an hour, which OpenAI's own spelling cannot tell.
//
// How long something is kept and what it is are told apart from each other: where cached tokens and those of
// sounds and pictures are more than the prompt together, some are both, and count as cached.
//
// Where the numbers contradict each other (parts above their whole, two spellings that differ, a total that
// is not the sum, a count that is no integer in [0, kTokensMax]) `inconsistent` is set; a remainder is then 0
// instead of negative and the parts are kept.
std::optional<chat::Usage> ReadUsage(std::string_view object);

// The same for Messages, whose input_tokens hold neither what was read from the cache nor what was written to
// it. A stream tells its numbers twice, as they stand at its start and again at its end: of each number the
// last one counts, and one that has become smaller is a contradiction. `end` is empty for a whole answer.
// What the provider spent on shortening the conversation stands apart from its totals and is added; tokens of
// a second model that it asked for advice have no bucket here and make the usage inconsistent.
std::optional<chat::Usage> ReadMessagesUsage(std::string_view start, std::string_view end);

}  // namespace wire
