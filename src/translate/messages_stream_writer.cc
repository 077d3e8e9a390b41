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

constexpr std::size_t kWaitingMax = 1024;  // parts that wait for others to end
constexpr int kNoPart = -1;

// One part of the answer, from its beginning to its end.
struct Block {
  int part = 0;
  Part::Kind kind = Part::Kind::kText;
  int index = -1;         // the stream's, once the block has begun there
  bool silent = false;    // of a kind that Messages has no block for
  bool stopped = false;   // its end has been written
  bool custom = false;    // a call with free text, which becomes a member of an object
  bool sealable = false;  // a thought, whose seal is written at its end
  bool redacted = false;  // a thought that is its seal
  ArgumentsEnd arguments{};
  Mind mind = Mind::kNobody;  // of a thought's seal, and the seal
  std::string seal_id{};
  std::string seal{};

  // What was told of it while another block had not ended, to be said when its turn comes.
  bool waits = false;
  bool ended = false;  // all of it has been told
  std::string id{};    // of a call
  std::string name{};
  std::string text{};
  std::vector<std::string> citations{};
  std::size_t held = 0;  // bytes of these
};

// What a piece of a block is called.
struct PieceWords {
  std::string_view type;
  std::string_view member;
};

PieceWords WordsOf(Part::Kind kind) {
  if (kind == Part::Kind::kReasoning) return {"thinking_delta", "thinking"};
  if (kind == Part::Kind::kToolCall) return {"input_json_delta", "partial_json"};
  return {"text_delta", "text"};
}

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

// Blocks begin when they have something to say, so that none is empty, and one ends before the next begins:
// Anthropic never has two open, and clients go by that. Where a provider tells parts side by side, the first
// streams on and what comes of the others is kept until it has ended; a call whose arguments are whole makes
// room at once.
class MessagesStreamWriter : public StreamWriter {
 public:
  explicit MessagesStreamWriter(const Between& between)
      : request_id_(between.request_id),
        counts_media_(between.provider == chat::Operation::kChat),
        held_max_(between.answer_max) {}

