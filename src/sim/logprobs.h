#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Log probabilities: plausible, and the same for the same token at the same place.

namespace sim {

double LogprobOf(std::string_view token, std::size_t place);
void AppendLogprob(std::string& out, double value);

// Another token that might have stood there; the higher its rank, the less likely.
std::string AlternativeTo(std::string_view token, std::int64_t rank);

// The entry of one token as chats and responses have it, with its `top` likeliest alternatives.
void AppendTokenLogprob(std::string& out, std::string_view token, std::size_t place, std::int64_t top);

}  // namespace sim
