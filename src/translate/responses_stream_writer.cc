#include <algorithm>

#include "translate/carried.h"
#include "translate/dialects_internal.h"
#include "translate/quote_internal.h"
#include "translate/responses_events_internal.h"
#include "wire/error_body.h"
#include "wire/json_string.h"

namespace translate {
namespace {

using internal::ResponseEvents;

class ResponsesStreamWriter final : public StreamWriter {
 public:
  explicit ResponsesStreamWriter(const Between& between) : kept_max_(between.answer_max), events_(between) {}

  base::Result<void> Write(const Event& event, std::string& out) override {
    if (ended_) return {};
    kept_ += Kept(event);
    if (kept_ > kept_max_) {
      return base::Fail(base::Code::kTooLarge, "the answer is larger than the gateway may keep of one");
    }
    out_ = &out;
    events_.Into(out);
    Tell(event, out);
    return {};
  }

  void WriteError(std::string_view type, std::string_view code, std::string_view message,
                  std::string& out) override {
    if (ended_) return;
    ended_ = true;
    out += wire::WriteErrorEvent(
        chat::Dialect::kResponses,
        {.message = message, .type = type, .code = code, .sequence_number = events_.NextNumber()});
  }

 private:
  static constexpr std::size_t kNoItem = static_cast<std::size_t>(-1);

  // Bytes that stay when the event has been written, since the last one says all of it again.
  static std::size_t Kept(const Event& event) {
    const std::size_t said = event.text.inside.size() + event.raw.size();
    if (event.kind == Event::Kind::kCitation) return said + ResponseEvents::kPieceBytes;
    if (event.kind != Event::Kind::kPartBegin) return said;
    const Part* const whole = event.whole;
    return ResponseEvents::kPieceBytes + event.id.inside.size() + event.name.inside.size() +
           (whole == nullptr ? 0 : whole->text.inside.size() + whole->signature.inside.size());
  }

  void Tell(const Event& event, std::string& out) {
    switch (event.kind) {
      case Event::Kind::kStart:
        return Start(event);
      case Event::Kind::kPartBegin:
        return Begin(event);
      case Event::Kind::kFinish:
        told_.finish.reason = event.finish.reason;
        told_.finish.cut = event.finish.cut;
        if (!event.finish.stop_sequence.empty()) losses_.Ignored(event.finish.stop_sequence.inside);
        if (told_.finish.reason == chat::FinishReason::kOther) losses_.Ignored(event.finish.word.inside);
        return;
      case Event::Kind::kUsage:
        told_.usage = event.usage;
        return;
      case Event::Kind::kAlive:
        out += ": keep-alive\n\n";
        return;
      case Event::Kind::kError: {
        const std::string type = event.error.type.Plain();
        const std::string code = event.error.code.Plain();
        return WriteError(type, code.empty() ? type : code, event.error.message.Plain(), out);
      }
      case Event::Kind::kEnd:
        return End(event);
      case Event::Kind::kText:
      case Event::Kind::kReasoning:
      case Event::Kind::kSignature:
      case Event::Kind::kArguments:
      case Event::Kind::kCitation:
      case Event::Kind::kLogprobs:
      case Event::Kind::kPartEnd:
        break;
    }
    if (Open* const open = Find(event.part); open != nullptr) WritePiece(event, *open);
  }

  // A part that has begun and not ended. Texts and thoughts become part of an item with their first piece.
  struct Open {
    int number = 0;
    Part::Kind kind = Part::Kind::kText;
    std::size_t item = kNoItem;
    std::size_t content = 0;
    std::string text{};
    std::size_t characters = 0;  // of the text
    std::string annotations{};   // the inside of a list
    std::size_t annotations_count = 0;
    std::string logprobs{};  // the inside of a list
    Mind mind = Mind::kNobody;
    std::string mind_id{};
    std::string signature{};
    bool redacted = false;
    std::string name{};
    bool custom = false;
  };

  Open* Find(int part) {
    const auto open =
        std::find_if(open_.rbegin(), open_.rend(), [part](const Open& one) { return one.number == part; });
    return open == open_.rend() ? nullptr : &*open;
  }

  // Opens an event about the part's place in its item.
  JsonOut OpenAbout(std::string_view type, const Open& open) {
    JsonOut json = events_.OpenAbout(type, open.item);
    if (open.kind == Part::Kind::kReasoning) {
      json.Key("summary_index").Number(0);
    } else if (open.kind != Part::Kind::kToolCall) {
      json.Key("content_index").Number(static_cast<std::int64_t>(open.content));
    }
    return json;
  }

  void Start(const Event& event) {
    if (started_) return;
    started_ = true;
    model_ = event.model.inside;
    tier_ = event.service_tier.inside;
    told_.model = {model_};
    told_.service_tier = {tier_};
    told_.created = event.created;
    events_.Tell("response.created", told_);
    events_.Tell("response.in_progress", told_);
  }

