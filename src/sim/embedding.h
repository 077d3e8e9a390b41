#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/ask.h"

namespace sim {

// A unit vector that is the same for the same text, and near for texts with many tokens in common.
std::vector<float> Embed(std::string_view text, std::size_t dimensions);

std::size_t CountEmbeddingTokens(const Ask& ask);  // of all its inputs

// The body of an embeddings answer.
std::string WriteEmbeddings(const Ask& ask, bool no_usage);

}  // namespace sim
