#include "sim/answer.h"

#include <algorithm>

#include "sim/hash.h"
#include "sim/prose.h"
#include "sim/tokenizer.h"
#include "sim/topic.h"

namespace sim {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::string AnswerId(Dialect dialect, chat::Operation operation, base::Random& random) {
  if (dialect == Dialect::kAnthropic) return "msg_01" + RandomText(22, 62, random);
  if (dialect == Dialect::kResponses) return "resp_" + RandomText(48, 16, random);
  if (dialect == Dialect::kOpenai) {
    return (operation == chat::Operation::kChat ? "chatcmpl-" : "cmpl-") + RandomText(29, 62, random);
  }
  std::string uuid = RandomText(36, 16, random);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) uuid[dash] = '-';
  uuid[14] = '4';
  uuid[19] = 'a';
  return uuid;
}

bool IsOpenaiReasoner(std::string_view model) {
  return model.starts_with("gpt-5") ||
         (model.size() >= 2 && model[0] == 'o' && model[1] >= '1' && model[1] <= '9');
}

std::size_t HiddenTokens(const Ask& ask, base::Random& random) {
  const std::string_view effort = ask.reasoning_effort;
  if (effort == "none" || effort == "minimal") return 0;
  const std::size_t steps = effort == "low" ? 1 : effort == "high" || effort == "xhigh" ? 6 : 3;
  return 64 * (1 + random.Below(steps));
}

std::string CallId(Dialect dialect, std::size_t call, base::Random& random) {
  if (dialect == Dialect::kOpenai || dialect == Dialect::kResponses)
    return "call_" + RandomText(24, 62, random);
  if (dialect == Dialect::kAnthropic) return "toolu_01" + RandomText(22, 62, random);
  return "call_0" + std::to_string(call) + "_" + RandomText(20, 62, random);
}

// Cuts the text before the first stop sequence in it.
void CutAtStops(Choice& choice, const std::vector<std::string>& stops) {
  std::size_t end = std::string::npos;
  for (const std::string& stop : stops) {
    const std::size_t at = choice.text.find(stop);
    if (at >= end) continue;
    end = at;
    choice.stopped_at = stop;
  }
  if (end != std::string::npos) choice.text.resize(end);
}

// Appends the tokens of `text` as pieces while `left` lasts; the bytes that they cover.
std::size_t AddPieces(Choice& choice, Piece::Kind kind, std::size_t call, std::string_view text,
                      std::size_t& left) {
  std::size_t offset = 0;
  while (offset < text.size() && left > 0) {
    const std::size_t size = TokenLength(text.substr(offset));
    choice.pieces.push_back({kind, static_cast<std::uint32_t>(call), static_cast<std::uint32_t>(offset),
                             static_cast<std::uint32_t>(size)});
    offset += size;
    --left;
  }
  return offset;
}

// Cuts the choice to `left` tokens and says how it ends.
void LayOut(Choice& choice, std::size_t left) {
  bool whole = true;
  const auto cut = [&](std::string& text, Piece::Kind kind, std::size_t call) {
    const std::size_t kept = AddPieces(choice, kind, call, text, left);
    whole = whole && kept == text.size();
    text.resize(kept);
  };
  cut(choice.reasoning, Piece::Kind::kReasoning, 0);
  cut(choice.text, Piece::Kind::kText, 0);
  std::size_t calls = 0;
  for (; calls < choice.calls.size() && left > 0; ++calls) {
    choice.pieces.push_back({Piece::Kind::kCallStart, static_cast<std::uint32_t>(calls), 0, 0});
    --left;
    cut(choice.calls[calls].arguments, Piece::Kind::kCallArguments, calls);
  }
  whole = whole && calls == choice.calls.size();
  choice.calls.resize(calls);
  choice.call_ids.resize(calls);
  choice.ending = !whole                      ? Ending::kLength
                  : calls > 0                 ? Ending::kToolCalls
                  : choice.stopped_at.empty() ? Ending::kStop
                                              : Ending::kStopSequence;
}

void Lengthen(std::string& text, const Ask& ask, std::size_t tokens, base::Random& random) {
  const Topic topic =
      FindTopic(ask.operation == chat::Operation::kChat ? ask.LastOf("user") : std::string_view());
  std::size_t count = CountTokens(text);
  while (count < tokens) {
    const std::string more = WriteSentence(topic, random);
    count += CountTokens(more);
    text += more;
  }
  text.resize(FirstTokens(text, tokens).size());
}

