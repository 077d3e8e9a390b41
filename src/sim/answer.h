#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "sim/ask.h"
#include "sim/compose.h"
#include "sim/dialect.h"
#include "sim/fault.h"
#include "sim/prompt_cache.h"

namespace sim {

inline constexpr std::size_t kImageTokens = 85;           // one image part
inline constexpr std::size_t kMessageOverheadTokens = 3;  // around each message, and to prime the answer

// One token as it is streamed: a slice of its choice's reasoning, text or a call's arguments.
struct Piece {
  enum class Kind : std::uint8_t { kReasoning, kText, kCallStart, kCallArguments };
  Kind kind = Kind::kText;
  std::uint32_t call = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

enum class Ending : std::uint8_t { kStop, kStopSequence, kLength, kToolCalls, kInsufficient };

struct Choice {
  std::string reasoning;
  std::string text;
  std::vector<ToolCall> calls;
  std::vector<std::string> call_ids;
  std::vector<Piece> pieces;  // in the order of a stream; one token each
  Ending ending = Ending::kStop;
  std::string stopped_at;  // the stop sequence of kStopSequence
  std::string signature;   // of the reasoning; empty: none is wanted

  std::string_view TextOf(const Piece& piece) const;
};

struct Counts {
  std::size_t prompt = 0;
  std::size_t cached = 0;
  std::size_t written_5m = 0;  // Anthropic: into a cache that keeps it so long
  std::size_t written_1h = 0;
  std::size_t completion = 0;  // reasoning included
  std::size_t reasoning = 0;
};

// What an answer of /responses repeats of its request, and what it needs beside what was generated.
struct ResponsesTerms {
  std::string echo;  // members of the response, each with a comma before it
  bool stored = true;
  bool sealed = false;       // thoughts come along encrypted
  bool summarised = false;   // and what they were about in words
  bool obfuscated = true;    // deltas are padded, so that their sizes tell less
  std::string reasoning_id;  // empty: the model did not think
  std::string summary;       // empty: none
  std::string seal;          // empty: none
  std::string message_id;
  std::vector<std::string> call_item_ids;
};

// A whole answer, planned before its first byte is sent.
struct Answer {
  Dialect dialect = Dialect::kOpenai;
  chat::Operation operation = chat::Operation::kChat;
  std::string id;
  std::string model;
  std::string fingerprint;
  std::string service_tier;  // empty: not said
  std::int64_t created = 0;  // seconds since 1970
  bool logprobs = false;
  std::int64_t top_logprobs = 0;
  bool include_usage = false;
  bool no_usage = false;
  bool no_done = false;
  std::vector<Choice> choices;
  Counts usage;
  ResponsesTerms responses;  // of /responses
};

// Digits and letters as ids have them; `radix` is 16 or up to 62.
std::string RandomText(std::size_t count, std::size_t radix, base::Random& random);

// What a model does beyond answering.
struct Habits {
  Dialect dialect = Dialect::kOpenai;
  bool thinks_aloud = false;   // reasoning_content before the content
  bool thinks_hidden = false;  // reasoning tokens that are only counted
};
Habits HabitsOf(const Ask& ask, Dialect dialect);

// The prompt as the cache sees it, and how many tokens it has.
TokenHashes PromptTokens(const Ask& ask);

// The prompt with the answer behind it, as the next turn would send it.
void AppendAnswerTokens(TokenHashes& prompt, const Choice& choice);

// Composes the choices, cuts them at stop sequences and token limits, and counts. `fault` may ask for an
// exact number of tokens or an early end. The usage has its prompt and cached counts still to be set.
Answer PlanAnswer(const Ask& ask, const Habits& habits, const Fault& fault, base::Random& random);

}  // namespace sim
