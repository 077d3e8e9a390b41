#include "sim/chat_writer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/json_text.h"
#include "sim/json_append.h"
#include "sim/logprobs.h"

namespace sim {
namespace {

using base::AppendJsonString;
using chat::Operation;

void AppendChatLogprobs(std::string& out, const Answer& answer, const Choice& choice, const Piece* only) {
  if (!answer.logprobs) {
    out += "null";
    return;
  }
  out += "{\"content\":[";
  bool first = true;
  for (const Piece& piece : only != nullptr ? std::span(only, 1) : std::span(choice.pieces)) {
    if (piece.kind != Piece::Kind::kText) continue;
    if (!std::exchange(first, false)) out += ',';
    AppendTokenLogprob(out, choice.TextOf(piece), piece.offset, answer.top_logprobs);
  }
  out += answer.dialect == Dialect::kOpenai ? "],\"refusal\":null}" : "]}";
}

void AppendTextLogprobs(std::string& out, const Answer& answer, const Choice& choice, const Piece* only) {
  if (!answer.logprobs) {
    out += "null";
    return;
  }
  std::string tokens, logprobs, tops, offsets;
  for (const Piece& piece : only != nullptr ? std::span(only, 1) : std::span(choice.pieces)) {
    if (!tokens.empty()) tokens += ',', logprobs += ',', tops += ',', offsets += ',';
    const std::string_view token = choice.TextOf(piece);
    const double logprob = LogprobOf(token, piece.offset);
    AppendJsonString(tokens, token);
    AppendLogprob(logprobs, logprob);
    AppendNumber(offsets, piece.offset);
    tops += '{';
    for (std::int64_t rank = 0; rank < answer.top_logprobs; ++rank) {
      if (rank > 0) tops += ',';
      AppendJsonString(tops, rank == 0 ? std::string(token) : AlternativeTo(token, rank));
      tops += ':';
      AppendLogprob(tops, rank == 0 ? logprob : logprob - 1.7 * static_cast<double>(rank));
    }
    tops += '}';
  }
  out += "{\"tokens\":[" + tokens + "],\"token_logprobs\":[" + logprobs + "],\"top_logprobs\":[" + tops +
         "],\"text_offset\":[" + offsets + "]}";
}

// ---- choices

std::string_view FinishWord(Ending ending) {
  switch (ending) {
    case Ending::kStop:
    case Ending::kStopSequence:
      return "stop";
    case Ending::kLength:
      return "length";
    case Ending::kToolCalls:
      return "tool_calls";
    case Ending::kInsufficient:
      return "insufficient_system_resource";
  }
  return {};
}

void AppendCallHead(std::string& out, const Choice& choice, std::size_t call, bool index) {
  out += '{';
  if (index) {
    AppendCount(out, "index", call);
    out += ',';
  }
  out += "\"id\":";
  AppendJsonString(out, choice.call_ids[call]);
  out += ",\"type\":\"function\",\"function\":{\"name\":";
  AppendJsonString(out, choice.calls[call].name);
  out += ",\"arguments\":";
}

void AppendMessage(std::string& out, const Answer& answer, const Choice& choice) {
  out += "\"message\":{\"role\":\"assistant\",\"content\":";
  if (choice.text.empty() && !choice.calls.empty() && answer.dialect == Dialect::kOpenai) {
    out += "null";
  } else {
    AppendJsonString(out, choice.text);
  }
  if (!choice.reasoning.empty()) {
    out += ",\"reasoning_content\":";
    AppendJsonString(out, choice.reasoning);
  }
  if (!choice.calls.empty()) {
    out += ",\"tool_calls\":[";
    for (std::size_t call = 0; call < choice.calls.size(); ++call) {
      if (call > 0) out += ',';
      AppendCallHead(out, choice, call, answer.dialect == Dialect::kDeepseek);
      AppendJsonString(out, choice.calls[call].arguments);
      out += "}}";
    }
    out += ']';
  }
  out += answer.dialect == Dialect::kOpenai ? ",\"refusal\":null,\"annotations\":[]}" : "}";
}

void AppendChoice(std::string& out, const Answer& answer, std::size_t index) {
  const Choice& choice = answer.choices[index];
  out += '{';
  if (answer.operation == Operation::kChat) {
    AppendCount(out, "index", index);
    out += ',';
    AppendMessage(out, answer, choice);
    out += ",\"logprobs\":";
    AppendChatLogprobs(out, answer, choice, nullptr);
  } else {
    out += "\"text\":";
    AppendJsonString(out, choice.text);
    out += ',';
    AppendCount(out, "index", index);
    out += ",\"logprobs\":";
    AppendTextLogprobs(out, answer, choice, nullptr);
  }
  out += ",\"finish_reason\":\"";
  out += FinishWord(choice.ending);
  out += "\"}";
}

void AppendHead(std::string& out, const Answer& answer, bool stream) {
  out += "{\"id\":\"" + answer.id + "\",\"object\":\"";
  out += answer.operation == Operation::kCompletion ? "text_completion"
         : stream                                   ? "chat.completion.chunk"
                                                    : "chat.completion";
  out += "\",";
  AppendCount(out, "created", static_cast<std::size_t>(answer.created));
  out += ",\"model\":";
  AppendJsonString(out, answer.model);
}

void AppendTail(std::string& out, const Answer& answer) {
  if (!answer.service_tier.empty()) {
    out += ",\"service_tier\":";
    AppendJsonString(out, answer.service_tier);
  }
  out += ",\"system_fingerprint\":\"" + answer.fingerprint + "\"";
}

}  // namespace

std::string WriteUsage(const Answer& answer) {
  const Counts& counts = answer.usage;
  std::string out = "{";
  AppendCount(out, "prompt_tokens", counts.prompt);
  out += ',';
  AppendCount(out, "completion_tokens", counts.completion);
  out += ',';
  AppendCount(out, "total_tokens", counts.prompt + counts.completion);
  out += ",\"prompt_tokens_details\":{";
  AppendCount(out, "cached_tokens", counts.cached);
  if (answer.dialect == Dialect::kOpenai) {
    if (counts.written_5m > 0) {
      out += ',';
      AppendCount(out, "cache_write_tokens", counts.written_5m);
    }
    out += ",\"audio_tokens\":0},\"completion_tokens_details\":{";
    AppendCount(out, "reasoning_tokens", counts.reasoning);
    out += ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";
    return out;
  }
  out += '}';
  if (counts.reasoning > 0) {
    out += ",\"completion_tokens_details\":{";
    AppendCount(out, "reasoning_tokens", counts.reasoning);
    out += '}';
  }
  out += ',';
  AppendCount(out, "prompt_cache_hit_tokens", counts.cached);
  out += ',';
  AppendCount(out, "prompt_cache_miss_tokens", counts.prompt - counts.cached);
  out += '}';
  return out;
}

ChatWriter::ChatWriter(const Answer& answer)
    : answer_(answer), place_(answer.operation == Operation::kChat ? 0 : 1) {
  head_ = "data: ";
  AppendHead(head_, answer, true);
  AppendTail(head_, answer);
  for (const Choice& choice : answer.choices) most_ = std::max(most_, choice.pieces.size());
}

std::string ChatWriter::Whole() const {
  std::string out;
  AppendHead(out, answer_, false);
  out += ",\"choices\":[";
  for (std::size_t i = 0; i < answer_.choices.size(); ++i) {
    if (i > 0) out += ',';
    AppendChoice(out, answer_, i);
  }
  out += ']';
  if (!answer_.no_usage) out += ",\"usage\":" + WriteUsage(answer_);
  AppendTail(out, answer_);
  out += '}';
  return out;
}

std::optional<Frame> ChatWriter::NextToken() {
  for (; place_ <= most_; ++place_, choice_ = 0) {
    while (choice_ < answer_.choices.size()) {
      const std::size_t turn = choice_++;
      const Choice& choice = answer_.choices[turn];
      if (place_ > choice.pieces.size()) continue;
      return Frame{place_ == 0 ? First(turn) : Token(turn, choice.pieces[place_ - 1]),
                   std::max<std::size_t>(1, place_)};
    }
  }
  choice_ = 0;
  return std::nullopt;
}

std::optional<Frame> ChatWriter::Next() {
  const bool with_usage = answer_.include_usage && !answer_.no_usage;
  switch (stage_) {
    case Stage::kTokens:
      if (auto token = NextToken()) return token;
      stage_ = Stage::kFinish;
      [[fallthrough]];
    case Stage::kFinish:
      if (choice_ < answer_.choices.size()) {
        const bool last = choice_ + 1 == answer_.choices.size();
        const bool tells = last && with_usage && answer_.dialect == Dialect::kDeepseek;
        return Frame{Finish(choice_++), most_, tells};
      }
      stage_ = Stage::kUsage;
      [[fallthrough]];
    case Stage::kUsage:
      stage_ = Stage::kDone;
      if (with_usage) {
        frame_ = head_ + ",\"choices\":[],\"usage\":" + WriteUsage(answer_) + "}\n\n";
        return Frame{frame_, most_, true};
      }
      [[fallthrough]];
    case Stage::kDone:
      stage_ = Stage::kOver;
      if (!answer_.no_done) return Frame{"data: [DONE]\n\n", most_};
      break;
    case Stage::kOver:
      break;
  }
  return std::nullopt;
}

void ChatWriter::Begin(std::size_t choice) {
  frame_ = head_;
  frame_ += ",\"choices\":[{";
  AppendCount(frame_, "index", choice);
}

std::string_view ChatWriter::End(std::string_view finish, std::string_view usage) {
  frame_ += ",\"finish_reason\":";
  if (finish.empty()) {
    frame_ += "null";
  } else {
    frame_ += '"';
    frame_ += finish;
    frame_ += '"';
  }
  frame_ += "}]";
  if (answer_.include_usage && !answer_.no_usage) {
    frame_ += ",\"usage\":";
    frame_ += usage.empty() ? std::string_view("null") : usage;
  }
  frame_ += "}\n\n";
  return frame_;
}

std::string_view ChatWriter::First(std::size_t choice) {
  Begin(choice);
  const Choice& chosen = answer_.choices[choice];
  frame_ += ",\"delta\":{\"role\":\"assistant\",\"content\":";
  if (!chosen.reasoning.empty()) {
    frame_ += "null,\"reasoning_content\":\"\"";
  } else {
    frame_ += chosen.text.empty() && !chosen.calls.empty() ? "null" : "\"\"";
  }
  frame_ +=
      answer_.dialect == Dialect::kOpenai ? ",\"refusal\":null},\"logprobs\":null" : "},\"logprobs\":null";
  return End({}, {});
}

std::string_view ChatWriter::Token(std::size_t choice, const Piece& piece) {
  Begin(choice);
  const Choice& chosen = answer_.choices[choice];
  const std::string_view text = chosen.TextOf(piece);
  if (answer_.operation == Operation::kCompletion) {
    frame_ += ",\"text\":";
    AppendJsonString(frame_, text);
    frame_ += ",\"logprobs\":";
    AppendTextLogprobs(frame_, answer_, chosen, &piece);
    return End({}, {});
  }
  frame_ += ",\"delta\":{";
  if (piece.kind == Piece::Kind::kText || piece.kind == Piece::Kind::kReasoning) {
    const bool reasoning = piece.kind == Piece::Kind::kReasoning;
    frame_ += reasoning ? "\"content\":null,\"reasoning_content\":"
              : answer_.dialect == Dialect::kDeepseek && !chosen.reasoning.empty()
                  ? "\"reasoning_content\":null,\"content\":"
                  : "\"content\":";
    AppendJsonString(frame_, text);
  } else {
    frame_ += "\"tool_calls\":[";
    if (piece.kind == Piece::Kind::kCallStart) {
      AppendCallHead(frame_, chosen, piece.call, true);
    } else {
      frame_ += '{';
      AppendCount(frame_, "index", piece.call);
      frame_ += ",\"function\":{\"arguments\":";
    }
    AppendJsonString(frame_, text);
    frame_ += "}}]";
  }
  frame_ += "},\"logprobs\":";
  if (piece.kind == Piece::Kind::kText) {
    AppendChatLogprobs(frame_, answer_, chosen, &piece);
  } else {
    frame_ += "null";
  }
  return End({}, {});
}

std::string_view ChatWriter::Finish(std::size_t choice) {
  Begin(choice);
  if (answer_.operation == Operation::kCompletion) {
    frame_ += ",\"text\":\"\",\"logprobs\":null";
  } else {
    frame_ += answer_.dialect == Dialect::kOpenai
                  ? ",\"delta\":{},\"logprobs\":null"
                  : ",\"delta\":{\"content\":\"\",\"reasoning_content\":null},\"logprobs\":null";
  }
  const bool last = choice + 1 == answer_.choices.size();
  const bool with_usage = last && answer_.dialect == Dialect::kDeepseek && answer_.include_usage;
  return End(FinishWord(answer_.choices[choice].ending), with_usage ? WriteUsage(answer_) : std::string());
}

}  // namespace sim