  base::Result<void> Write(const Event& event, std::string& out) override {
    out_ = &out;
    Tell(event, out);
    if (held_ <= held_max_ && waiting_ <= kWaitingMax) return {};
    return base::Fail(base::Code::kTooLarge, "more of it comes side by side than the gateway may keep");
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
        return NameMediaCounts();
      case Kind::kAlive:
        out += "event: ping\ndata: {\"type\":\"ping\"}\n\n";
        return;
      case Kind::kError: {
        const std::string type = event.error.type.Plain();
        const std::string code = event.error.code.Plain();
        return WriteError(type, code.empty() ? type : code, event.error.message.Plain(), out);
      }
      case Kind::kEnd:
        return WriteEnd(TierOf(event.service_tier));
    }
  }

  JsonOut Open(std::string_view event) {
    out_->append("event: ").append(event).append("\ndata: ");
    JsonOut json(*out_);
    json.Open('{').Key("type").Plain(event);
    return json;
  }
  void Close(JsonOut& json) { json.Close('}').out() += "\n\n"; }

  // The word for a tier. One that Messages does not have is named, as it is called in both of OpenAI's APIs.
  std::string_view TierOf(JsonText tier) {
    const std::string_view word = MessagesTier(tier);
    if (word.empty() && !tier.empty()) names_.emplace_back("service_tier");
    return word;
  }

  // Sounds and pictures that chat counts apart are within the sums of Messages.
  void NameMediaCounts() {
    if (!counts_media_) return;
    const std::string read = "usage.prompt_tokens_details.";
    const std::string written = "usage.completion_tokens_details.";
    if (usage_->input_audio > 0) names_.push_back(read + "audio_tokens");
    if (usage_->input_image > 0) names_.push_back(read + "image_tokens");
    if (usage_->output_audio > 0) names_.push_back(written + "audio_tokens");
    if (usage_->output_image > 0) names_.push_back(written + "image_tokens");
  }

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
    WriteMessagesUsage({}, TierOf(event.service_tier), json);
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
      case Part::Kind::kToolCall:
        calls_ = true;
        block.custom = event.custom;
        if (HasTurn(block)) return BeginCall(block, event.id, event.name);
        block.id = event.id.inside;
        block.name = event.name.inside;
        return Count(block, block.id.size() + block.name.size());
      default:
        block.silent = true;
        return;
    }
  }

  // --- whose turn it is ---

  Block* Find(int part) {
    const auto block =
        std::find_if(blocks_.begin(), blocks_.end(), [part](const Block& one) { return one.part == part; });
    return block == blocks_.end() ? nullptr : &*block;
  }

  // Whether `block` may be written: no other one has begun and not ended. If not, it waits.
  bool HasTurn(Block& block) {
    if (block.index >= 0) return true;
    if (block.waits) return false;
    if (MakeRoom()) return true;
    block.waits = true;
    ++waiting_;
    return false;
  }

  // Whether a block may begin. Behind arguments that are whole nothing can follow.
  bool MakeRoom() {
    if (open_ == kNoPart) return true;
    Block& open = *Find(open_);
    if (!open.arguments.whole()) return false;
    Stop(open);
    return true;
  }

  // Lets those that wait be written, in the order in which they began, up to the first that goes on.
  void Release() {
    for (std::size_t i = 0; waiting_ > 0 && i < blocks_.size();) {
      if (!blocks_[i].waits) {
        ++i;
        continue;
      }
      if (!MakeRoom()) return;
      WriteHeld(blocks_[i]);
      if (!blocks_[i].ended) {
        ++i;
        continue;
      }
      Stop(blocks_[i]);
      blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void WriteHeld(Block& block) {
    --waiting_;
    held_ -= std::exchange(block.held, 0);
    block.waits = false;
    if (block.kind == Part::Kind::kToolCall) BeginCall(block, {block.id}, {block.name});
    if (block.redacted) BeginRedacted(block);
    Delta(block, WordsOf(block.kind), {std::exchange(block.text, {})});
    for (const std::string& citation : std::exchange(block.citations, {})) WriteCitation(block, citation);
  }

  void Count(Block& block, std::size_t bytes) {
    block.held += bytes;
    held_ += bytes;
  }

  // --- what is written ---

  void BeginCall(Block& block, JsonText id, JsonText name) {
    JsonOut json = BeginBlock(block);
    json.Plain("tool_use").Key("id").Text(id).Key("name").Text(name);
    json.Key("input").Open('{').Close('}').Close('}');
    Close(json);
    if (block.custom) Delta(block, WordsOf(block.kind), {R"({\"arguments\":\")"});
  }

  void BeginRedacted(Block& block) {
    JsonOut json = BeginBlock(block);
    json.Plain("redacted_thinking").Key("data").Text({block.seal}).Close('}');
    Close(json);
  }

  void Say(Block& block, JsonText text) {
    if (text.empty()) return;
    if (HasTurn(block)) return Delta(block, WordsOf(block.kind), text);
    block.text += text.inside;
    Count(block, text.inside.size());
  }

  void SayArguments(Block& block, JsonText text) {
    if (block.custom) {  // a piece of a text within an object within a string
      std::string inside;
      AppendInside(inside, text.inside);
      return Say(block, {inside});
    }
    block.arguments.Take(text.inside);
    Say(block, text);
    if (block.arguments.whole()) Release();
  }

  // A thought that comes in one.
  void BeginWhole(Block& block, const Part& thought) {
    Sealed(block, thought.mind, thought.id, thought.signature);
    block.redacted = thought.redacted && thought.mind == Mind::kAnthropic;
    block.sealable = !block.redacted;
    if (!block.redacted) return Say(block, thought.text);
    if (HasTurn(block)) return BeginRedacted(block);
    Count(block, block.seal.size());
  }

  static void Sealed(Block& block, Mind mind, JsonText id, JsonText seal) {
    block.mind = mind;
    block.seal_id = id.inside;
    block.seal = seal.inside;
  }

  // The frame up to the value of the block's type.
  JsonOut BeginBlock(Block& block) {
    block.index = next_index_++;
    open_ = block.part;
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
    Block* const block = Find(event.part);
    if (block == nullptr || block->silent || block->stopped) return;
    switch (event.kind) {
      case Event::Kind::kText:
        refusal_ |= block->kind == Part::Kind::kRefusal && !event.text.empty();
        return Say(*block, event.text);
      case Event::Kind::kReasoning:
        return Say(*block, event.text);
      case Event::Kind::kSignature:
        return Sealed(*block, event.mind, event.id, event.text);
      case Event::Kind::kArguments:
        return SayArguments(*block, event.text);
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
  void Delta(Block& block, const PieceWords& words, JsonText text) {
    if (text.empty()) return;
    BeginText(block);
    if (block.index != delta_index_ || words.type != delta_type_) {
      delta_head_.clear();
      std::string& out = *std::exchange(out_, &delta_head_);
      BeginDelta(block, words.type).Key(words.member).out() += '"';
      out_ = &out;
      delta_index_ = block.index;
      delta_type_ = words.type;
    }
    out_->append(delta_head_).append(text.inside).append("\"}}\n\n");
  }

  void Citation(Block& block, std::string_view citation) {
    std::string said;
    JsonOut written(said);
    if (!WriteMessagesCitation(citation, written)) return losses_.Ignored(citation);
    NamePlace(citation, losses_);
    if (HasTurn(block)) return WriteCitation(block, said);
    Count(block, said.size() + sizeof(std::string));
    block.citations.push_back(std::move(said));
  }

  void WriteCitation(Block& block, std::string_view said) {
    JsonOut json = BeginDelta(block, "citations_delta");
    json.Key("citation").Raw(said).Close('}');
    Close(json);
  }

  void End(const Event& event) {
    Block* const block = Find(event.part);
    if (block == nullptr) return;
    if (block->arguments.cut()) names_.emplace_back(event.called);
    if (block->sealable && !block->seal.empty()) HasTurn(*block);
    block->ended = true;
    if (block->waits) return;
    Stop(*block);
    blocks_.erase(blocks_.begin() + (block - blocks_.data()));
    Release();
  }

  void Stop(Block& block) {
    if (block.silent || block.stopped) return;
    if (block.sealable && (block.index >= 0 || !block.seal.empty())) {
      Part thought{.kind = Part::Kind::kReasoning};
      thought.mind = block.mind;
      thought.id = {block.seal_id};
      thought.signature = {block.seal};
      const std::string seal = Seal(thought, Mind::kAnthropic);
      Delta(block, {"signature_delta", "signature"}, {seal});
    }
    if (block.custom) Delta(block, WordsOf(block.kind), {R"(\"})"});
    block.stopped = true;
    if (block.index < 0) return;
    open_ = kNoPart;
    JsonOut json = Open("content_block_stop");
    json.Key("index").Number(block.index);
    Close(json);
  }

  // `tier`: where the provider tells it only now.
  void WriteEnd(std::string_view tier) {
    if (open_ != kNoPart) Stop(*Find(open_));
    for (Block& block : blocks_) {
      if (block.waits) WriteHeld(block);
      Stop(block);
    }
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
  const bool counts_media_;
  const std::uint64_t held_max_;  // bytes
  std::string* out_ = nullptr;    // of the call at hand
  std::vector<Block> blocks_;     // parts that have not ended, or wait
  int open_ = kNoPart;            // the part whose block has begun and not ended
  std::size_t waiting_ = 0;       // blocks that wait
  std::uint64_t held_ = 0;        // bytes of what they have been told
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
