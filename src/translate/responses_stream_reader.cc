#include <algorithm>

#include "translate/carried.h"
#include "translate/dialects_internal.h"
#include "translate/responses_response_reader_internal.h"

namespace translate {
namespace {

using internal::Item;
using internal::ItemReader;
using internal::Members;
using wire::JsonCursor;
using wire::JsonValue;

constexpr std::size_t kOpenMax = 256;          // parts that are open at once
constexpr std::int64_t kWholeItem = -1;        // the place in its item of a part that is all of it
constexpr std::int64_t kOpenly = 1'000'000;    // added to the place of a thought that is no summary
constexpr std::string_view kBlank = "\\n\\n";  // between two pieces of a thought

JsonText Inside(const JsonValue& value) {
  return value.IsString() ? JsonText{value.Inside()} : JsonText{};
}

bool IsCut(Part::Kind kind) {
  return kind == Part::Kind::kText || kind == Part::Kind::kRefusal;
}

// What an event is about: the members that the events of one kind share.
struct Place {
  std::int64_t item = 0;
  std::int64_t content = 0;
};

class ResponsesStreamReader final : public StreamReader {
 public:
  base::Result<void> Read(const wire::SseFrame& frame, std::vector<Event>& events) override {
    kept_.clear();
    others_.clear();
    if (ended_) return {};
    if (frame.kind == wire::SseKind::kDone) {
      return base::Fail(base::Code::kInvalid, "the stream was ended before its response was");
    }
    events_ = &events;
    problem_ = "";
    if (!event_.Read(frame.payload, Members::kMaxTop)) {
      return base::Fail(base::Code::kInvalid, std::string("an event ") + event_.problem());
    }
    Dispatch(event_.Use("type"));
    for (const std::string_view other : others_) losses_.Ignored(other);
    if (!problem_.empty()) return base::Fail(base::Code::kInvalid, std::string(problem_));
    return {};
  }

  std::string InAnswer(std::string name) const override {
    constexpr std::string_view kResponse = "response.";
    constexpr std::string_view kItem = "item";
    constexpr std::string_view kAnnotation = "annotation";
    if (name == kAnnotation || (name.starts_with(kAnnotation) && name[kAnnotation.size()] == '.')) {
      return cited_ + name.substr(kAnnotation.size());
    }
    if (name.starts_with(kResponse) && name != kResponse) return name.substr(kResponse.size());
    if (name.starts_with(kItem)) name.replace(0, kItem.size(), "output[" + std::to_string(item_at_) + "]");
    return name;
  }

 private:
  struct Open {
    int part = 0;
    Part::Kind kind = Part::Kind::kText;
    Place place{};
    bool told = false;        // a piece of it has been
    std::int64_t piece = -1;  // of a thought: which of its texts was told last
    bool piece_told = false;
  };

  void Dispatch(const JsonValue& value) {
    const std::string_view type = value.IsString() ? value.Inside() : std::string_view();
    if (type == "response.output_text.delta") return TellText(Part::Kind::kText, "delta");
    if (type == "response.function_call_arguments.delta" || type == "response.custom_tool_call_input.delta") {
      return TellArguments("delta");
    }
    if (type == "response.reasoning_summary_text.delta") return TellThought("summary_index", "delta");
    if (type == "response.reasoning_text.delta") return TellThought("content_index", "delta");
    if (type == "response.refusal.delta") return TellText(Part::Kind::kRefusal, "delta");
    if (type == "response.output_item.added") return BeginItem();
    if (type == "response.content_part.added") return BeginContent();
    if (type == "response.content_part.done") return EndContent();
    if (type == "response.output_item.done") return EndItem();
    if (type == "response.output_text.annotation.added") return TellCitation();
    DispatchRare(type);
  }

  void DispatchRare(std::string_view type) {
    if (type == "response.created" || type == "response.in_progress" || type == "response.queued") {
      return Start();
    }
    if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
      return End();
    }
    if (type == "response.output_text.done") return TellText(Part::Kind::kText, "text");
    if (type == "response.refusal.done") return TellText(Part::Kind::kRefusal, "refusal");
    if (type == "response.function_call_arguments.done") return TellArguments("arguments");
    if (type == "response.custom_tool_call_input.done") return TellArguments("input");
    if (type == "response.reasoning_summary_text.done") return TellThought("summary_index", "text");
    if (type == "response.reasoning_text.done") return TellThought("content_index", "text");
    if (type == "keepalive") return Add({.kind = Event::Kind::kAlive});
    if (type == "error" || !event_.Use("error").IsNull()) return Break();
    if (type.empty()) problem_ = "an event of the stream has no type";
    // Of an item that no other dialect has its end is told, of anything else the event.
    const bool of_item = !event_.Use("item_id").IsNull() || !event_.Use("output_index").IsNull();
    if (!of_item && !type.empty()) names_.push_back(CleanName(type));
  }

