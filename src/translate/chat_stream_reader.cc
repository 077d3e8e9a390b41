#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>

#include "translate/arguments_end_internal.h"
#include "translate/carried.h"
#include "translate/chat_reader_internal.h"
#include "translate/dialects_internal.h"

namespace translate {
namespace {

using internal::ChatReader;
using wire::JsonCursor;
using wire::JsonValue;
using Kind = Part::Kind;

constexpr std::size_t kCallsMax = 1024;  // calls of one answer
constexpr std::size_t kHeldArgumentsMax =
    16384;  // bytes of arguments that come before the name of their tool
constexpr int kNoPart = -1;

// One tool call while its pieces come.
struct Call {
  std::optional<std::int64_t> index;  // as the provider counts; some do not
  std::string id;
  std::string name;
  std::string held;  // arguments that came before the call could begin
  bool custom = false;
  bool ended = false;
  int part = kNoPart;  // until it has begun
  internal::ArgumentsEnd end;
};

// Text, thoughts and refusals take turns: one of them is open at a time. Calls stay open beside each other
// until their arguments are whole and something else begins, since providers may interleave them. Why the
// answer ended, and what it took, is told at [DONE]: some providers send text after the reason, and the
// counts more than once.
class ChatStreamReader final : public StreamReader {
 public:
  base::Result<void> Read(const wire::SseFrame& frame, std::vector<Event>& events) override {
    if (ended_) return {};
    events_ = &events;
    if (frame.kind == wire::SseKind::kDone) return ReadDone();
    others_.clear();
    kept_.clear();
    wholes_.clear();
    ChatReader reader(frame.payload, others_, kept_);
    reader_ = &reader;
    ReadChunk(frame.payload);
    for (const std::string_view other : others_) losses_.Ignored(other);
    return reader.Outcome();
  }

  std::string InAnswer(std::string name) const override {
    constexpr std::string_view kDelta = "choices[0].delta";
    if (name == "$") return stop_sequence_.empty() ? "choices[0].finish_reason" : "choices[0].stop_reason";
    if (!name.starts_with(kDelta)) return name;
    name.replace(0, kDelta.size(), "choices[0].message");
    constexpr std::string_view kCited = "choices[0].message.annotations[";
    const std::size_t end = name.find(']', kCited.size());
    std::size_t at = 0;  // among those of its chunk
    if (!name.starts_with(kCited) || end == std::string::npos) return name;
    std::from_chars(name.data() + kCited.size(), name.data() + end, at);
    return name.replace(kCited.size(), end - kCited.size(), std::to_string(cited_before_ + at));
  }

 private:
  void ReadChunk(std::string_view payload);
  void ReadError(const JsonValue& error, const JsonValue& type, const JsonValue& code,
                 const JsonValue& message);
  void ReadChoice(std::string_view choice);
  void ReadDelta(std::string_view delta);
  void ReadContent(const JsonValue& content);
  void ReadThoughts(const JsonValue& text, const JsonValue& blocks);
  void ReadThoughtBlock(std::string_view block, bool with_text);
  void ReadLogprobs(const JsonValue& logprobs);
  void ReadCalls(const JsonValue& calls);
  void ReadCall(std::string_view raw);
  Call* FindCall(std::optional<std::int64_t> index, JsonText id, bool named);
  void BeginCall(Call& call);
  base::Result<void> ReadDone();

  Event& Tell(Event::Kind kind, int part = kNoPart) {
    Event& event = events_->emplace_back();
    event.kind = kind;
    event.part = part;
    return event;
  }
  void Say(Kind kind, Event::Kind how, JsonText text);
  void Open(Kind kind);
  void Close();
  void CloseWholeCalls();
  void EndCall(Call& call);

  ChatReader* reader_ = nullptr;
  std::vector<Event>* events_ = nullptr;
  std::vector<std::string_view> others_;
  std::deque<std::string> kept_;
  std::deque<Part> wholes_;

