#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "translate/arguments_end_internal.h"
#include "translate/carried.h"
#include "translate/dialects_internal.h"
#include "translate/messages_answering_internal.h"
#include "translate/quote_internal.h"
#include "wire/error_body.h"

namespace translate::internal {
namespace {

// One part of the answer, from its beginning to its end.
struct Block {
  int part = 0;
  Part::Kind kind = Part::Kind::kText;
  int index = -1;         // the stream's, once the block has begun there
  bool silent = false;    // of a kind that Messages has no block for
  bool stopped = false;   // its end has been written
  bool custom = false;    // a call with free text, which becomes a member of an object
  bool sealable = false;  // a thought, whose seal is written at its end
  ArgumentsEnd arguments{};
  Mind mind = Mind::kNobody;  // of a thought's seal, and the seal
  std::string seal_id{};
  std::string seal{};
};

// The status that tells the class of an error, by the words that providers and we have for it.
int StatusOf(std::string_view word) {
  struct Class {
    std::string_view part;
    int status;
  };
  static constexpr Class kClasses[] = {
      {"rate_limit", 429},     {"budget", 429},      {"quota", 402},          {"billing", 402},
      {"overloaded", 529},     {"unavailable", 503}, {"timeout", 504},        {"deadline", 504},
      {"authentication", 401}, {"api_key", 401},     {"permission", 403},     {"not_found", 404},
      {"too_large", 413},      {"invalid_", 400},    {"context_length", 400}, {"image_", 400}};
  for (const Class& known : kClasses) {
    if (word.find(known.part) != std::string_view::npos) return known.status;
  }
  return 502;
}

// Blocks begin when they have something to say, so that none is empty, and in the order in which they do.
// Where a provider tells several calls side by side, so do the frames, each naming its block; a call whose
// arguments are whole is ended before the next block begins, as clients are used to.
class MessagesStreamWriter : public StreamWriter {
 public:
  explicit MessagesStreamWriter(const Between& between) : request_id_(between.request_id) {}

  base::Result<void> Write(const Event& event, std::string& out) override {
    out_ = &out;
    Tell(event, out);
    return {};
  }

  void WriteError(std::string_view type, std::string_view code, std::string_view message,
                  std::string& out) override {
    const int by_code = StatusOf(code);
    out +=
        wire::WriteErrorEvent(chat::Dialect::kAnthropic, {.message = message,
                                                          .type = type,
                                                          .code = code,
                                                          .status = by_code != 502 ? by_code : StatusOf(type),
                                                          .request_id = request_id_});
  }

 private:
  void Tell(const Event& event, std::string& out) {
    using Kind = Event::Kind;
    switch (event.kind) {
      case Kind::kStart:
        return WriteStart(event);
      case Kind::kPartBegin:
        return Begin(event);
      case Kind::kText:
      case Kind::kReasoning:
      case Kind::kSignature:
      case Kind::kArguments:
      case Kind::kCitation:
        return Piece(event);
      case Kind::kLogprobs:
        return losses_.Ignored(event.raw);  // Messages has none
      case Kind::kPartEnd:
        return End(event);
      case Kind::kFinish:
        finish_ = {.reason = event.finish.reason, .refused = event.finish.refused, .cut = event.finish.cut};
        NameMessagesFinish(event.finish, losses_);
        stop_sequence_ = event.finish.stop_sequence.inside;
        word_ = event.finish.word.inside;
        return;
      case Kind::kUsage:
        usage_ = event.usage;
        return;
      case Kind::kAlive:
        out += "event: ping\ndata: {\"type\":\"ping\"}\n\n";
        return;
      case Kind::kError: {
        const std::string type = event.error.type.Plain();
        const std::string code = event.error.code.Plain();
        return WriteError(type, code.empty() ? type : code, event.error.message.Plain(), out);
      }
      case Kind::kEnd:
        return WriteEnd(MessagesTier(event.service_tier));
    }
  }

