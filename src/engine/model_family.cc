#include "engine/model_family.h"

#include "base/ascii.h"
#include "base/check.h"

namespace engine {
namespace {

// The first row that fits decides, so what is longer stands before what it begins with.
struct NameRow {
  std::string_view begins;  // the model's name, without its maker
  std::optional<Family> family;
};

constexpr std::optional<Family> kNone = std::nullopt;

constexpr NameRow kNames[] = {
    {"ft:gpt-4o", Family::kO200k},
    {"ft:gpt-4.", Family::kO200k},
    {"ft:gpt-5", Family::kO200k},
    {"ft:gpt-4", Family::kCl100k},
    {"ft:gpt-3.5", Family::kCl100k},
    {"chatgpt-4o", Family::kO200k},
    {"gpt-4o", Family::kO200k},
    {"gpt-4.", Family::kO200k},  // 4.1, 4.5
    {"gpt-4", Family::kCl100k},
    {"gpt-3.5", Family::kCl100k},
    {"gpt-35", Family::kCl100k},  // as Azure writes it
    {"gpt-oss", Family::kO200k},
    {"gpt-", Family::kO200k},  // 5 and what came after it
    {"codex-", Family::kO200k},
    {"o1", Family::kO200k},
    {"o3", Family::kO200k},
    {"o4", Family::kO200k},
    {"text-embedding-", Family::kCl100k},
    {"davinci-002", Family::kCl100k},
    {"babbage-002", Family::kCl100k},
    {"deepseek-r1-distill-llama", kNone},
    {"deepseek-r1-distill-qwen", Family::kQwen3},
    {"deepseek-llm", kNone},  // the generations before V3
    {"deepseek-coder-1", kNone},
    {"deepseek-coder-6", kNone},
    {"deepseek-coder-33", kNone},
    {"deepseek-", Family::kDeepSeek},
    {"qwen3.", Family::kQwen35},  // 3.5, 3.6
    {"qwen3", Family::kQwen3},
    {"qwen2", Family::kQwen3},
    {"qwq-32b", Family::kQwen3},
};

// Providers all of whose models are of one family, whatever they are called.
constexpr NameRow kProviders[] = {
    {"deepseek", Family::kDeepSeek},
};

std::optional<Family> Find(const NameRow* begin, const NameRow* end, std::string_view name) {
  for (const NameRow* row = begin; row != end; ++row) {
    if (base::StartsWithIgnoringCase(name, row->begins)) return row->family;
  }
  return std::nullopt;
}

struct Overhead {
  std::int64_t conversation;
  std::int64_t message;
};

}  // namespace

std::string_view Name(Family family) {
  switch (family) {
    case Family::kO200k:
      return "o200k";
    case Family::kCl100k:
      return "cl100k";
    case Family::kDeepSeek:
      return "deepseek";
    case Family::kQwen3:
      return "qwen3";
    case Family::kQwen35:
      return "qwen3_5";
  }
  CHECK(false);
}

std::optional<Family> FamilyOf(std::string_view provider, std::string_view model) {
  if (const auto family = Find(std::begin(kProviders), std::end(kProviders), provider)) return family;
  const std::size_t slash = model.rfind('/');
  if (slash != std::string_view::npos) model.remove_prefix(slash + 1);
  return Find(std::begin(kNames), std::end(kNames), model);
}

std::int64_t PromptOverhead(std::optional<Family> family, std::int64_t messages) {
  const Overhead overhead = [&]() -> Overhead {
    if (!family) return {3, 4};
    switch (*family) {
      case Family::kO200k:
      case Family::kCl100k:
        return {3, 4};  // start, role, separator, end; the answer's own beginning
      case Family::kDeepSeek:
        return {2, 1};  // begin of sentence, the answer's mark; a mark in front of each message
      case Family::kQwen3:
      case Family::kQwen35:
        return {3, 5};  // start, role, line end, end, line end
    }
    CHECK(false);
  }();
  return overhead.conversation + overhead.message * messages;
}

}  // namespace engine