  void Begin(const Event& event) {
    Start({});
    Open& open = open_.emplace_back();
    open.number = event.part;
    open.kind = event.part_kind;
    open.custom = event.custom;
    open.mind = event.mind;
    if (open.kind == Part::Kind::kToolCall) {
      open.name = event.name.inside;
      open.item = events_.Add({.kind = ResponseEvents::Item::Kind::kCall,
                               .call_id = std::string(event.id.inside),
                               .name = open.name,
                               .custom = open.custom});
    } else if (open.kind == Part::Kind::kReasoning) {
      open.mind_id = event.id.inside;
      if (event.whole == nullptr) return;
      open.mind = event.whole->mind;
      open.signature = event.whole->signature.inside;
      open.redacted = event.whole->redacted;
      if (!event.whole->text.empty()) TellThought(open, event.whole->text);
    }
  }

  // What is told of a part that is of another kind says nothing.
  void WritePiece(const Event& event, Open& open) {
    if (event.kind == Event::Kind::kPartEnd) {
      EndPart(open);
      open_.erase(open_.begin() + (&open - open_.data()));
    } else if (open.kind == Part::Kind::kToolCall) {
      if (event.kind == Event::Kind::kArguments) TellArguments(open, event.text);
    } else if (open.kind == Part::Kind::kReasoning) {
      WriteThoughtPiece(event, open);
    } else if (open.kind == Part::Kind::kText || open.kind == Part::Kind::kRefusal) {
      WriteTextPiece(event, open);
    }
  }

  void WriteThoughtPiece(const Event& event, Open& open) {
    if (event.kind == Event::Kind::kReasoning) return TellThought(open, event.text);
    if (event.kind != Event::Kind::kSignature) return;
    open.signature = event.text.inside;
    open.mind = event.mind;
    if (!event.id.empty()) open.mind_id = event.id.inside;
  }

  void WriteTextPiece(const Event& event, Open& open) {
    if (event.kind == Event::Kind::kText && !event.text.empty()) {
      TellText(open, event.text);
      told_last_ = open.number;
    } else if (event.kind == Event::Kind::kCitation) {
      TellCitation(open, event.raw);
    } else if (event.kind == Event::Kind::kLogprobs) {
      TellLogprobs(open, event.raw);
      told_last_ = -1;
    }
  }

  // The message that a text belongs to: the one before it, unless something else came in between.
  void JoinMessage(Open& open) {
    if (open.item != kNoItem) return;
    if (ResponseEvents::Item* const message = events_.LastMessage(); message != nullptr) {
      ++message->open;
      open.item = events_.Last();
    } else {
      open.item = events_.Add({});
    }
    std::vector<std::string>& contents = events_.At(open.item).contents;
    open.content = contents.size();
    contents.emplace_back();
    JsonOut json = OpenAbout("response.content_part.added", open);
    json.Key("part");
    internal::WriteContentPart(open.kind, {}, {}, {}, json);
    events_.Close(json);
  }

  void TellText(Open& open, JsonText text, std::string_view logprobs = {}) {
    JoinMessage(open);
    const bool refusal = open.kind == Part::Kind::kRefusal;
    JsonOut json = OpenAbout(refusal ? "response.refusal.delta" : "response.output_text.delta", open);
    json.Key("delta").Text(text);
    if (!refusal) json.Key("logprobs").Line(logprobs.empty() ? "[]" : logprobs);
    events_.Close(json);
    open.text += text.inside;
    open.characters += wire::CountCharacters(text.inside);
  }

  // Log probabilities stand in the event of their text, which has just been written if they came with it.
  void TellLogprobs(Open& open, std::string_view list) {
    constexpr std::string_view kNone = "[]}\n\n";
    if (!list.starts_with('[') || list == "[]") return;
    if (open.kind != Part::Kind::kText) return losses_.Ignored(list);
    if (told_last_ == open.number && out_->ends_with(kNone)) {
      out_->resize(out_->size() - kNone.size());
      JsonOut json(*out_);
      json.Line(list);
      events_.Close(json);
    } else {
      TellText(open, {}, list);
    }
    if (!open.logprobs.empty()) open.logprobs += ',';
    open.logprobs += list.substr(1, list.size() - 2);
  }

  void TellCitation(Open& open, std::string_view citation) {
    std::string annotation = " ";
    JsonOut written(annotation);
    if (!internal::WriteAnnotation(citation, open.characters, written)) return losses_.Ignored(citation);
    internal::NameQuote(citation, losses_);
    annotation.erase(0, 1);
    JoinMessage(open);
    JsonOut json = OpenAbout("response.output_text.annotation.added", open);
    json.Key("annotation_index").Number(static_cast<std::int64_t>(open.annotations_count++));
    json.Key("annotation").Raw(annotation);
    events_.Close(json);
    if (!open.annotations.empty()) open.annotations += ',';
    open.annotations += annotation;
  }

