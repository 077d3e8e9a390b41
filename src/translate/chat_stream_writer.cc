#include <algorithm>
#include <optional>
#include <utility>

#include "translate/carried.h"
#include "translate/chat_writer_internal.h"
#include "translate/dialects_internal.h"
#include "translate/openai_tier_internal.h"
#include "translate/quote_internal.h"
#include "wire/error_body.h"
#include "wire/json_string.h"

namespace translate {
namespace {

using Kind = Part::Kind;

// A part that has begun and not ended.
struct Open {
  int part = 0;
  Kind kind = Kind::kText;
  bool custom = false;
  bool told = false;        // of a call: some of its arguments
  std::int64_t number = 0;  // of a call or thought: counted among its like
  std::int64_t begin = 0;   // of a text: characters of the content before it
  Part seal{};              // of a thought: signature, mind and id, in the strings below
  std::string signature{};
  std::string seal_id{};
  std::vector<std::string> citations{};
};

// Each event is a chunk of its own. The reason of the end, the counts and what must be told of a part as a
// whole (its seal, its citations) are held back; nothing else is.
class ChatStreamWriter final : public StreamWriter {
 public:
  explicit ChatStreamWriter(const Between& between)
      : include_usage_(between.request.include_usage),
        legacy_calls_(between.request.legacy_calls),
        now_(between.now),
        request_id_(between.request_id),
        citations_max_(between.answer_max) {}

  base::Result<void> Write(const Event& event, std::string& out) override {
    if (event.kind == Event::Kind::kCitation) {
      citations_bytes_ += event.raw.size() + sizeof(std::string);
      if (citations_bytes_ > citations_max_) {
        return base::Fail(base::Code::kTooLarge, "its citations are larger than the gateway may keep");
      }
    }
    Tell(event, out);
    return {};
  }

  void WriteError(std::string_view type, std::string_view code, std::string_view message,
                  std::string& out) override {
    out += wire::WriteErrorEvent(chat::Dialect::kOpenai, {.message = message, .type = type, .code = code});
  }

 private:
  void Tell(const Event& event, std::string& out);
  void Start(const Event& event, std::string& out);
  void BeginPart(const Event& event, std::string& out);
  void BeginFunctionCall(const Event& event, const Open& open, std::string& out);
  void EndPart(const Event& event, std::string& out);
  void WriteText(const Event& event, std::string& out);
  void WriteThought(const Event& event, std::string& out);
  void WriteSeal(const Open& open, std::string& out);
  void KeepCitation(const Event& event);
  void WriteAnnotations(const Open& open, std::string& out);
  void WriteArguments(const Event& event, std::string& out);
  void WriteLogprobs(const Event& event, std::string& out);
  void End(std::string& out);

  Open* Find(int part) {
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const Open& open) { return open.part == part; });
    return found == open_.end() ? nullptr : &*found;
  }

  // A chunk whose delta `write` writes.
  template <class Delta>
  void Chunk(std::string& out, const Delta& write) {
    out += head_;
    JsonOut json(out);
    json.Open('{');
    write(json);
    out += tail_;
  }

  const bool include_usage_;
  const bool legacy_calls_;
  const std::int64_t now_;
  const std::string request_id_;
  const std::uint64_t citations_max_;
  std::uint64_t citations_bytes_ = 0;  // of all that came
  std::string common_;                 // what begins each chunk, up to its choices
  std::string head_;                   // and up to the delta
  std::string tail_;                   // what ends each chunk, the delta's bracket included
  std::string after_;                  // what follows the choices
  std::vector<Open> open_;
  std::int64_t calls_ = 0;
  std::int64_t thoughts_ = 0;
  std::int64_t characters_ = 0;  // of the content so far
  Finish finish_;
  std::string stop_sequence_;
  std::optional<chat::Usage> usage_;
};