  void Add(Event event) { events_->push_back(event); }

  std::int64_t Index(std::string_view name) { return event_.Use(name).Int64().value_or(0); }
  Place WholeItem() { return {Index("output_index"), kWholeItem}; }

  Open* Find(Place place) {
    const auto open = std::find_if(open_.begin(), open_.end(), [place](const Open& one) {
      return one.place.item == place.item && one.place.content == place.content;
    });
    return open == open_.end() ? nullptr : &*open;
  }

  // The part at `place` if it is open. What is told of it has to be of its kind.
  Open* Find(Place place, Part::Kind kind) {
    Open* const open = Find(place);
    if (open == nullptr || open->kind == kind) return open;
    problem_ = "a piece of the stream does not belong to what it is a piece of";
    return nullptr;
  }

  // `event` tells what is known of the part.
  Open* Begin(Place place, Part::Kind kind, Event event = {}) {
    if (open_.size() == kOpenMax) {
      problem_ = "too much of the stream is open at once";
      return nullptr;
    }
    EnsureStarted({});
    event.kind = Event::Kind::kPartBegin;
    event.part = parts_++;
    event.part_kind = kind;
    Add(event);
    if (kind == Part::Kind::kToolCall) called_ = true;
    if (IsCut(kind)) last_said_ = place;
    return &open_.emplace_back(Open{.part = event.part, .kind = kind, .place = place});
  }

  void Close(Open* open) {
    if (open == nullptr) return;
    Event end{.kind = Event::Kind::kPartEnd, .part = open->part};
    if (open->kind == Part::Kind::kToolCall) {
      const std::string item = std::to_string(open->place.item);
      end.called = kept_.emplace_back("output[" + item + "].arguments");
    }
    Add(end);
    open_.erase(open_.begin() + (open - open_.data()));
  }

  void Tell(Open* open, Event::Kind kind, JsonText text) {
    if (open == nullptr || text.empty()) return;
    open->told = true;
    Add({.kind = kind, .part = open->part, .text = text});
  }

  void EnsureStarted(const internal::ResponseFacts& facts) {
    if (started_) return;
    started_ = true;
    Add({.kind = Event::Kind::kStart,
         .id = facts.id,
         .model = facts.model,
         .service_tier = facts.service_tier.Is("auto") ? JsonText{} : facts.service_tier,  // not chosen yet
         .created = facts.created});
  }

  bool ReadResponse(internal::ResponseFacts& facts) {
    ItemReader reader(event_.raw(), others_, others_, kept_);
    if (item_.Read(event_.Use("response").raw, Members::kMaxTop) &&
        internal::ReadResponseFacts(reader, item_, facts)) {
      return true;
    }
    problem_ = "an event of the stream has no response";
    return false;
  }

  void Start() {
    internal::ResponseFacts facts;
    if (!started_ && ReadResponse(facts)) EnsureStarted(facts);
  }

  // A piece of a text, or all of it where no piece has been told.
  void TellText(Part::Kind kind, std::string_view name) {
    const Place place{Index("output_index"), Index("content_index")};
    Open* open = Find(place, kind);
    if (name != "delta" && open != nullptr && open->told) return;
    if (open == nullptr && problem_.empty()) open = Begin(place, kind);
    Tell(open, Event::Kind::kText, Inside(event_.Use(name)));
    const JsonValue logprobs = event_.Use("logprobs");
    if (open != nullptr && logprobs.IsArray() && !logprobs.IsEmptyArray()) {
      Add({.kind = Event::Kind::kLogprobs, .part = open->part, .raw = logprobs.raw});
    }
  }

  void TellArguments(std::string_view name) {
    Open* const open = Find(WholeItem(), Part::Kind::kToolCall);
    if (open == nullptr || (name != "delta" && open->told)) return;
    Tell(open, Event::Kind::kArguments, Inside(event_.Use(name)));
  }

  void TellThought(std::string_view index, std::string_view name) {
    const Place place = WholeItem();
    Open* open = Find(place, Part::Kind::kReasoning);
    if (open == nullptr && problem_.empty()) open = Begin(place, Part::Kind::kReasoning);
    if (open == nullptr) return;
    const std::int64_t piece = Index(index) + (index == "content_index" ? kOpenly : 0);
    if (piece != open->piece) {
      open->piece = piece;
      open->piece_told = false;
    } else if (name != "delta" && open->piece_told) {
      return;
    }
    TellPiece(open, Inside(event_.Use(name)));
  }

  void TellPiece(Open* open, JsonText text) {
    if (open == nullptr || text.empty()) return;
    if (open->told && !open->piece_told) Tell(open, Event::Kind::kReasoning, {kBlank});
    open->piece_told = true;
    Tell(open, Event::Kind::kReasoning, text);
  }

