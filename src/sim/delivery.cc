#include "sim/delivery.h"

#include <algorithm>

namespace sim {
namespace {

bool TellsUsage(const Answer& answer, bool stream) {
  if (answer.no_usage) return false;
  if (!stream) return true;
  if (SpeaksMessages(answer.dialect)) return true;
  if (answer.dialect == Dialect::kResponses) return !answer.no_done;  // its last event tells it
  return answer.include_usage;
}

// What a stream of Messages tells in its first event.
Counts Beginning(const Answer& answer) {
  Counts counts = answer.usage;
  counts.completion = std::min<std::size_t>(1, counts.completion);
  counts.reasoning = 0;
  return counts;
}

// What had been generated when `tokens` of each choice were there. Hidden thoughts come before all of them.
Counts Until(const Answer& answer, std::size_t tokens) {
  Counts counts = answer.usage;
  std::size_t shown = 0, thought_aloud = 0;
  std::size_t completion = 0, reasoning = 0;
  for (const Choice& choice : answer.choices) {
    for (std::size_t i = 0; i < choice.pieces.size(); ++i) {
      const bool thought = choice.pieces[i].kind == Piece::Kind::kReasoning;
      ++shown, thought_aloud += thought;
      if (i < tokens) ++completion, reasoning += thought;
    }
  }
  const std::size_t hidden = tokens > 0 ? counts.completion - shown : 0;
  if (tokens > 0) reasoning += counts.reasoning - thought_aloud;
  counts.completion = completion + hidden;
  counts.reasoning = reasoning;
  return counts;
}

}  // namespace

std::optional<Due> DueFor(const Answer& answer, bool stream, const Delivery& delivery, bool hung_up) {
  const bool tells_at_once = stream && SpeaksMessages(answer.dialect) && !answer.no_usage;
  if (delivery.whole) {
    const bool failed = answer.choices.front().ending == Ending::kInsufficient;
    if (!failed || !SpeaksMessages(answer.dialect)) {
      return Due{TellsUsage(answer, stream) ? Reckoning::kTold : Reckoning::kUntold, answer.usage};
    }
  } else if (hung_up && !delivery.broken) {
    if (!delivery.begun) return std::nullopt;
    return Due{Reckoning::kAborted, Until(answer, delivery.tokens)};
  }
  if (tells_at_once && delivery.frames > 0) return Due{Reckoning::kTold, Beginning(answer)};
  return std::nullopt;
}

}  // namespace sim