void ChatStreamWriter::Tell(const Event& event, std::string& out) {
  switch (event.kind) {
    case Event::Kind::kStart:
      return Start(event, out);
    case Event::Kind::kPartBegin:
      return BeginPart(event, out);
    case Event::Kind::kText:
      return WriteText(event, out);
    case Event::Kind::kReasoning:
      return WriteThought(event, out);
    case Event::Kind::kSignature:
      if (Open* const open = Find(event.part)) {
        open->signature = event.text.inside;
        open->seal_id = event.id.inside;
        open->seal.mind = event.mind;
      }
      return;
    case Event::Kind::kArguments:
      return WriteArguments(event, out);
    case Event::Kind::kCitation:
      return KeepCitation(event);
    case Event::Kind::kLogprobs:
      return WriteLogprobs(event, out);
    case Event::Kind::kPartEnd:
      return EndPart(event, out);
    case Event::Kind::kFinish:
      finish_.reason = event.finish.reason;
      finish_.cut = event.finish.cut;
      if (finish_.reason == chat::FinishReason::kOther) losses_.Ignored(event.finish.word.inside);
      stop_sequence_ = event.finish.stop_sequence.inside;
      return;
    case Event::Kind::kUsage:
      usage_ = event.usage;
      return;
    case Event::Kind::kAlive:
      out += ": keep-alive\n\n";
      return;
    case Event::Kind::kError: {
      const std::string type = event.error.type.Plain();
      const std::string code = event.error.code.Plain();
      return WriteError(type.empty() ? "upstream_error" : type, code.empty() ? "upstream_error" : code,
                        event.error.message.Plain(), out);
    }
    case Event::Kind::kEnd:
      return End(out);
  }
}

void ChatStreamWriter::Start(const Event& event, std::string& out) {
  common_ = "data: ";
  JsonOut json(common_);
  json.Open('{').Key("id");
  if (event.id.empty()) {
    json.Plain("chatcmpl-" + request_id_);
  } else {
    json.Text(event.id);
  }
  json.Key("object").Plain("chat.completion.chunk").Key("created").Number(event.created.value_or(now_));
  json.Key("model").Text(event.model);
  if (!event.service_tier.empty()) json.Key("service_tier").Text(internal::OpenaiTier(event.service_tier));
  head_ = common_ + R"(,"choices":[{"index":0,"delta":)";
  after_ = include_usage_ ? "],\"usage\":null}\n\n" : "]}\n\n";
  tail_ = R"(},"logprobs":null,"finish_reason":null})" + after_;
  Chunk(out, [](JsonOut& delta) {
    delta.Key("role").Plain("assistant").Key("content").Plain("").Key("refusal").Null();
  });
}

void ChatStreamWriter::BeginPart(const Event& event, std::string& out) {
  Open& open = open_.emplace_back();
  open.part = event.part;
  open.kind = event.part_kind;
  open.custom = event.custom;
  open.begin = characters_;
  if (open.kind == Kind::kReasoning) {
    open.number = thoughts_++;
    const Part* const whole = event.whole;
    if (whole == nullptr) return;
    open.seal.redacted = whole->redacted;
    open.seal.mind = whole->mind;
    open.signature = whole->signature.inside;
    open.seal_id = whole->id.inside;
    if (whole->text.empty()) return;
    Event text = event;
    text.text = whole->text;
    WriteThought(text, out);
  } else if (open.kind == Kind::kToolCall) {
    open.number = calls_++;
    if (legacy_calls_) return BeginFunctionCall(event, open, out);
    const std::string_view type = open.custom ? "custom" : "function";
    Chunk(out, [&](JsonOut& delta) {
      delta.Key("tool_calls").Open('[').Open('{').Key("index").Number(open.number);
      delta.Key("id").Text(event.id).Key("type").Plain(type).Key(type).Open('{');
      delta.Key("name").Text(event.name).Key(open.custom ? "input" : "arguments").Plain("");
      delta.Close('}').Close('}').Close(']');
    });
  }
}

// A caller with `functions` knows one call only.
void ChatStreamWriter::BeginFunctionCall(const Event& event, const Open& open, std::string& out) {
  if (open.number > 0) return losses_.Ignored(event.id.inside);
  Chunk(out, [&](JsonOut& delta) {
    delta.Key("function_call").Open('{').Key("name").Text(event.name).Key("arguments").Plain("").Close('}');
  });
}

void ChatStreamWriter::WriteText(const Event& event, std::string& out) {
  const Open* const open = Find(event.part);
  const bool refusal = open != nullptr && open->kind == Kind::kRefusal;
  if (!refusal) characters_ += static_cast<std::int64_t>(wire::CountCharacters(event.text.inside));
  Chunk(out, [&](JsonOut& delta) { delta.Key(refusal ? "refusal" : "content").Text(event.text); });
}

// For people, and as a piece of the block that is given back. A client that gathers the pieces by their
// index, as the official ones do, has the block whole.
void ChatStreamWriter::WriteThought(const Event& event, std::string& out) {
  const Open* const open = Find(event.part);
  if (open == nullptr) return;
  Chunk(out, [&](JsonOut& delta) {
    delta.Key("reasoning_content").Text(event.text);
    delta.Key("thinking_blocks").Open('[').Open('{').Key("index").Number(open->number);
    delta.Key("type").Plain("thinking").Key("thinking").Text(event.text).Close('}').Close(']');
  });
}