Choice PlanChoice(const Ask& ask, const Habits& habits, const Fault& fault, std::size_t prompt_index,
                  std::size_t& hidden, base::Random& random) {
  Choice choice;
  Composed composed = Compose(ask, prompt_index, random);
  choice.text = std::move(composed.text);
  if (ask.echo && prompt_index < ask.prompts.size()) choice.text.insert(0, ask.prompts[prompt_index]);
  CutAtStops(choice, ask.stops);
  if (fault.tokens) {
    Lengthen(choice.text, ask, static_cast<std::size_t>(*fault.tokens), random);
    choice.stopped_at.clear();
  } else {
    if (habits.thinks_aloud) choice.reasoning = ComposeReasoning(ask, random);
    choice.calls = std::move(composed.calls);
    for (std::size_t i = 0; i < choice.calls.size(); ++i) {
      choice.call_ids.push_back(CallId(habits.dialect, i, random));
    }
  }
  auto left = static_cast<std::size_t>(ask.tokens_max.value_or(kAnswerTokensMax));
  if (habits.thinks_hidden && !fault.tokens) {
    hidden = std::min(HiddenTokens(ask, random), left);
    left -= hidden;
  }
  if (fault.insufficient_after && static_cast<std::size_t>(*fault.insufficient_after) < left) {
    LayOut(choice, static_cast<std::size_t>(*fault.insufficient_after));
    choice.ending = Ending::kInsufficient;
  } else {
    LayOut(choice, left);
  }
  return choice;
}

}  // namespace

std::string RandomText(std::size_t count, std::size_t radix, base::Random& random) {
  std::string text(count, '0');
  for (char& c : text) c = radix == 16 ? "0123456789abcdef"[random.Below(16)] : kBase62[random.Below(radix)];
  return text;
}

std::string_view Choice::TextOf(const Piece& piece) const {
  switch (piece.kind) {
    case Piece::Kind::kReasoning:
      return std::string_view(reasoning).substr(piece.offset, piece.size);
    case Piece::Kind::kText:
      return std::string_view(text).substr(piece.offset, piece.size);
    case Piece::Kind::kCallStart:
      return {};
    case Piece::Kind::kCallArguments:
      return std::string_view(calls[piece.call].arguments).substr(piece.offset, piece.size);
  }
  return {};
}

Habits HabitsOf(const Ask& ask, Dialect dialect) {
  Habits habits;
  habits.dialect = dialect;
  if (ask.operation != chat::Operation::kChat) return habits;
  if (dialect == Dialect::kOpenai || dialect == Dialect::kResponses) {
    habits.thinks_hidden = IsOpenaiReasoner(ask.model);
  } else if (dialect == Dialect::kAnthropic) {
    habits.thinks_aloud = ask.thinking.value_or(false);
  } else {
    const bool continues = !ask.messages.empty() && ask.messages.back().prefix;
    habits.thinks_aloud = ask.thinking.value_or(ask.model != "deepseek-chat") && !continues;
  }
  return habits;
}

TokenHashes PromptTokens(const Ask& ask) {
  TokenHashes tokens;
  if (!ask.tools_raw.empty()) {
    AppendMarkers(tokens, "tools", kMessageOverheadTokens);
    AppendTokenHashes(tokens, ask.tools_raw);
  }
  for (const Message& message : ask.messages) {
    AppendMarkers(tokens, message.role, kMessageOverheadTokens);
    AppendTokenHashes(tokens, message.text);
    AppendMarkers(tokens, "image", kImageTokens * message.images);
    AppendTokenHashes(tokens, message.tool_calls);
  }
  for (std::size_t i = 0; i < ask.prompts.size(); ++i) {
    AppendTokenHashes(tokens, ask.prompts[i]);
    AppendMarkers(tokens, "number", ask.prompt_tokens[i]);
  }
  AppendTokenHashes(tokens, ask.suffix);
  if (ask.operation == chat::Operation::kChat) AppendMarkers(tokens, "assistant", kMessageOverheadTokens);
  return tokens;
}

void AppendAnswerTokens(TokenHashes& prompt, const Choice& choice) {
  AppendTokenHashes(prompt, choice.text);
}

Answer PlanAnswer(const Ask& ask, const Habits& habits, const Fault& fault, base::Random& random) {
  Answer answer;
  answer.dialect = habits.dialect;
  answer.operation = ask.operation;
  answer.id = AnswerId(habits.dialect, ask.operation, random);
  answer.model = ask.model;
  base::Random of_model(HashBytes(ask.model, 3));
  answer.fingerprint = "fp_" + RandomText(10, 16, of_model);
  if (SpeaksMessages(habits.dialect)) {
    answer.service_tier = "standard";
  } else if (!IsDeepseek(habits.dialect) && ask.operation == chat::Operation::kChat) {
    answer.service_tier =
        ask.service_tier.empty() || ask.service_tier == "auto" ? "default" : ask.service_tier;
  }
  answer.logprobs = ask.logprobs;
  answer.top_logprobs = ask.top_logprobs;
  answer.include_usage = ask.include_usage;
  answer.no_usage = fault.no_usage;
  answer.no_done = fault.no_done;
  const std::size_t prompts =
      ask.operation == chat::Operation::kChat ? 1 : std::max<std::size_t>(1, ask.prompts.size());
  for (std::size_t prompt = 0; prompt < prompts; ++prompt) {
    for (std::int64_t i = 0; i < ask.n; ++i) {
      std::size_t hidden = 0;
      answer.choices.push_back(PlanChoice(ask, habits, fault, prompt, hidden, random));
      const Choice& choice = answer.choices.back();
      answer.usage.completion += choice.pieces.size() + hidden;
      answer.usage.reasoning += hidden;
      for (const Piece& piece : choice.pieces)
        answer.usage.reasoning += piece.kind == Piece::Kind::kReasoning;
    }
  }
  return answer;
}

}  // namespace sim