  void TellCitation() {
    Open* const open = Find({Index("output_index"), Index("content_index")}, Part::Kind::kText);
    const JsonValue citation = event_.Use("annotation");
    if (open == nullptr || !citation.IsObject()) return;
    cited_ = "output[" + std::to_string(Index("output_index")) + "].content[" +
             std::to_string(Index("content_index")) + "].annotations[" +
             std::to_string(Index("annotation_index")) + "]";
    Add({.kind = Event::Kind::kCitation, .part = open->part, .raw = citation.raw});
  }

  // The item of an event; false if it is none that is told here.
  bool ReadItem(JsonText& type) {
    if (!item_.Read(event_.Use("item").raw)) {
      problem_ = "an event of the stream has no item";
      return false;
    }
    type = Inside(item_.Use("type"));
    return true;
  }

  void BeginItem() {
    JsonText type;
    if (!ReadItem(type)) return;
    const bool custom = type.Is("custom_tool_call");
    if (type.Is("reasoning")) {
      Begin(WholeItem(), Part::Kind::kReasoning, {.id = Inside(item_.Use("id")), .mind = Mind::kOpenai});
    } else if (custom || type.Is("function_call")) {
      BeginCall(custom);
    }
  }

  Open* BeginCall(bool custom) {
    const JsonText id = Inside(item_.Use("call_id"));
    const JsonText name = Inside(item_.Use("name"));
    if (id.empty() || name.empty()) problem_ = "a call in the stream has no call_id or no name";
    Open* const open = Begin(WholeItem(), Part::Kind::kToolCall, {.custom = custom, .id = id, .name = name});
    Tell(open, Event::Kind::kArguments, Inside(item_.Use(custom ? "input" : "arguments")));
    return open;
  }

  void BeginContent() {
    if (!item_.Read(event_.Use("part").raw)) return;
    const JsonText type = Inside(item_.Use("type"));
    const Place place{Index("output_index"), Index("content_index")};
    const bool text = type.Is("output_text");
    if ((!text && !type.Is("refusal")) || Find(place) != nullptr) return;
    Open* const open = Begin(place, text ? Part::Kind::kText : Part::Kind::kRefusal);
    Tell(open, Event::Kind::kText, Inside(item_.Use(text ? "text" : "refusal")));
  }

  void EndContent() {
    Open* const open = Find({Index("output_index"), Index("content_index")});
    if (open != nullptr && IsCut(open->kind)) Close(open);
  }

  void EndItem() {
    JsonText type;
    if (!ReadItem(type)) return;
    const Place place = WholeItem();
    NoteUnread();
    if (type.Is("reasoning")) return EndThought(place);
    if (type.Is("message")) return EndMessage(place.item);
    const bool custom = type.Is("custom_tool_call");
    if (!custom && !type.Is("function_call")) return;
    Open* open = Find(place, Part::Kind::kToolCall);
    if (!problem_.empty()) return;
    if (open == nullptr) {
      open = BeginCall(custom);
    } else if (!open->told) {
      Tell(open, Event::Kind::kArguments, Inside(item_.Use(custom ? "input" : "arguments")));
    }
    Close(open);
  }

  // What the item at hand holds that no event tells.
  void NoteUnread() {
    item_at_ = Index("output_index");
    ItemReader reader(event_.raw(), others_, others_, kept_);
    Item item;
    const JsonValue value = event_.Use("item");
    if (!reader.Read(value, item)) return;
    if (item.kind == Item::Kind::kOther || item.kind == Item::Kind::kResult) losses_.Ignored(value.raw);
  }

  void EndThought(Place place) {
    const JsonText id = Inside(item_.Use("id"));
    Open* open = Find(place, Part::Kind::kReasoning);
    if (open == nullptr && problem_.empty())
      open = Begin(place, Part::Kind::kReasoning, {.id = id, .mind = Mind::kOpenai});
    if (open == nullptr) return;
    if (!open->told) {
      TellPieces(open, item_.Use("summary"));
      TellPieces(open, item_.Use("content"));
    }
    Part sealed;
    sealed.id = id;
    const JsonText seal = Inside(item_.Use("encrypted_content"));
    if (!seal.empty()) Unseal(seal, Mind::kOpenai, sealed);
    if (!sealed.signature.empty()) {
      Add({.kind = Event::Kind::kSignature,
           .part = open->part,
           .id = sealed.id,
           .text = sealed.signature,
           .mind = sealed.mind});
    }
    Close(open);
  }

