#pragma once

#include <cstdint>
#include <string_view>

namespace chat {

// Whose habits a provider has within the dialects it speaks: which members it knows beyond those that all
// have, which it only ignores, and which it refuses.
enum class Flavour : std::uint8_t {
  kOpenai,      // OpenAI itself
  kDeepseek,    // DeepSeek, in whatever dialect
  kAnthropic,   // Anthropic itself, or what takes its API over whole
  kCompatible,  // any other server with an API like OpenAI's: vLLM, llama.cpp, Ollama, SGLang
};

constexpr std::string_view Name(Flavour flavour) {
  switch (flavour) {
    case Flavour::kOpenai:
      return "openai";
    case Flavour::kDeepseek:
      return "deepseek";
    case Flavour::kAnthropic:
      return "anthropic";
    case Flavour::kCompatible:
      return "compatible";
  }
  return {};
}

}  // namespace chat