  JsonOut Open(std::string_view event) {
    out_->append("event: ").append(event).append("\ndata: ");
    JsonOut json(*out_);
    json.Open('{').Key("type").Plain(event);
    return json;
  }
  void Close(JsonOut& json) { json.Close('}').out() += "\n\n"; }

  void WriteStart(const Event& event) {
    JsonOut json = Open("message_start");
    json.Key("message").Open('{').Key("id");
    if (event.id.empty()) {
      json.Plain("msg_" + request_id_);
    } else {
      json.Text(event.id);
    }
    json.Key("type").Plain("message").Key("role").Plain("assistant").Key("model").Text(event.model);
    json.Key("content").Open('[').Close(']').Key("stop_reason").Null().Key("stop_sequence").Null();
    WriteMessagesUsage({}, MessagesTier(event.service_tier), json);
    json.Close('}');
    Close(json);
  }

  void Begin(const Event& event) {
    Block& block = blocks_.emplace_back();
    block.part = event.part;
    block.kind = event.part_kind;
    switch (event.part_kind) {
      case Part::Kind::kText:
      case Part::Kind::kRefusal:
        return;
      case Part::Kind::kReasoning:
        block.sealable = true;
        if (event.whole != nullptr) BeginWhole(block, *event.whole);
        return;
      case Part::Kind::kToolCall: {
        calls_ = true;
        JsonOut json = BeginBlock(block);
        json.Plain("tool_use").Key("id").Text(event.id).Key("name").Text(event.name);
        json.Key("input").Open('{').Close('}').Close('}');
        Close(json);
        block.custom = event.custom;
        if (event.custom) Delta(block, "input_json_delta", "partial_json", {R"({\"arguments\":\")"});
        return;
      }
      default:
        block.silent = true;
        return;
    }
  }

  // A piece of a text within an object within a string.
  void FreeText(Block& block, JsonText text) {
    std::string inside;
    AppendInside(inside, text.inside);
    Delta(block, "input_json_delta", "partial_json", {inside});
  }

  // A thought that comes in one.
  void BeginWhole(Block& block, const Part& thought) {
    if (thought.redacted && thought.mind == Mind::kAnthropic) {
      block.sealable = false;
      JsonOut json = BeginBlock(block);
      json.Plain("redacted_thinking").Key("data").Text(thought.signature).Close('}');
      return Close(json);
    }
    Sealed(block, thought.mind, thought.id, thought.signature);
    if (!thought.text.empty()) Delta(block, "thinking_delta", "thinking", thought.text);
  }

  static void Sealed(Block& block, Mind mind, JsonText id, JsonText seal) {
    block.mind = mind;
    block.seal_id = id.inside;
    block.seal = seal.inside;
  }

  // The frame up to the value of the block's type.
  JsonOut BeginBlock(Block& block) {
    for (Block& other : blocks_) {
      if (other.kind == Part::Kind::kToolCall && other.arguments.whole()) Stop(other);
    }
    block.index = next_index_++;
    JsonOut json = Open("content_block_start");
    json.Key("index").Number(block.index).Key("content_block").Open('{').Key("type");
    return json;
  }

  void BeginText(Block& block) {
    if (block.index >= 0) return;
    const bool thought = block.kind == Part::Kind::kReasoning;
    JsonOut json = BeginBlock(block);
    json.Plain(thought ? "thinking" : "text").Key(thought ? "thinking" : "text").Text({});
    if (thought) json.Key("signature").Text({});
    json.Close('}');
    Close(json);
  }

  void Piece(const Event& event) {
    const auto block = std::find_if(blocks_.begin(), blocks_.end(),
                                    [&](const Block& known) { return known.part == event.part; });
    if (block == blocks_.end() || block->silent || block->stopped) return;
    switch (event.kind) {
      case Event::Kind::kText:
        refusal_ |= block->kind == Part::Kind::kRefusal && !event.text.empty();
        return Delta(*block, "text_delta", "text", event.text);
      case Event::Kind::kReasoning:
        return Delta(*block, "thinking_delta", "thinking", event.text);
      case Event::Kind::kSignature:
        return Sealed(*block, event.mind, event.id, event.text);
      case Event::Kind::kArguments:
        if (block->custom) return FreeText(*block, event.text);
        block->arguments.Take(event.text.inside);
        return Delta(*block, "input_json_delta", "partial_json", event.text);
      default:
        Citation(*block, event.raw);
    }
  }