  void TellPieces(Open* open, const JsonValue& list) {
    JsonCursor cursor(list.raw);
    if (list.IsNull() || !cursor.EnterArray()) return;
    while (cursor.NextElement()) {
      if (!piece_.Read(cursor.Take().raw)) continue;
      open->piece_told = false;
      TellPiece(open, Inside(piece_.Use("text")));
    }
  }

  // What of a message was not told in pieces is told now.
  void EndMessage(std::int64_t item) {
    JsonCursor cursor(item_.Use("content").raw);
    if (cursor.EnterArray()) {
      for (std::int64_t i = 0; cursor.NextElement(); ++i) {
        const JsonValue part = cursor.Take();
        const bool begun = item < last_said_.item || (item == last_said_.item && i <= last_said_.content);
        if (begun || !piece_.Read(part.raw)) continue;
        const bool text = Inside(piece_.Use("type")).Is("output_text");
        Open* const open = Begin({item, i}, text ? Part::Kind::kText : Part::Kind::kRefusal);
        Tell(open, Event::Kind::kText, Inside(piece_.Use(text ? "text" : "refusal")));
      }
    }
    for (std::size_t i = 0; i < open_.size();) {
      if (open_[i].place.item == item && IsCut(open_[i].kind)) {
        Close(&open_[i]);
      } else {
        ++i;
      }
    }
  }

  void End() {
    internal::ResponseFacts facts;
    if (!ReadResponse(facts)) return;
    ended_ = true;
    if (facts.status.Is("failed")) {
      return Add(
          {.kind = Event::Kind::kError, .error = {facts.error_code, facts.error_message, facts.error_code}});
    }
    EnsureStarted(facts);
    if (parts_ == 0) TellOutput(facts.output);
    while (!open_.empty()) Close(&open_.front());
    if (called_ && facts.finish.reason == chat::FinishReason::kStop) {
      facts.finish.reason = chat::FinishReason::kToolCalls;
    }
    Add({.kind = Event::Kind::kFinish, .finish = facts.finish});
    if (facts.usage) Add({.kind = Event::Kind::kUsage, .usage = *facts.usage});
    Add({.kind = Event::Kind::kEnd, .service_tier = facts.service_tier});
  }

  // The output of a response that was told in one event.
  void TellOutput(const JsonValue& output) {
    JsonCursor cursor(output.raw);
    if (output.IsNull() || !cursor.EnterArray()) return;
    ItemReader reader(event_.raw(), others_, others_, kept_);
    Item item;
    for (std::int64_t i = 0; cursor.NextElement(); ++i) {
      const JsonValue value = cursor.Take();
      if (!reader.Read(value, item)) {
        problem_ = "the response at the end of the stream cannot be read";
        return;
      }
      if (item.kind == Item::Kind::kOther || item.kind == Item::Kind::kResult) others_.push_back(value.raw);
      if (item.kind == Item::Kind::kResult) continue;
      for (const Part& part : item.parts) TellWhole({i, kWholeItem}, part);
    }
  }

  void TellWhole(Place place, const Part& part) {
    Open* const open =
        Begin(place, part.kind, {.custom = part.custom, .id = part.id, .name = part.name, .mind = part.mind});
    if (open == nullptr) return;
    if (part.kind == Part::Kind::kToolCall) {
      Tell(open, Event::Kind::kArguments, part.arguments);
    } else {
      const bool thought = part.kind == Part::Kind::kReasoning;
      Tell(open, thought ? Event::Kind::kReasoning : Event::Kind::kText, part.text);
    }
    if (!part.signature.empty()) {
      Add({.kind = Event::Kind::kSignature,
           .part = open->part,
           .id = part.id,
           .text = part.signature,
           .mind = part.mind});
    }
    Close(open);
  }

  // Some servers put the error into an object, others into the event itself.
  void Break() {
    const JsonValue error = event_.Use("error");
    Members& members = error.IsObject() && item_.Read(error.raw) ? item_ : event_;
    const JsonText code = Inside(members.Use("code"));
    JsonText type = code;
    if (type.empty() && &members != &event_) type = Inside(members.Use("type"));
    ended_ = true;
    Add({.kind = Event::Kind::kError, .error = {type, Inside(members.Use("message")), code}});
  }

  std::vector<Event>* events_ = nullptr;  // of the call that runs
  std::string_view problem_;              // the same
  Members event_;
  Members item_;
  Members piece_;
  std::int64_t item_at_ = 0;  // which item the event is about
  std::string cited_;         // where a whole answer has the annotation that it is about
  std::vector<std::string_view> others_;
  std::deque<std::string> kept_;  // texts of the last events
  std::vector<Open> open_;
  int parts_ = 0;
  Place last_said_{-1, -1};  // where the text begun last stands
  bool started_ = false;
  bool called_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<StreamReader> MakeResponsesStreamReader() {
  return std::make_unique<ResponsesStreamReader>();
}

}  // namespace translate
