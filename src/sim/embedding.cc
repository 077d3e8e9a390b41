#include "sim/embedding.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "sim/hash.h"
#include "sim/tokenizer.h"

namespace sim {
namespace {

constexpr std::size_t kDimensions = 256;
constexpr std::size_t kTokenDirections = 16;  // coordinates that one token moves

void AppendVector(std::string& out, const std::vector<float>& vector, bool base64) {
  if (base64) {
    std::string bytes(vector.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), vector.data(), bytes.size());
    out += '"' + base::Base64(bytes) + '"';
    return;
  }
  out += '[';
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (i > 0) out += ',';
    char digits[32];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, vector[i]).ptr);
  }
  out += ']';
}

}  // namespace

std::vector<float> Embed(std::string_view text, std::size_t dimensions) {
  std::vector<float> vector(dimensions);
  const std::string lower = base::Lower(text);
  for (const std::string_view token : SplitTokens(lower)) {
    std::uint64_t hash = HashBytes(token, 5);
    for (std::size_t i = 0; i < kTokenDirections; ++i) {
      hash = Mix(hash + i + 1);
      vector[hash % dimensions] += (hash >> 63) != 0 ? 1.0F : -1.0F;
    }
  }
  float squares = 0;
  for (const float x : vector) squares += x * x;
  if (squares == 0) vector[0] = squares = 1;
  for (float& x : vector) x /= std::sqrt(squares);
  return vector;
}

std::size_t CountEmbeddingTokens(const Ask& ask) {
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < ask.prompts.size(); ++i) {
    tokens += CountTokens(ask.prompts[i]) + ask.prompt_tokens[i];
  }
  return tokens;
}

std::string WriteEmbeddings(const Ask& ask, bool no_usage) {
  const std::size_t dimensions = ask.dimensions > 0 ? static_cast<std::size_t>(ask.dimensions) : kDimensions;
  std::string out = "{\"object\":\"list\",\"data\":[";
  for (std::size_t i = 0; i < ask.prompts.size(); ++i) {
    if (i > 0) out += ',';
    out += "{\"object\":\"embedding\",\"index\":" + std::to_string(i) + ",\"embedding\":";
    AppendVector(out, Embed(ask.prompts[i], dimensions), ask.base64);
    out += '}';
  }
  out += "],\"model\":";
  base::AppendJsonString(out, ask.model);
  if (!no_usage) {
    const std::string count = std::to_string(CountEmbeddingTokens(ask));
    out += ",\"usage\":{\"prompt_tokens\":" + count + ",\"total_tokens\":" + count + "}";
  }
  return out + "}";
}

}  // namespace sim
