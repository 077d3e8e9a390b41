#include <algorithm>

#include "translate/carried.h"
#include "translate/dialects_internal.h"
#include "translate/responses_shell_internal.h"
#include "wire/error_body.h"
#include "wire/json_string.h"

namespace translate {
namespace {

constexpr std::size_t kAssembledMax = 64U << 20U;  // bytes of an answer, which its last event says again

// Writes the events of one response. Its last event holds the whole response, so all of it is kept until
// then. An item is done when the next one begins or the response ends: only then is it known that it was not
// cut.
class ResponsesStreamWriter final : public StreamWriter {
 public:
  explicit ResponsesStreamWriter(const Between& between) : shell_(between) {}

  void Write(const Event& event, std::string& out) override {
    if (ended_) return;
    out_ = &out;
    switch (event.kind) {
      case Event::Kind::kStart:
        return Start(event);
      case Event::Kind::kPartBegin:
        return Begin(event);
      case Event::Kind::kFinish:
        told_.finish.reason = event.finish.reason;
        return;
      case Event::Kind::kUsage:
        told_.usage = event.usage;
        return;
      case Event::Kind::kAlive:
        out += ": keep-alive\n\n";
        return;
      case Event::Kind::kError:
        return WriteError(event.error.type.Plain(), event.error.type.Plain(), event.error.message.Plain(),
                          out);
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

  void WriteError(std::string_view type, std::string_view code, std::string_view message,
                  std::string& out) override {
    if (ended_) return;
    ended_ = true;
    out += wire::WriteErrorEvent(
        chat::Dialect::kResponses,
        {.message = message, .type = type, .code = code, .sequence_number = sequence_++});
  }

 private:
  static constexpr std::size_t kNoItem = static_cast<std::size_t>(-1);

  struct ItemOut {
    enum class Kind : std::uint8_t { kMessage, kThought, kCall } kind = Kind::kMessage;
    std::string id;
    std::vector<std::string> contents;  // of a message: its parts, each empty until it is whole
    Part part{};                        // of a thought or call; its texts are below
    std::string text;
    std::string call_id;
    std::string name;
    std::string seal;
    bool done = false;
  };

  // A part that has begun and not ended. Texts and thoughts become part of an item with their first piece.
  struct Open {
    int number = 0;
    Part::Kind kind = Part::Kind::kText;
    std::size_t item = kNoItem;
    std::size_t content = 0;
    std::string text;
    std::string annotations;
    std::size_t annotations_count = 0;
    std::string logprobs;  // the inside of a list
    Mind mind = Mind::kNobody;
    std::string mind_id;
    std::string signature;
    bool redacted = false;
    std::string call_id;
    std::string name;
    bool custom = false;
  };

  Open* Find(int part) {
    const auto open =
        std::find_if(open_.rbegin(), open_.rend(), [part](const Open& one) { return one.number == part; });
    return open == open_.rend() ? nullptr : &*open;
  }

  // Opens the frame of an event up to the members that are its own; a place in it follows.
  JsonOut Frame(std::string_view type) {
    *out_ += "event: ";
    *out_ += type;
    *out_ += "\ndata: ";
    JsonOut json(*out_);
    json.Open('{').Key("type").Plain(type).Key("sequence_number").Number(sequence_++);
    return json;
  }
  JsonOut ItemFrame(std::string_view type, std::size_t item) {
    JsonOut json = Frame(type);
    json.Key("item_id").Plain(items_[item].id).Key("output_index").Number(static_cast<std::int64_t>(item));
    return json;
  }
  JsonOut PartFrame(std::string_view type, const Open& open) {
    JsonOut json = ItemFrame(type, open.item);
    if (open.kind == Part::Kind::kReasoning) {
      json.Key("summary_index").Number(0);
    } else if (open.kind != Part::Kind::kToolCall) {
      json.Key("content_index").Number(static_cast<std::int64_t>(open.content));
    }
    return json;
  }
  void EndFrame(JsonOut& json) {
    json.Close('}');
    *out_ += "\n\n";
  }

  void Start(const Event& event) {
    if (started_) return;
    started_ = true;
    model_ = event.model.inside;
    tier_ = event.service_tier.inside;
    told_.model = {model_};
    told_.service_tier = {tier_};
    told_.created = event.created;
    for (const std::string_view type : {"response.created", "response.in_progress"}) {
      JsonOut json = Frame(type);
      json.Key("response");
      shell_.Write(told_, {}, json);
      EndFrame(json);
    }
  }

  void Begin(const Event& event) {
    Start({});
    Open& open = open_.emplace_back();
    open.number = event.part;
    open.kind = event.part_kind;
    open.custom = event.custom;
    open.mind = event.mind;
    if (open.kind == Part::Kind::kToolCall) {
      open.call_id = event.id.inside;
      open.name = event.name.inside;
      BeginCall(open);
    } else if (open.kind == Part::Kind::kReasoning) {
      open.mind_id = event.id.inside;
      if (event.whole == nullptr) return;
      open.mind = event.whole->mind;
      open.signature = event.whole->signature.inside;
      open.redacted = event.whole->redacted;
      if (!event.whole->text.empty()) TellThought(open, event.whole->text);
    }
  }

  // Makes room for a new item: those before it that are whole are done.
  std::size_t AddItem(ItemOut item) {
    FinishItems();
    undone_.push_back(items_.size());
    items_.push_back(std::move(item));
    return items_.size() - 1;
  }

  // What is told of a part that is of another kind says nothing.
  void WritePiece(const Event& event, Open& open) {
    assembled_ += event.text.inside.size() + event.raw.size();
    if (assembled_ > kAssembledMax) {
      return WriteError("server_error", "answer_too_large", "The answer is larger than the gateway can hold.",
                        *out_);
    }
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
    if (items_.empty() || items_.back().kind != ItemOut::Kind::kMessage || items_.back().done) {
      ItemOut item;
      item.id = shell_.ItemId("msg_", items_.size());
      const std::size_t at = AddItem(std::move(item));
      JsonOut json = Frame("response.output_item.added");
      json.Key("output_index").Number(static_cast<std::int64_t>(at)).Key("item");
      internal::OpenMessage(items_[at].id, "in_progress", json);
      internal::CloseMessage(json);
      EndFrame(json);
    }
    open.item = items_.size() - 1;
    open.content = items_.back().contents.size();
    items_.back().contents.emplace_back();
    JsonOut json = PartFrame("response.content_part.added", open);
    json.Key("part");
    internal::WriteContentPart(open.kind, {}, {}, {}, json);
    EndFrame(json);
  }

  void TellText(Open& open, JsonText text, std::string_view logprobs = {}) {
    JoinMessage(open);
    const bool refusal = open.kind == Part::Kind::kRefusal;
    JsonOut json = PartFrame(refusal ? "response.refusal.delta" : "response.output_text.delta", open);
    json.Key("delta").Text(text);
    if (!refusal) json.Key("logprobs").Raw(logprobs.empty() ? "[]" : logprobs);
    EndFrame(json);
    open.text += text.inside;
  }

  // Log probabilities stand in the event of their text, which has just been written if they came with it.
  void TellLogprobs(Open& open, std::string_view list) {
    constexpr std::string_view kNone = "[]}\n\n";
    if (!list.starts_with('[') || list == "[]" || open.kind != Part::Kind::kText) return;
    if (told_last_ == open.number && out_->ends_with(kNone)) {
      out_->resize(out_->size() - kNone.size());
      out_->append(list).append("}\n\n");
    } else {
      TellText(open, {}, list);
    }
    if (!open.logprobs.empty()) open.logprobs += ',';
    open.logprobs += list.substr(1, list.size() - 2);
  }

  void TellCitation(Open& open, std::string_view citation) {
    JoinMessage(open);
    const std::size_t characters = wire::CountCharacters(open.text);
    std::string annotation = " ";
    JsonOut written(annotation);
    if (!internal::WriteAnnotation(citation, characters, written)) return;
    annotation.erase(0, 1);
    JsonOut json = PartFrame("response.output_text.annotation.added", open);
    json.Key("annotation_index").Number(static_cast<std::int64_t>(open.annotations_count++));
    json.Key("annotation").Raw(annotation);
    EndFrame(json);
    if (!open.annotations.empty()) open.annotations += ',';
    open.annotations += annotation;
  }

  void BeginThought(Open& open) {
    if (open.item != kNoItem) return;
    ItemOut item;
    item.kind = ItemOut::Kind::kThought;
    const bool named = open.mind == Mind::kOpenai && !open.mind_id.empty();
    item.id = named ? JsonText{open.mind_id}.Plain() : shell_.ItemId("rs_", items_.size());
    open.item = AddItem(std::move(item));
    JsonOut json = Frame("response.output_item.added");
    json.Key("output_index").Number(static_cast<std::int64_t>(open.item)).Key("item");
    internal::WriteThought(items_[open.item].id, "in_progress", {}, {}, json);
    EndFrame(json);
  }

  void WriteSummaryPart(std::string_view type, const Open& open) {
    JsonOut json = PartFrame(type, open);
    json.Key("part").Open('{').Key("type").Text({"summary_text"}).Key("text").Text({open.text}).Close('}');
    EndFrame(json);
  }

  void TellThought(Open& open, JsonText text) {
    if (text.empty()) return;
    BeginThought(open);
    if (open.text.empty()) WriteSummaryPart("response.reasoning_summary_part.added", open);
    JsonOut json = PartFrame("response.reasoning_summary_text.delta", open);
    json.Key("delta").Text(text);
    EndFrame(json);
    open.text += text.inside;
  }

  void BeginCall(Open& open) {
    ItemOut item;
    item.kind = ItemOut::Kind::kCall;
    item.id = shell_.ItemId(internal::CallPrefix(open.custom), items_.size());
    item.call_id = open.call_id;
    item.name = open.name;
    item.part.custom = open.custom;
    open.item = AddItem(std::move(item));
    JsonOut json = Frame("response.output_item.added");
    json.Key("output_index").Number(static_cast<std::int64_t>(open.item)).Key("item");
    WriteItem(items_[open.item], "in_progress", json);
    EndFrame(json);
  }

  void TellArguments(Open& open, JsonText text) {
    if (text.empty()) return;
    JsonOut json = PartFrame(
        open.custom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta",
        open);
    json.Key("delta").Text(text);
    EndFrame(json);
    open.text += text.inside;
  }

  void EndPart(Open& open) {
    switch (open.kind) {
      case Part::Kind::kText:
      case Part::Kind::kRefusal:
        return EndText(open);
      case Part::Kind::kReasoning:
        return EndThought(open);
      case Part::Kind::kToolCall:
        return EndCall(open);
      default:
        return;  // of a kind that this dialect has no item for
    }
  }

  void EndText(Open& open) {
    if (open.item == kNoItem) return;
    const bool refusal = open.kind == Part::Kind::kRefusal;
    const std::string logprobs = open.logprobs.empty() ? std::string() : '[' + open.logprobs + ']';
    JsonOut json = PartFrame(refusal ? "response.refusal.done" : "response.output_text.done", open);
    json.Key(refusal ? "refusal" : "text").Text({open.text});
    if (!refusal) json.Key("logprobs").Raw(logprobs.empty() ? "[]" : std::string_view(logprobs));
    EndFrame(json);
    std::string& part = items_[open.item].contents[open.content];
    JsonOut written(part);
    internal::WriteContentPart(open.kind, {open.text}, open.annotations, logprobs, written);
    JsonOut done = PartFrame("response.content_part.done", open);
    done.Key("part").Raw(part);
    EndFrame(done);
  }

  void EndThought(Open& open) {
    Part part{.kind = Part::Kind::kReasoning};
    part.mind = open.mind;
    part.redacted = open.redacted;
    part.signature = {open.signature};
    part.id = {open.mind_id};
    if (open.text.empty() && open.signature.empty()) return;
    BeginThought(open);
    ItemOut& item = items_[open.item];
    item.seal = Seal(part, Mind::kOpenai);
    if (!open.text.empty()) {
      JsonOut json = PartFrame("response.reasoning_summary_text.done", open);
      json.Key("text").Text({open.text});
      EndFrame(json);
      WriteSummaryPart("response.reasoning_summary_part.done", open);
    }
    item.text = std::move(open.text);
  }

  void EndCall(Open& open) {
    JsonOut json = PartFrame(
        open.custom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done", open);
    if (!open.custom) json.Key("name").Text({open.name});
    json.Key(open.custom ? "input" : "arguments").Text({open.text});
    EndFrame(json);
    items_[open.item].text = std::move(open.text);
  }

  void WriteItem(ItemOut& item, std::string_view status, JsonOut& json) {
    switch (item.kind) {
      case ItemOut::Kind::kMessage:
        internal::OpenMessage(item.id, status, json);
        for (const std::string& part : item.contents) json.Raw(part);
        return internal::CloseMessage(json);
      case ItemOut::Kind::kThought:
        return internal::WriteThought(item.id, status, {item.text}, item.seal, json);
      case ItemOut::Kind::kCall:
        item.part.id = {item.call_id};
        item.part.name = {item.name};
        item.part.arguments = {item.text};
        return internal::WriteCallItem(item.id, status, item.part, json);
    }
  }

  bool IsOpen(std::size_t item) const {
    return std::any_of(open_.begin(), open_.end(), [item](const Open& open) { return open.item == item; });
  }

  // What nothing is open of any more is done.
  void FinishItems() {
    std::erase_if(undone_, [this](std::size_t i) {
      if (IsOpen(i)) return false;
      items_[i].done = true;
      JsonOut json = Frame("response.output_item.done");
      json.Key("output_index").Number(static_cast<std::int64_t>(i)).Key("item");
      WriteItem(items_[i], StatusOf(i), json);
      EndFrame(json);
      return true;
    });
  }

  // Only the last item can have been cut.
  std::string_view StatusOf(std::size_t item) const {
    const bool cut =
        told_.ended && item + 1 == items_.size() && internal::Shell::StatusOf(told_) != "completed";
    return cut ? "incomplete" : "completed";
  }

  void End(const Event& event) {
    Start({});
    while (!open_.empty()) {
      EndPart(open_.front());
      open_.erase(open_.begin());
    }
    told_.ended = true;
    ended_ = true;
    if (!event.service_tier.empty()) tier_ = event.service_tier.inside;
    told_.service_tier = {tier_};
    FinishItems();
    std::string output = " ";
    JsonOut list(output);
    for (std::size_t i = 0; i < items_.size(); ++i) WriteItem(items_[i], StatusOf(i), list);
    items_.clear();
    const std::string_view status = internal::Shell::StatusOf(told_);
    JsonOut json = Frame(status == "completed"    ? "response.completed"
                         : status == "incomplete" ? "response.incomplete"
                                                  : "response.failed");
    json.Key("response");
    shell_.Write(told_, std::string_view(output).substr(1), json);
    EndFrame(json);
  }

  const internal::Shell shell_;
  std::string* out_ = nullptr;  // of the call that runs
  internal::Shell::Told told_;
  std::string model_;
  std::string tier_;
  std::vector<ItemOut> items_;
  std::vector<Open> open_;
  std::vector<std::size_t> undone_;  // items, in order
  std::size_t assembled_ = 0;        // bytes
  int told_last_ = -1;               // the part whose text was told last
  std::int64_t sequence_ = 0;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<StreamWriter> MakeResponsesStreamWriter(const Between& between) {
  return std::make_unique<ResponsesStreamWriter>(between);
}

}  // namespace translate
