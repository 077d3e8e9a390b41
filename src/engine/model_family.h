#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace engine {

// Models that cut text into tokens in the same way.
enum class Family : std::uint8_t {
  kO200k,     // OpenAI since GPT-4o
  kCl100k,    // OpenAI's GPT-3.5 and GPT-4, its embeddings
  kDeepSeek,  // DeepSeek V3 and V4
  kQwen3,     // Qwen 2 to 3
  kQwen35,    // Qwen 3.5 and later
};
inline constexpr std::array kFamilies = {Family::kO200k, Family::kCl100k, Family::kDeepSeek, Family::kQwen3,
                                         Family::kQwen35};

// "o200k": the stem of its file, too.
std::string_view Name(Family family);

// Which tokenizer a provider's model has; nullopt where nobody says (Claude, Gemini, models that are served
// under a name without a generation). By the model's name, which may carry its maker in front
// ("openai/gpt-4o"), and for a provider that serves its own models under any name by the provider's. Letters
// count alike, large or small. No allocation.
std::optional<Family> FamilyOf(std::string_view provider, std::string_view model);

// How many tokens the form of a conversation adds to the texts in it: marks around each message and the
// beginning of the answer, as the makers publish their templates. An approximation: tools, pictures and
// answers in a schema are said in ways that nobody publishes. nullopt: as a model of no known family.
std::int64_t PromptOverhead(std::optional<Family> family, std::int64_t messages);

}  // namespace engine
