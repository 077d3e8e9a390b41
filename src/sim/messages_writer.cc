#include "sim/messages_writer.h"

#include <algorithm>

#include "base/json_text.h"
#include "sim/json_append.h"
#include "sim/refusals.h"
#include "wire/json_scanner.h"

namespace sim {
namespace {

using base::AppendJsonString;

std::string_view StopReason(Ending ending) {
  switch (ending) {
    case Ending::kStop:
    case Ending::kInsufficient:
      return "end_turn";
    case Ending::kStopSequence:
      return "stop_sequence";
    case Ending::kLength:
      return "max_tokens";
    case Ending::kToolCalls:
      return "tool_use";
  }
  return {};
}

void AppendStop(std::string& out, const Choice& choice) {
  out += "\"stop_reason\":\"";
  out += StopReason(choice.ending);
  out += "\",\"stop_sequence\":";
  if (choice.ending == Ending::kStopSequence) {
    AppendJsonString(out, choice.stopped_at);
  } else {
    out += "null";
  }
}

// Where a usage stands: in a whole message, in a stream's first event, whose output has just begun, or in its
// last, which counts all of it.
enum class UsageIn : std::uint8_t { kMessage, kStart, kEnd };

void AppendUsage(std::string& out, const Answer& answer, UsageIn where) {
  const Counts& counts = answer.usage;
  const std::size_t written = counts.written_5m + counts.written_1h;
  out += '{';
  AppendCount(out, "input_tokens", counts.prompt - counts.cached - written);
  out += ',';
  AppendCount(out, "cache_creation_input_tokens", written);
  out += ',';
  AppendCount(out, "cache_read_input_tokens", counts.cached);
  out += ',';
  if (where != UsageIn::kEnd) {
    out += "\"cache_creation\":{";
    AppendCount(out, "ephemeral_5m_input_tokens", counts.written_5m);
    out += ',';
    AppendCount(out, "ephemeral_1h_input_tokens", counts.written_1h);
    out += "},";
  }
  const bool begun = where == UsageIn::kStart;
  AppendCount(out, "output_tokens", begun ? std::min<std::size_t>(1, counts.completion) : counts.completion);
  if (counts.reasoning > 0 && !begun) {
    out += ",\"output_tokens_details\":{";
    AppendCount(out, "thinking_tokens", counts.reasoning);
    out += '}';
  }
  if (where != UsageIn::kEnd) {
    out += ",\"service_tier\":";
    AppendJsonString(out, answer.service_tier);
  }
  out += '}';
}

void AppendHead(std::string& out, const Answer& answer) {
  out += "{\"id\":\"" + answer.id + "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":";
  AppendJsonString(out, answer.model);
}

void AppendToolUse(std::string& out, const Choice& choice, std::size_t call, std::string_view input) {
  out += "{\"type\":\"tool_use\",\"id\":";
  AppendJsonString(out, choice.call_ids[call]);
  out += ",\"name\":";
  AppendJsonString(out, choice.calls[call].name);
  out += ",\"input\":";
  out += input;
  out += '}';
}

}  // namespace

std::string MessagesWriter::Whole() const {
  std::string content;
  const auto begin = [&content] { content += content.empty() ? "" : ","; };
  if (!choice_.reasoning.empty()) {
    content += "{\"type\":\"thinking\",\"thinking\":";
    AppendJsonString(content, choice_.reasoning);
    content += ",\"signature\":";
    AppendJsonString(content, choice_.signature);
    content += '}';
  }
  if (!choice_.text.empty()) {
    begin();
    content += "{\"type\":\"text\",\"text\":";
    AppendJsonString(content, choice_.text);
    content += '}';
  }
  for (std::size_t call = 0; call < choice_.calls.size(); ++call) {
    begin();
    const std::string& input = choice_.calls[call].arguments;  // the token limit may have cut it
    AppendToolUse(content, choice_, call, wire::ScanJson(input) ? std::string_view(input) : "{}");
  }
  std::string out;
  AppendHead(out, answer_);
  out += ",\"content\":[" + content + "],";
  AppendStop(out, choice_);
  if (!answer_.no_usage) {
    out += ",\"usage\":";
    AppendUsage(out, answer_, UsageIn::kMessage);
  }
  out += '}';
  return out;
}

Frame MessagesWriter::Event(std::string_view name, std::string_view json, std::size_t token) {
  frame_ = "event: ";
  frame_ += name;
  frame_ += "\ndata: ";
  frame_ += json;
  frame_ += "\n\n";
  return {frame_, token};
}

std::optional<Frame> MessagesWriter::Next() {
  const std::size_t tokens = choice_.pieces.size();
  switch (stage_) {
    case Stage::kStart: {
      stage_ = Stage::kBlocks;
      json_ = "{\"type\":\"message_start\",\"message\":";
      AppendHead(json_, answer_);
      json_ += ",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null";
      if (!answer_.no_usage) {
        json_ += ",\"usage\":";
        AppendUsage(json_, answer_, UsageIn::kStart);
      }
      json_ += "}}";
      return Event("message_start", json_, 0);
    }
    case Stage::kBlocks:
      if (auto frame = NextOfBlocks()) return frame;
      stage_ = Stage::kLast;
      [[fallthrough]];
    case Stage::kLast:
      stage_ = Stage::kStop;
      if (choice_.ending == Ending::kInsufficient) {
        stage_ = Stage::kOver;
        frame_ = WriteErrorEvent(answer_.dialect, FailureInStream(answer_.dialect), {}, 0);
        return Frame{frame_, tokens, true};
      }
      json_ = "{\"type\":\"message_delta\",\"delta\":{";
      AppendStop(json_, choice_);
      json_ += '}';
      if (!answer_.no_usage) {
        json_ += ",\"usage\":";
        AppendUsage(json_, answer_, UsageIn::kEnd);
      }
      json_ += '}';
      return Frame{Event("message_delta", json_, tokens).bytes, tokens, !answer_.no_usage};
    case Stage::kStop:
      stage_ = Stage::kOver;
      if (!answer_.no_done) return Event("message_stop", "{\"type\":\"message_stop\"}", tokens);
      break;
    case Stage::kOver:
      break;
  }
  return std::nullopt;
}

std::optional<Frame> MessagesWriter::NextOfBlocks() {
  const bool more = piece_ < choice_.pieces.size();
  if (inside_ != Inside::kNone && !pinged_) {
    pinged_ = true;
    return Frame{kPingEvent, piece_};
  }
  if (inside_ == Inside::kToolUse && !input_begun_) {
    input_begun_ = true;
    Delta({.kind = Piece::Kind::kCallArguments, .call = static_cast<std::uint32_t>(call_)});
    return Event("content_block_delta", json_, piece_);
  }
  if (more && Belongs(choice_.pieces[piece_])) {
    Delta(choice_.pieces[piece_]);
    return Event("content_block_delta", json_, ++piece_);
  }
  if (inside_ == Inside::kThinking && !signed_) {
    signed_ = true;
    json_ = "{\"type\":\"content_block_delta\",";
    AppendCount(json_, "index", block_);
    json_ += ",\"delta\":{\"type\":\"signature_delta\",\"signature\":";
    AppendJsonString(json_, choice_.signature);
    json_ += "}}";
    return Event("content_block_delta", json_, piece_);
  }
  if (inside_ != Inside::kNone) {
    Close();
    return Event("content_block_stop", json_, piece_);
  }
  if (!more) return std::nullopt;
  Open(choice_.pieces[piece_]);
  return Event("content_block_start", json_, std::max<std::size_t>(piece_, 1));
}

bool MessagesWriter::Belongs(const Piece& piece) const {
  switch (piece.kind) {
    case Piece::Kind::kReasoning:
      return inside_ == Inside::kThinking;
    case Piece::Kind::kText:
      return inside_ == Inside::kText;
    case Piece::Kind::kCallStart:
      return false;
    case Piece::Kind::kCallArguments:
      return inside_ == Inside::kToolUse && call_ == piece.call;
  }
  return false;
}

// A tool use's start is a token of its own; the other blocks start with their first.
void MessagesWriter::Open(const Piece& piece) {
  json_ = "{\"type\":\"content_block_start\",";
  AppendCount(json_, "index", block_);
  json_ += ",\"content_block\":";
  if (piece.kind == Piece::Kind::kReasoning) {
    inside_ = Inside::kThinking;
    json_ += "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}";
  } else if (piece.kind == Piece::Kind::kText) {
    inside_ = Inside::kText;
    json_ += "{\"type\":\"text\",\"text\":\"\"}";
  } else {
    inside_ = Inside::kToolUse;
    call_ = piece.call;
    input_begun_ = false;
    AppendToolUse(json_, choice_, call_, "{}");
    ++piece_;
  }
  json_ += '}';
}

void MessagesWriter::Close() {
  inside_ = Inside::kNone;
  json_ = "{\"type\":\"content_block_stop\",";
  AppendCount(json_, "index", block_++);
  json_ += '}';
}

void MessagesWriter::Delta(const Piece& piece) {
  json_ = "{\"type\":\"content_block_delta\",";
  AppendCount(json_, "index", block_);
  json_ += piece.kind == Piece::Kind::kReasoning ? ",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":"
           : piece.kind == Piece::Kind::kText    ? ",\"delta\":{\"type\":\"text_delta\",\"text\":"
                                              : ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":";
  // Of a call without arguments Anthropic tells nothing but an empty piece.
  const bool bare = piece.kind == Piece::Kind::kCallArguments && choice_.calls[piece.call].arguments == "{}";
  AppendJsonString(json_, bare ? std::string_view() : choice_.TextOf(piece));
  json_ += "}}";
}

}  // namespace sim