  void BeginThought(Open& open) {
    if (open.item != kNoItem) return;
    const bool named = open.mind == Mind::kOpenai && !open.mind_id.empty();
    open.item = events_.Add({.kind = ResponseEvents::Item::Kind::kThought,
                             .id = named ? JsonText{open.mind_id}.Plain() : std::string()});
  }

  void WriteSummaryPart(std::string_view type, const Open& open) {
    JsonOut json = OpenAbout(type, open);
    json.Key("part").Open('{').Key("type").Text({"summary_text"}).Key("text").Text({open.text}).Close('}');
    events_.Close(json);
  }

  void TellThought(Open& open, JsonText text) {
    if (text.empty()) return;
    BeginThought(open);
    if (open.text.empty()) WriteSummaryPart("response.reasoning_summary_part.added", open);
    JsonOut json = OpenAbout("response.reasoning_summary_text.delta", open);
    json.Key("delta").Text(text);
    events_.Close(json);
    open.text += text.inside;
  }

  void TellArguments(Open& open, JsonText text) {
    if (text.empty()) return;
    JsonOut json = OpenAbout(
        open.custom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta",
        open);
    json.Key("delta").Text(text);
    events_.Close(json);
    open.text += text.inside;
  }

  void EndPart(Open& open) {
    if (open.kind == Part::Kind::kReasoning && !(open.text.empty() && open.signature.empty())) {
      BeginThought(open);
    }
    if (open.item == kNoItem) return;  // it has said nothing, or is of a kind that has no item here
    if (open.kind == Part::Kind::kReasoning) {
      EndThought(open);
    } else if (open.kind == Part::Kind::kToolCall) {
      EndCall(open);
    } else {
      EndText(open);
    }
    --events_.At(open.item).open;
  }

  void EndText(Open& open) {
    const bool refusal = open.kind == Part::Kind::kRefusal;
    const std::string logprobs = open.logprobs.empty() ? std::string() : '[' + open.logprobs + ']';
    JsonOut json = OpenAbout(refusal ? "response.refusal.done" : "response.output_text.done", open);
    json.Key(refusal ? "refusal" : "text").Text({open.text});
    if (!refusal) json.Key("logprobs").Line(logprobs.empty() ? "[]" : std::string_view(logprobs));
    events_.Close(json);
    std::string& part = events_.At(open.item).contents[open.content];
    JsonOut written(part);
    internal::WriteContentPart(open.kind, {open.text}, open.annotations, logprobs, written);
    JsonOut done = OpenAbout("response.content_part.done", open);
    done.Key("part").Raw(part);
    events_.Close(done);
  }

  void EndThought(Open& open) {
    Part part{.kind = Part::Kind::kReasoning};
    part.mind = open.mind;
    part.redacted = open.redacted;
    part.signature = {open.signature};
    part.id = {open.mind_id};
    if (!open.text.empty()) {
      JsonOut json = OpenAbout("response.reasoning_summary_text.done", open);
      json.Key("text").Text({open.text});
      events_.Close(json);
      WriteSummaryPart("response.reasoning_summary_part.done", open);
    }
    ResponseEvents::Item& item = events_.At(open.item);
    item.seal = Seal(part, Mind::kOpenai);
    item.text = std::move(open.text);
  }

  void EndCall(Open& open) {
    if (open.text.empty() && !open.custom) TellArguments(open, {"{}"});  // as a whole answer says it
    JsonOut json = OpenAbout(
        open.custom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done", open);
    if (!open.custom) json.Key("name").Text({open.name});
    json.Key(open.custom ? "input" : "arguments").Text({open.text});
    events_.Close(json);
    events_.At(open.item).text = std::move(open.text);
  }

  void End(const Event& event) {
    Start({});
    while (!open_.empty()) {
      EndPart(open_.front());
      open_.erase(open_.begin());
    }
    if (!event.service_tier.empty()) tier_ = event.service_tier.inside;
    told_.service_tier = {tier_};
    told_.ended = true;
    ended_ = true;
    events_.End(told_);
  }

  const std::uint64_t kept_max_;
  ResponseEvents events_;
  std::string* out_ = nullptr;  // of the call that runs
  internal::Shell::Told told_;
  std::string model_;
  std::string tier_;
  std::vector<Open> open_;
  std::size_t kept_ = 0;  // bytes
  int told_last_ = -1;    // the part whose text was told last
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<StreamWriter> MakeResponsesStreamWriter(const Between& between) {
  return std::make_unique<ResponsesStreamWriter>(between);
}

}  // namespace translate
