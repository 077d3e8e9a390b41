#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "sim/ask.h"
#include "sim/breakpoint_cache.h"
#include "sim/dialect.h"
#include "wire/json_scanner.h"

namespace sim {

// What a prompt of /messages costs beside its texts, in tokens.
inline constexpr std::size_t kMessagesImageTokens = 1500;
inline constexpr std::size_t kFileTokens = 3000;  // a document that is no text: PDF, URL or file
inline constexpr std::size_t kBlockTokens = 3;    // around each message, tool definition, tool use and result

// The two versions of the API, from the header anthropic-version. The newer one refuses what the older one
// takes: temperature, top_p and top_k, a document in an assistant's message, citations in a user's texts.
inline constexpr std::string_view kVersion2023 = "2023-06-01";
inline constexpr std::string_view kVersion2026 = "2026-10-21";

// Which rules a request of /messages must keep.
struct MessagesRules {
  Dialect dialect = Dialect::kAnthropic;
  bool counting = false;   // its tokens are only to be counted
  bool of_2026 = false;    // of kVersion2026
  std::uint64_t seed = 1;  // of the signatures under thinking
};

// Reads what the prompt is made of into blocks of tokens and, as far as an answer depends on it, into an Ask.
// Tools, system and messages are read in this order; each call is false once something is wrong.
class PromptReader {
 public:
  // All outlive this. `ask` gets tools and messages.
  PromptReader(const MessagesRules& rules, Ask& ask, Prompt& prompt)
      : rules_(rules), ask_(ask), prompt_(prompt) {}

  bool ReadTools(const wire::JsonValue& tools);
  bool ReadSystem(const wire::JsonValue& system);
  bool ReadMessages(const wire::JsonValue& messages);

  // A cache_control of the whole request: its mark is on the last block.
  bool MarkEnd(const wire::JsonValue& cache_control);

  // Whether the last message has tool results behind an assistant's that begins without thinking.
  bool LacksThinking() const { return last_has_results_ && !last_begins_with_thinking_; }

  const std::string& problem() const { return problem_; }  // "messages.1.content.0: what is wrong"

 private:
  // What the blocks of one message, or of one tool's result, come to.
  struct Content {
    std::string_view role;
    bool in_result = false;
    bool in_document = false;  // only texts and images
    std::string text{};
    std::size_t images = 0;
    std::size_t blocks = 0;
    bool has_thinking = false;
    bool begins_with_thinking = false;
    std::vector<std::string> calls{};
    std::vector<std::string> results{};
  };

  bool ReadMessage(const wire::JsonValue& message, std::size_t index, bool last);
  bool ReadContent(const wire::JsonValue& content, const std::string& path, Content& into);
  bool ReadBlock(const wire::JsonValue& block, const std::string& path, Content& into);
  bool ReadText(std::string_view text, const std::string& path, Content& into);
  bool ReadDocument(std::string_view block, const std::string& path, Content& into);
  bool ReadThinking(std::string_view block, const std::string& path, Content& into);
  bool ReadToolUse(std::string_view block, const std::string& path, Content& into);
  bool ReadToolResult(std::string_view block, const std::string& path, Content& into);
  bool PairTools(const Content& content, const std::string& path);
  bool EndBlock(std::string_view block, const std::string& path);
  bool Mark(std::string_view cache_control, const std::string& path);
  void AppendMembers(std::string_view object);  // all but cache_control
  bool Wrong(const std::string& path, std::string_view what);

  const MessagesRules& rules_;
  Ask& ask_;
  Prompt& prompt_;
  std::vector<std::string> open_calls_;  // of the assistant's message before
  bool last_has_results_ = false;
  bool last_begins_with_thinking_ = false;
  std::string problem_;
};

}  // namespace sim