void ChatStreamWriter::WriteSeal(const Open& open, std::string& out) {
  Part part = open.seal;
  part.signature = {open.signature};
  part.id = {open.seal_id};
  if (part.signature.empty() && part.mind == Mind::kNobody) return;
  const std::string seal = Seal(part, Mind::kAnthropic);
  const bool redacted = part.redacted && part.mind == Mind::kAnthropic;
  Chunk(out, [&](JsonOut& delta) {
    delta.Key("thinking_blocks").Open('[').Open('{').Key("index").Number(open.number).Key("type");
    if (redacted) {
      delta.Plain("redacted_thinking").Key("data").Text({seal});
    } else {
      delta.Plain("thinking").Key("thinking").Plain("").Key("signature").Text({seal});
    }
    delta.Close('}').Close(']');
  });
}

void ChatStreamWriter::KeepCitation(const Event& event) {
  Open* const open = Find(event.part);
  std::string tried;
  JsonOut json(tried);
  if (open == nullptr || !internal::WriteAnnotation(event.raw, 0, 0, json)) return losses_.Ignored(event.raw);
  internal::NameQuote(event.raw, losses_);
  open->citations.emplace_back(event.raw);
}

void ChatStreamWriter::WriteAnnotations(const Open& open, std::string& out) {
  std::string list = "[";
  JsonOut json(list);
  for (const std::string& citation : open.citations) {
    internal::WriteAnnotation(citation, open.begin, characters_, json);
  }
  json.Close(']');
  Chunk(out, [&](JsonOut& delta) { delta.Key("annotations").Raw(list); });
}

void ChatStreamWriter::WriteArguments(const Event& event, std::string& out) {
  Open* const open = Find(event.part);
  if (open == nullptr || (legacy_calls_ && open->number > 0)) return;
  open->told |= !event.text.empty();
  Chunk(out, [&](JsonOut& delta) {
    if (legacy_calls_) {
      delta.Key("function_call").Open('{').Key("arguments").Text(event.text).Close('}');
      return;
    }
    delta.Key("tool_calls").Open('[').Open('{').Key("index").Number(open->number);
    delta.Key(open->custom ? "custom" : "function").Open('{');
    delta.Key(open->custom ? "input" : "arguments").Text(event.text).Close('}').Close('}').Close(']');
  });
}

void ChatStreamWriter::WriteLogprobs(const Event& event, std::string& out) {
  const Open* const open = Find(event.part);
  const bool refusal = open != nullptr && open->kind == Kind::kRefusal;
  out += head_;
  JsonOut json(out);
  json.Open('{').Key("content").Plain("").Close('}');
  json.Key("logprobs").Open('{').Key("content").Line(refusal ? "null" : event.raw);
  json.Key("refusal").Line(refusal ? event.raw : "null").Close('}').Key("finish_reason").Null().Close('}');
  out += after_;
}

void ChatStreamWriter::EndPart(const Event& event, std::string& out) {
  const Open* const open = Find(event.part);
  if (open == nullptr) return;
  if (open->kind == Kind::kReasoning) WriteSeal(*open, out);
  if (open->kind == Kind::kToolCall && !open->custom && !open->told) {
    WriteArguments({.part = event.part, .text = {"{}"}},
                   out);  // a call without any, as a whole answer says it
  }
  if (!open->citations.empty()) WriteAnnotations(*open, out);
  open_.erase(open_.begin() + (open - open_.data()));
}

void ChatStreamWriter::End(std::string& out) {
  out += head_;
  out += R"({},"logprobs":null)";
  JsonOut last(out);
  last.Key("finish_reason").Plain(internal::ChatFinishWord(finish_, calls_ > 0, legacy_calls_));
  if (!stop_sequence_.empty()) last.Key("stop_reason").Text({stop_sequence_});
  out += '}';
  out += after_;
  if (include_usage_ && usage_) {
    out += common_;
    JsonOut json(out);
    json.Key("choices").Open('[').Close(']').Key("usage");
    internal::WriteChatUsage(*usage_, json);
    out += "}\n\n";
  }
  out += "data: [DONE]\n\n";
}

}  // namespace

std::unique_ptr<StreamWriter> MakeChatStreamWriter(const Between& between) {
  return std::make_unique<ChatStreamWriter>(between);
}

}  // namespace translate