  bool started_ = false;
  bool ended_ = false;
  std::string answer_id_;
  int next_part_ = 0;
  std::size_t cited_ = 0;         // citations so far
  std::size_t cited_before_ = 0;  // of them before the chunk at hand
  int open_part_ = kNoPart;       // of text, refusal or thought
  Kind open_kind_ = Kind::kText;
  std::vector<Call> calls_;
  bool tier_told_ = false;  // at the start
  std::string tier_;        // where only a later chunk tells it
  std::string finish_word_;
  std::string stop_sequence_;
  bool refused_ = false;
  std::optional<chat::Usage> usage_;
};

void ChatStreamReader::ReadChunk(std::string_view payload) {
  if (!JsonCursor(payload).AtObject()) return reader_->Refuse(payload, "is no chunk of a stream");
  JsonValue id, object, created, model, choices, usage, tier, error, type, code, message;
  JsonValue fingerprint, padding;
  reader_->Collect(payload, {{"id", &id},
                             {"object", &object},
                             {"created", &created},
                             {"model", &model},
                             {"choices", &choices},
                             {"usage", &usage},
                             {"service_tier", &tier},
                             {"system_fingerprint", &fingerprint},
                             {"obfuscation", &padding},
                             {"error", &error},
                             {"type", &type},
                             {"code", &code},
                             {"message", &message}});
  if (reader_->Refused()) return;
  if (!error.IsNull() || object.TextIs("error")) return ReadError(error, type, code, message);
  if (usage.IsObject()) usage_ = reader_->ReadUsage(usage, nullptr);
  if (started_ && !tier_told_ && tier.IsString()) tier_ = tier.Inside();
  if (!reader_->IsArray(choices)) return;  // counts only, or what a content filter says of the prompt
  if (!started_) {
    started_ = true;
    reader_->Other(fingerprint);  // it is in each chunk
    answer_id_ = reader_->String(id).inside;
    Event& start = Tell(Event::Kind::kStart);
    start.id = reader_->String(id);
    start.model = reader_->String(model);
    start.created = created.Int64();
    start.service_tier = reader_->String(tier);
    tier_told_ = !start.service_tier.empty();
  }
  JsonCursor cursor(choices.raw);
  cursor.EnterArray();
  while (cursor.NextElement()) {
    const JsonValue choice = cursor.Take();
    if (choice.IsObject()) ReadChoice(choice.raw);
  }
}

void ChatStreamReader::ReadError(const JsonValue& error, const JsonValue& type, const JsonValue& code,
                                 const JsonValue& message) {
  JsonValue inner_type = type, inner_code = code, inner_message = message;
  if (error.IsObject()) {
    inner_type = inner_code = inner_message = {};
    reader_->Collect(error.raw, {{"type", &inner_type}, {"code", &inner_code}, {"message", &inner_message}});
  } else if (error.IsString()) {
    inner_message = error;
  }
  const auto text = [](const JsonValue& value) {
    if (value.IsString()) return JsonText{value.Inside()};
    return value.Int64() ? JsonText{value.raw} : JsonText{};
  };
  ended_ = true;
  Event& event = Tell(Event::Kind::kError);
  event.error.type = text(inner_type).empty() ? text(inner_code) : text(inner_type);
  event.error.message = text(inner_message);
  event.error.code = text(inner_code);
}

void ChatStreamReader::ReadChoice(std::string_view choice) {
  JsonValue index, delta, finish, logprobs, stop, matched;
  const std::size_t others_before = others_.size();
  reader_->Collect(choice, {{"index", &index},
                            {"delta", &delta},
                            {"finish_reason", &finish},
                            {"logprobs", &logprobs},
                            {"stop_reason", &stop},
                            {"matched_stop", &matched}});
  if (const std::int64_t number = index.Int64().value_or(0); number != 0) {
    others_.resize(others_before);
    names_.push_back("choices[" + std::to_string(number) + "]");  // nobody has asked for a second one
    return;
  }
  if (delta.IsObject()) ReadDelta(delta.raw);
  if (logprobs.IsObject()) ReadLogprobs(logprobs);
  const JsonText word = reader_->String(finish);
  if (!word.empty()) finish_word_ = word.inside;
  for (const JsonValue& met : {stop, matched}) {
    if (met.IsString()) {
      stop_sequence_ = met.Inside();
    } else {
      reader_->Other(met);
    }
  }
}

void ChatStreamReader::ReadDelta(std::string_view delta) {
  JsonValue role, content, reasoning_content, reasoning, blocks, refusal, calls, annotations;
  reader_->Collect(delta, {{"role", &role},
                           {"content", &content},
                           {"reasoning_content", &reasoning_content},
                           {"reasoning", &reasoning},
                           {"thinking_blocks", &blocks},
                           {"refusal", &refusal},
                           {"tool_calls", &calls},
                           {"annotations", &annotations}});
  if (!reasoning_content.IsNull() && reasoning.raw != reasoning_content.raw) reader_->Other(reasoning);
  ReadThoughts(reasoning_content.IsNull() ? reasoning : reasoning_content, blocks);
  ReadContent(content);
  const JsonText declined = reader_->String(refusal);
  if (!declined.empty()) {
    refused_ = true;
    Say(Kind::kRefusal, Event::Kind::kText, declined);
  }
  cited_before_ = cited_;
  if (reader_->IsArray(annotations)) {
    Open(Kind::kText);
    JsonCursor cursor(annotations.raw);
    cursor.EnterArray();
    while (cursor.NextElement()) {
      const JsonValue citation = cursor.Take();
      Tell(Event::Kind::kCitation, open_part_).raw = citation.raw;
      ++cited_;
    }
  }
  ReadCalls(calls);
}

// A string; some providers send the list of parts that a whole message may have.
void ChatStreamReader::ReadContent(const JsonValue& content) {
  if (!content.IsArray()) return Say(Kind::kText, Event::Kind::kText, reader_->String(content));
  std::vector<Part> parts;
  reader_->ReadContent(content, false, parts);
  for (const Part& part : parts) {
    if (part.kind == Kind::kText) Say(Kind::kText, Event::Kind::kText, part.text);
    if (part.kind == Kind::kReasoning) Say(Kind::kReasoning, Event::Kind::kReasoning, part.text);
    if (part.kind != Kind::kText && part.kind != Kind::kReasoning) losses_.Ignored(part.raw);
  }
}

void ChatStreamReader::ReadThoughts(const JsonValue& text, const JsonValue& blocks) {
  const JsonText thought = reader_->String(text);
  Say(Kind::kReasoning, Event::Kind::kReasoning, thought);
  if (!reader_->IsArray(blocks)) return;
  JsonCursor cursor(blocks.raw);
  cursor.EnterArray();
  while (cursor.NextElement()) ReadThoughtBlock(cursor.Take().raw, thought.empty());
}

void ChatStreamReader::ReadThoughtBlock(std::string_view block, bool with_text) {
  JsonValue index, type, text, signature, data;
  reader_->Collect(
      block,
      {{"index", &index}, {"type", &type}, {"thinking", &text}, {"signature", &signature}, {"data", &data}});
  const bool redacted = type.TextIs("redacted_thinking");
  const JsonText seal = reader_->String(redacted ? data : signature);
  if (!redacted && with_text) Say(Kind::kReasoning, Event::Kind::kReasoning, reader_->String(text));
  if (seal.empty()) return;
  Part& part = wholes_.emplace_back();
  part.kind = Kind::kReasoning;
  part.raw = block;
  Unseal(seal, Mind::kAnthropic, part);
  part.redacted |= redacted;
  if (redacted) {
    Close();
    Event& begin = Tell(Event::Kind::kPartBegin, next_part_);
    begin.part_kind = Kind::kReasoning;
    begin.whole = &part;
    Tell(Event::Kind::kPartEnd, next_part_++);
    return;
  }
  Open(Kind::kReasoning);
  Event& sealed = Tell(Event::Kind::kSignature, open_part_);
  sealed.text = part.signature;
  sealed.mind = part.mind;
  sealed.id = part.id;
  Close();  // what is thought after the seal is another thought
}

void ChatStreamReader::ReadLogprobs(const JsonValue& logprobs) {
  JsonValue content, refusal;
  reader_->Collect(logprobs.raw, {{"content", &content}, {"refusal", &refusal}});
  if (reader_->IsArray(content)) {
    Open(Kind::kText);
    Tell(Event::Kind::kLogprobs, open_part_).raw = content.raw;
  }
  if (reader_->IsArray(refusal)) {
    Open(Kind::kRefusal);
    Tell(Event::Kind::kLogprobs, open_part_).raw = refusal.raw;
  }
}

void ChatStreamReader::ReadCalls(const JsonValue& calls) {
  if (!reader_->IsArray(calls)) return;
  JsonCursor cursor(calls.raw);
  cursor.EnterArray();
  while (cursor.NextElement()) {
    const JsonValue call = cursor.Take();
    if (call.IsObject()) ReadCall(call.raw);
  }
}

// The call that a piece belongs to, by its index where the provider counts. Null: it begins a new one.
Call* ChatStreamReader::FindCall(std::optional<std::int64_t> index, JsonText id, bool named) {
  const auto matches = [&](const Call& call) {
    if (index) return call.index == index;
    return id.empty() || call.id == id.inside;
  };
  const auto found = std::find_if(calls_.rbegin(), calls_.rend(), matches);
  if (found == calls_.rend()) return nullptr;
  // Some number each call 0; another id with another name is another call.
  const bool another = named && !found->name.empty() && !id.empty() && found->id != id.inside;
  return another ? nullptr : &*found;
}

void ChatStreamReader::ReadCall(std::string_view raw) {
  JsonValue index, id, type, function, custom, name, arguments;
  reader_->Collect(
      raw, {{"index", &index}, {"id", &id}, {"type", &type}, {"function", &function}, {"custom", &custom}});
  const bool is_custom = type.TextIs("custom") || custom.IsObject();
  reader_->Collect(is_custom ? custom.raw : function.raw,
                   {{"name", &name}, {is_custom ? "input" : "arguments", &arguments}});
  const JsonText id_text = reader_->String(id);
  const JsonText name_text = reader_->String(name);
  const JsonText piece = reader_->String(arguments);
  Call* call = FindCall(index.Int64(), id_text, !name_text.empty());
  if (call == nullptr) {
    if (calls_.size() == kCallsMax) return reader_->Refuse(raw, "is one call too many");
    call = &calls_.emplace_back();
    call->index = index.Int64();
    call->custom = is_custom;
  }
  if (call->ended) {
    if (!piece.empty()) reader_->Refuse(raw, "goes on with arguments that were whole");
    return;
  }
  if (call->id.empty()) call->id = id_text.inside;
  if (call->name.empty()) call->name = name_text.inside;
  const bool can_begin = !call->name.empty() && (!call->id.empty() || !piece.empty());
  if (call->part == kNoPart && can_begin) BeginCall(*call);
  if (piece.empty()) return;
  if (call->part == kNoPart) {
    if (call->held.size() + piece.inside.size() > kHeldArgumentsMax) {
      return reader_->Refuse(raw, "has arguments and no name");
    }
    call->held += piece.inside;
    return;
  }
  call->end.Take(piece.inside);
  Tell(Event::Kind::kArguments, call->part).text = piece;
}

void ChatStreamReader::BeginCall(Call& call) {
  Close();
  CloseWholeCalls();
  call.part = next_part_++;
  if (call.id.empty()) call.id = "call_" + answer_id_ + "_" + std::to_string(call.part);
  Event& begin = Tell(Event::Kind::kPartBegin, call.part);
  begin.part_kind = Kind::kToolCall;
  begin.custom = call.custom;
  begin.id = {kept_.emplace_back(call.id)};
  begin.name = {kept_.emplace_back(call.name)};
  if (call.held.empty()) return;
  call.end.Take(call.held);
  Tell(Event::Kind::kArguments, call.part).text = {kept_.emplace_back(std::move(call.held))};
}

void ChatStreamReader::Say(Kind kind, Event::Kind how, JsonText text) {
  if (text.empty()) return;
  Open(kind);
  Tell(how, open_part_).text = text;
}

void ChatStreamReader::Open(Kind kind) {
  if (open_part_ != kNoPart && open_kind_ == kind) return;
  Close();
  CloseWholeCalls();
  open_part_ = next_part_++;
  open_kind_ = kind;
  Tell(Event::Kind::kPartBegin, open_part_).part_kind = kind;
}

void ChatStreamReader::Close() {
  if (open_part_ == kNoPart) return;
  Tell(Event::Kind::kPartEnd, open_part_);
  open_part_ = kNoPart;
}

void ChatStreamReader::CloseWholeCalls() {
  for (Call& call : calls_) {
    if (call.ended || call.part == kNoPart || call.custom || !call.end.whole()) continue;
    EndCall(call);
  }
}

void ChatStreamReader::EndCall(Call& call) {
  call.ended = true;
  const std::string number = std::to_string(&call - calls_.data());
  const std::string_view way = call.custom ? "].custom.input" : "].function.arguments";
  std::string& called = kept_.emplace_back("choices[0].message.tool_calls[");
  Tell(Event::Kind::kPartEnd, call.part).called = called.append(number).append(way);
}

base::Result<void> ChatStreamReader::ReadDone() {
  if (finish_word_.empty()) {
    return base::Fail(base::Code::kInvalid, "the stream ended before it said why the answer ended");
  }
  Close();
  for (Call& call : calls_) {
    if (call.part == kNoPart) return base::Fail(base::Code::kInvalid, "a tool call never said its name");
    if (!call.ended) EndCall(call);
  }
  ended_ = true;
  Finish& finish = Tell(Event::Kind::kFinish).finish;
  finish.word = {finish_word_};
  finish.reason = internal::ReadChatFinish(finish.word);
  finish.cut = internal::IsChatCut(finish.word);
  finish.stop_sequence = {stop_sequence_};
  finish.refused = refused_;
  if (finish.reason == chat::FinishReason::kStop && !calls_.empty()) {
    finish.reason = chat::FinishReason::kToolCalls;
  }
  if (usage_) Tell(Event::Kind::kUsage).usage = *usage_;
  Tell(Event::Kind::kEnd).service_tier = {tier_};
  return {};
}

}  // namespace

std::unique_ptr<StreamReader> MakeChatStreamReader() {
  return std::make_unique<ChatStreamReader>();
}

}  // namespace translate
