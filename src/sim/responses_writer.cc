#include "sim/responses_writer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/json_text.h"
#include "sim/hash.h"
#include "sim/json_append.h"
#include "sim/logprobs.h"
#include "sim/tokenizer.h"

namespace sim {
namespace {

using base::AppendJsonString;

constexpr std::size_t kPadding = 16;  // a delta is filled up to a multiple of so many bytes

// "name":"text", with a comma before it
void AppendText(std::string& out, std::string_view name, std::string_view text) {
  out.append(",\"").append(name).append("\":");
  AppendJsonString(out, text);
}

std::string UsageOf(const Answer& answer) {
  if (answer.no_usage) return "null";
  const Counts& counts = answer.usage;
  std::string out = "{";
  AppendCount(out, "input_tokens", counts.prompt);
  out += ",\"input_tokens_details\":{";
  AppendCount(out, "cached_tokens", counts.cached);
  out += ',';
  AppendCount(out, "cache_write_tokens", counts.written_5m);
  if (counts.written_5m > 0) {
    out += ",\"cache_write_tokens_details\":{\"ttl_12h_tokens\":0,";
    AppendCount(out, "ttl_30m_tokens", counts.written_5m);
    out += '}';
  }
  out += "},";
  AppendCount(out, "output_tokens", counts.completion);
  out += ",\"output_tokens_details\":{";
  AppendCount(out, "reasoning_tokens", counts.reasoning);
  out += "},";
  AppendCount(out, "total_tokens", counts.prompt + counts.completion);
  return out + "}";
}

std::string_view StatusOf(Ending ending) {
  switch (ending) {
    case Ending::kStop:
    case Ending::kStopSequence:
    case Ending::kToolCalls:
      return "completed";
    case Ending::kLength:
      return "incomplete";
    case Ending::kInsufficient:
      return "failed";
  }
  return {};
}

// The response object; `output` is its items.
std::string ResponseOf(const Answer& answer, std::string_view status, std::string_view output, bool last) {
  std::string out = "{\"id\":\"" + answer.id + "\",\"object\":\"response\",";
  AppendCount(out, "created_at", static_cast<std::size_t>(answer.created));
  AppendText(out, "status", status);
  if (last && status == "completed") {
    out += ',';
    AppendCount(out, "completed_at", static_cast<std::size_t>(answer.created));
  }
  out += ",\"error\":";
  out +=
      status == "failed"
          ? R"({"code":"server_error","message":"The server had an error while processing your request (simulated)."})"
          : "null";
  out += ",\"incomplete_details\":";
  out += status == "incomplete" ? R"({"reason":"max_output_tokens"})" : "null";
  AppendText(out, "model", answer.model);
  out.append(",\"output\":[").append(output).append("]");
  AppendText(out, "service_tier", last ? answer.service_tier : std::string_view("auto"));
  out += ",\"usage\":";
  out += last ? UsageOf(answer) : "null";
  return out + answer.responses.echo + "}";
}

std::string ThoughtOf(const Answer& answer, std::string_view summary) {
  std::string out = "{\"id\":\"" + answer.responses.reasoning_id + "\",\"type\":\"reasoning\",\"summary\":[";
  if (!summary.empty()) {
    out += "{\"type\":\"summary_text\"";
    AppendText(out, "text", summary);
    out += '}';
  }
  out += ']';
  if (!answer.responses.seal.empty()) AppendText(out, "encrypted_content", answer.responses.seal);
  return out + "}";
}

// Of all tokens of the text, or of one.
std::string LogprobsOf(const Answer& answer, const Choice& choice, const Piece* only) {
  std::string out = "[";
  for (const Piece& piece : only != nullptr ? std::span(only, 1) : std::span(choice.pieces)) {
    if (!answer.logprobs || piece.kind != Piece::Kind::kText) continue;
    if (out.size() > 1) out += ',';
    AppendTokenLogprob(out, choice.TextOf(piece), piece.offset, answer.top_logprobs);
  }
  return out + "]";
}

std::string TextPart(std::string_view text, std::string_view logprobs) {
  std::string out = R"({"type":"output_text","annotations":[],"logprobs":)";
  out += logprobs;
  AppendText(out, "text", text);
  return out + "}";
}

std::string MessageOf(const Answer& answer, std::string_view status, std::string_view content) {
  std::string out = "{\"id\":\"" + answer.responses.message_id + "\",\"type\":\"message\"";
  AppendText(out, "status", status);
  return out.append(",\"content\":[").append(content).append("],\"role\":\"assistant\"}");
}

std::string CallOf(const Answer& answer, std::size_t call, std::string_view status,
                   std::string_view arguments) {
  const Choice& choice = answer.choices[0];
  const bool custom = choice.calls[call].custom;
  std::string out = "{\"id\":\"" + answer.responses.call_item_ids[call] + "\",\"type\":\"";
  out += custom ? "custom_tool_call\"" : "function_call\"";
  AppendText(out, "status", status);
  AppendText(out, custom ? "input" : "arguments", arguments);
  AppendText(out, "call_id", choice.call_ids[call]);
  AppendText(out, "name", choice.calls[call].name);
  return out + "}";
}

// Where the token limit cut, the last item is not whole.
std::string_view ItemStatus(const Choice& choice, bool last) {
  return choice.ending == Ending::kStop || choice.ending == Ending::kToolCalls || !last ? "completed"
                                                                                        : "incomplete";
}

// The items of an answer that is whole.
std::string OutputOf(const Answer& answer, bool has_message) {
  const Choice& choice = answer.choices[0];
  std::string out;
  const auto add = [&out](const std::string& item) { out.append(out.empty() ? "" : ",").append(item); };
  if (!answer.responses.reasoning_id.empty()) add(ThoughtOf(answer, answer.responses.summary));
  if (has_message) {
    const std::string part = TextPart(choice.text, LogprobsOf(answer, choice, nullptr));
    add(MessageOf(answer, ItemStatus(choice, choice.calls.empty()), part));
  }
  for (std::size_t call = 0; call < choice.calls.size(); ++call) {
    const bool last = call + 1 == choice.calls.size();
    add(CallOf(answer, call, ItemStatus(choice, last), choice.calls[call].arguments));
  }
  return out;
}

std::string PaddingFor(std::string_view delta, std::size_t number) {
  base::Random random(HashBytes(delta, number));
  return RandomText(kPadding - delta.size() % kPadding, 62, random);
}

}  // namespace

ResponsesWriter::ResponsesWriter(const Answer& answer)
    : answer_(answer),
      choice_(answer.choices[0]),
      has_message_(!choice_.text.empty() || (choice_.calls.empty() && choice_.ending == Ending::kStop)) {}

std::string ResponsesWriter::Whole() const {
  return ResponseOf(answer_, StatusOf(choice_.ending), OutputOf(answer_, has_message_), true);
}

std::optional<Frame> ResponsesWriter::Next() {
  while (events_.empty() && stage_ != Stage::kOver) Advance();
  if (events_.empty()) return std::nullopt;
  const std::size_t token = events_.front().token;
  frame_ = std::move(events_.front().bytes);
  events_.pop_front();
  return Frame{frame_, token};
}

void ResponsesWriter::Advance() {
  switch (stage_) {
    case Stage::kStart: {
      const std::string response = ",\"response\":" + ResponseOf(answer_, "in_progress", {}, false);
      Say("response.created", response, 0);
      Say("response.in_progress", response, 0);
      stage_ = Stage::kThought;
      break;
    }
    case Stage::kThought:
      if (!answer_.responses.reasoning_id.empty()) SayThought();
      stage_ = Stage::kItems;
      break;
    case Stage::kItems:
      if (piece_ < choice_.pieces.size()) {
        SayNextPiece();
      } else {
        if (has_message_ && choice_.pieces.empty()) OpenMessage();
        Close();
        stage_ = Stage::kLast;
      }
      break;
    case Stage::kLast:
      stage_ = Stage::kOver;
      SayLast();
      break;
    case Stage::kOver:
      break;
  }
}

void ResponsesWriter::Say(std::string_view name, std::string_view members, std::size_t token) {
  std::string bytes = "event: ";
  bytes.append(name).append("\ndata: {\"type\":\"").append(name).append("\",");
  AppendCount(bytes, "sequence_number", number_++);
  bytes.append(members).append("}\n\n");
  events_.push_back({std::move(bytes), token});
}

void ResponsesWriter::SayItem(std::string_view name, std::string_view item, std::size_t token) {
  std::string members = ",";
  AppendCount(members, "output_index", item_);
  Say(name, members.append(",\"item\":").append(item), token);
}

std::string ResponsesWriter::Place(std::string_view item_id) const {
  std::string members;
  AppendText(members, "item_id", item_id);
  members += ',';
  AppendCount(members, "output_index", item_);
  return members;
}

const std::string& ResponsesWriter::OpenId() const {
  return open_ == Open::kCall ? answer_.responses.call_item_ids[call_] : answer_.responses.message_id;
}

void ResponsesWriter::SayDelta(std::string_view name, std::string_view delta, std::string_view more,
                               std::size_t token) {
  const bool thought = name == "response.reasoning_summary_text.delta";
  std::string members = Place(thought ? answer_.responses.reasoning_id : OpenId());
  members += more;
  AppendText(members, "delta", delta);
  if (answer_.responses.obfuscated) AppendText(members, "obfuscation", PaddingFor(delta, number_));
  Say(name, members, token);
}

// All that is said of a thought comes with the first token.
void ResponsesWriter::SayThought() {
  SayItem("response.output_item.added", ThoughtOf(answer_, {}), 1);
  if (!answer_.responses.summary.empty()) SaySummary();
  SayItem("response.output_item.done", ThoughtOf(answer_, answer_.responses.summary), 1);
  ++item_;
}

void ResponsesWriter::SaySummary() {
  constexpr std::string_view kIndex = ",\"summary_index\":0";
  const std::string_view summary = answer_.responses.summary;
  const std::string place = Place(answer_.responses.reasoning_id).append(kIndex);
  Say("response.reasoning_summary_part.added", place + R"(,"part":{"type":"summary_text","text":""})", 1);
  for (std::size_t at = 0; at < summary.size();) {
    const std::size_t size = TokenLength(summary.substr(at));
    SayDelta("response.reasoning_summary_text.delta", summary.substr(at, size), kIndex, 1);
    at += size;
  }
  std::string text;
  AppendText(text, "text", summary);
  Say("response.reasoning_summary_text.done", place + text, 1);
  Say("response.reasoning_summary_part.done", place + R"(,"part":{"type":"summary_text")" + text + "}", 1);
}

void ResponsesWriter::SayNextPiece() {
  const Piece& piece = choice_.pieces[piece_];
  if (piece.kind == Piece::Kind::kCallStart) {
    Close();
    OpenCall(piece.call);
    ++piece_;
    return;
  }
  if (piece.kind == Piece::Kind::kText && open_ != Open::kMessage) OpenMessage();
  ++piece_;
  const std::string_view delta = choice_.TextOf(piece);
  if (open_ == Open::kMessage) {
    SayDelta("response.output_text.delta", delta,
             ",\"content_index\":0,\"logprobs\":" + LogprobsOf(answer_, choice_, &piece), piece_);
  } else if (choice_.calls[call_].custom) {
    SayDelta("response.custom_tool_call_input.delta", delta, {}, piece_);
  } else {
    SayDelta("response.function_call_arguments.delta", delta, {}, piece_);
  }
}

void ResponsesWriter::SayPart(std::string_view name, std::string_view part) {
  Say(name, Place(OpenId()).append(",\"content_index\":0,\"part\":").append(part),
      std::max<std::size_t>(piece_, 1));
}

void ResponsesWriter::OpenMessage() {
  open_ = Open::kMessage;
  SayItem("response.output_item.added", MessageOf(answer_, "in_progress", {}),
          std::max<std::size_t>(piece_, 1));
  SayPart("response.content_part.added", TextPart({}, "[]"));
}

// A call's start is a token of its own.
void ResponsesWriter::OpenCall(std::size_t call) {
  open_ = Open::kCall;
  call_ = call;
  SayItem("response.output_item.added", CallOf(answer_, call, "in_progress", {}), piece_ + 1);
}

void ResponsesWriter::Close() {
  const std::size_t token = std::max<std::size_t>(piece_, 1);
  const std::string_view status = ItemStatus(choice_, piece_ == choice_.pieces.size());
  std::string done;
  if (open_ == Open::kMessage) {
    const std::string logprobs = LogprobsOf(answer_, choice_, nullptr);
    const std::string part = TextPart(choice_.text, logprobs);
    AppendText(done, "text", choice_.text);
    Say("response.output_text.done",
        Place(OpenId()) + ",\"content_index\":0" + done + ",\"logprobs\":" + logprobs, token);
    SayPart("response.content_part.done", part);
    SayItem("response.output_item.done", MessageOf(answer_, status, part), token);
  } else if (open_ == Open::kCall) {
    const ToolCall& call = choice_.calls[call_];
    AppendText(done, call.custom ? "input" : "arguments", call.arguments);
    Say(call.custom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done",
        Place(OpenId()) + done, token);
    SayItem("response.output_item.done", CallOf(answer_, call_, status, call.arguments), token);
  }
  if (open_ != Open::kNone) ++item_;
  open_ = Open::kNone;
}

void ResponsesWriter::SayLast() {
  if (answer_.no_done) return;
  const std::string_view status = StatusOf(choice_.ending);
  Say("response." + std::string(status),
      ",\"response\":" + ResponseOf(answer_, status, OutputOf(answer_, has_message_), true),
      choice_.pieces.size());
}

}  // namespace sim