  JsonOut BeginDelta(Block& block, std::string_view type) {
    BeginText(block);
    JsonOut json = Open("content_block_delta");
    json.Key("index").Number(block.index).Key("delta").Open('{').Key("type").Plain(type);
    return json;
  }

  // Nearly every frame is such a one, and what stands before its text is mostly as in the one before.
  void Delta(Block& block, std::string_view type, std::string_view member, JsonText text) {
    if (text.empty()) return;
    BeginText(block);
    if (block.index != delta_index_ || type != delta_type_) {
      delta_head_.clear();
      std::string& out = *std::exchange(out_, &delta_head_);
      BeginDelta(block, type).Key(member).out() += '"';
      out_ = &out;
      delta_index_ = block.index;
      delta_type_ = type;
    }
    out_->append(delta_head_).append(text.inside).append("\"}}\n\n");
  }

  void Citation(Block& block, std::string_view citation) {
    std::string said;
    JsonOut written(said);
    if (!WriteMessagesCitation(citation, written)) return losses_.Ignored(citation);
    NamePlace(citation, losses_);
    JsonOut json = BeginDelta(block, "citations_delta");
    json.Key("citation").Raw(said).Close('}');
    Close(json);
  }

  void End(const Event& event) {
    const auto block = std::find_if(blocks_.begin(), blocks_.end(),
                                    [&](const Block& known) { return known.part == event.part; });
    if (block == blocks_.end()) return;
    if (block->arguments.cut()) names_.emplace_back(event.called);
    Stop(*block);
    blocks_.erase(block);
  }

  void Stop(Block& block) {
    if (block.silent || block.stopped) return;
    if (block.sealable && (block.index >= 0 || !block.seal.empty())) {
      Part thought{.kind = Part::Kind::kReasoning};
      thought.mind = block.mind;
      thought.id = {block.seal_id};
      thought.signature = {block.seal};
      const std::string seal = Seal(thought, Mind::kAnthropic);
      Delta(block, "signature_delta", "signature", {seal});
    }
    if (block.custom) Delta(block, "input_json_delta", "partial_json", {R"(\"})"});
    block.stopped = true;
    if (block.index < 0) return;
    JsonOut json = Open("content_block_stop");
    json.Key("index").Number(block.index);
    Close(json);
  }

  // `tier`: where the provider tells it only now.
  void WriteEnd(std::string_view tier) {
    for (Block& block : blocks_) Stop(block);
    blocks_.clear();
    finish_.stop_sequence = {stop_sequence_};
    finish_.word = {word_};
    JsonOut json = Open("message_delta");
    json.Key("delta").Open('{');
    WriteMessagesFinish(finish_, calls_, refusal_, json);
    json.Close('}');
    WriteMessagesUsage(usage_, tier, json);
    Close(json);
    JsonOut stop = Open("message_stop");
    Close(stop);
  }

  const std::string request_id_;
  std::string* out_ = nullptr;  // of the call at hand
  std::vector<Block> blocks_;   // parts that have not ended
  int next_index_ = 0;
  int delta_index_ = -1;  // of the block whose piece was told last
  std::string delta_type_;
  std::string delta_head_;  // what stands before its text
  bool calls_ = false;
  bool refusal_ = false;
  Finish finish_;
  std::string stop_sequence_;
  std::string word_;
  std::optional<chat::Usage> usage_;
};

}  // namespace
}  // namespace translate::internal

namespace translate {

std::unique_ptr<StreamWriter> MakeMessagesStreamWriter(const Between& between) {
  return std::make_unique<internal::MessagesStreamWriter>(between);
}

}  // namespace translate
