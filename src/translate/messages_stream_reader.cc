#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "translate/carried.h"
#include "translate/dialects_internal.h"
#include "translate/messages_answering_internal.h"
#include "translate/messages_reading_internal.h"
#include "wire/usage_reader.h"

namespace translate::internal {
namespace {

using wire::JsonValue;
using Kind = Event::Kind;

constexpr std::size_t kOpenMax = 64;  // blocks of one stream that have begun and not ended

// A block that has begun.
struct OpenBlock {
  std::int64_t index = 0;  // the stream's
  int part = 0;
  Part::Kind kind = Part::Kind::kText;
  int citations = 0;    // told so far
  std::string input{};  // arguments that came with its beginning, told at its end unless pieces come
};

bool HasMembers(std::string_view object) {
  wire::JsonCursor cursor(object);
  return cursor.EnterObject() && cursor.NextMember();
}

class MessagesStreamReader : public StreamReader {
 public:
  base::Result<void> Read(const wire::SseFrame& frame, std::vector<Event>& events) override {
    if (ended_) return {};
    if (frame.kind == wire::SseKind::kDone) return Invalid("it was called done without a message_stop");
    const JsonValue data{.raw = frame.payload, .kind = wire::JsonKind::kObject};
    others_.clear();
    inputs_.clear();
    reading_.emplace(MessagesReading{frame.payload, others_});
    events_ = &events;
    block_ = -1;
    if (!ReadEvent(data)) {
      return base::Fail(reading_->error ? std::move(*reading_->error)
                                        : base::Error{base::Code::kInvalid, problem_});
    }
    for (const std::string_view other : others_) losses_.Ignored(other);
    return {};
  }

  std::string InAnswer(std::string name) const override {
    for (const std::string_view holder : {"content_block", "delta", "message"}) {
      if (!name.starts_with(holder)) continue;
      const std::string_view rest = std::string_view(name).substr(holder.size());
      if (!rest.empty() && rest.front() != '.' && rest.front() != '[') continue;
      if (block_ >= 0) return "content[" + std::to_string(block_) + "]" + InBlock(rest);
      if (rest.size() > 1) return std::string(rest.substr(rest.starts_with('.') ? 1 : 0));
    }
    return name;
  }

 private:
  // A delta has one citation, the block a list of them.
  std::string InBlock(std::string_view rest) const {
    constexpr std::string_view kCitation = ".citation";
    if (!rest.starts_with(kCitation)) return std::string(rest);
    const std::string_view within = rest.substr(kCitation.size());
    if (!within.empty() && within.front() != '.') return std::string(rest);
    return ".citations[" + std::to_string(citation_) + "]" + std::string(within);
  }

  static base::Result<void> Invalid(std::string what) {
    return base::Fail(base::Code::kInvalid, "the stream of Messages is broken: " + std::move(what));
  }
  bool Broken(std::string what) {
    problem_ = "the stream of Messages is broken: " + std::move(what);
    return false;
  }

  Event& Add(Kind kind) {
    Event& event = events_->emplace_back();
    event.kind = kind;
    return event;
  }
  Event& Add(Kind kind, const OpenBlock& block) {
    Event& event = Add(kind);
    event.part = block.part;
    event.part_kind = block.kind;
    return event;
  }

  bool ReadEvent(const JsonValue& data) {
    enum { kType, kIndex, kMessage, kDelta, kBlock, kUsage, kError, kEventMembers };
    static constexpr std::string_view kNames[] = {"type",          "index", "message", "delta",
                                                  "content_block", "usage", "error"};
    JsonValue values[kEventMembers];
    if (!ReadMembers(*reading_, data, kNames, values)) return false;
    const JsonValue& type = values[kType];
    if (type.TextIs("ping")) {
      Add(Kind::kAlive);
      return true;
    }
    if (type.TextIs("error")) return ReadError(values[kError]);
    if (type.TextIs("message_start")) return ReadStart(values[kMessage]);
    const bool known = type.TextIs("content_block_delta") || type.TextIs("content_block_start") ||
                       type.TextIs("content_block_stop") || type.TextIs("message_delta") ||
                       type.TextIs("message_stop");
    if (!known) {  // a newer one, which clients are told to pass over
      names_.push_back(CleanName(type.IsString() && !type.IsEmptyString() ? type.Inside() : "type"));
      return true;
    }
    if (!started_) return Broken("it has not begun with message_start");
    if (type.TextIs("message_delta")) return ReadEndOfMessage(values[kDelta], values[kUsage]);
    if (type.TextIs("message_stop")) return ReadStop();
    const auto index = values[kIndex].Int64();
    if (!index) return Broken("an event of a block does not say of which");
    block_ = *index;
    if (type.TextIs("content_block_start")) return ReadBlockStart(*index, values[kBlock]);
    const auto block =
        std::find_if(open_.begin(), open_.end(), [&](const OpenBlock& open) { return open.index == *index; });
    if (block == open_.end()) return Broken("a block goes on that has not begun");
    if (type.TextIs("content_block_delta")) return ReadDelta(*block, values[kDelta]);
    EndBlock(*block);
    open_.erase(block);
    return true;
  }

  bool ReadError(const JsonValue& error) {
    static constexpr std::string_view kNames[] = {"type", "message"};
    JsonValue values[2];
    if (error.IsObject() && !ReadMembers(*reading_, error, kNames, values)) return false;
    Event& event = Add(Kind::kError);
    ended_ = true;
    return ReadText(*reading_, values[0], event.error.type) &&
           ReadText(*reading_, values[1], event.error.message);
  }

  bool ReadStart(const JsonValue& message) {
    enum { kId, kModel, kUsage, kMessageMembers = 6 };
    static constexpr std::string_view kNames[kMessageMembers] = {"id",      "model", "usage",
                                                                 "content", "type",  "role"};
    if (started_) return Broken("it begins twice");
    started_ = true;
    JsonValue values[kMessageMembers];
    if (message.raw.empty()) return Broken("message_start has no message");
    if (!ReadMembers(*reading_, message, kNames, values)) return false;
    Event& start = Add(Kind::kStart);
    if (!ReadText(*reading_, values[kId], start.id) || !ReadText(*reading_, values[kModel], start.model) ||
        !ReadUsageExtras(*reading_, values[kUsage], start.service_tier)) {
      return false;
    }
    usage_at_start_ = values[kUsage].raw;
    AddUsage({});
    return true;
  }

  // `end`: the usage of a message_delta; its numbers count instead of those of the start.
  void AddUsage(std::string_view end) {
    if (const auto usage = wire::ReadMessagesUsage(usage_at_start_, end)) Add(Kind::kUsage).usage = *usage;
  }

  bool ReadBlockStart(std::int64_t index, const JsonValue& value) {
    if (value.raw.empty()) return Broken("content_block_start has no content_block");
    for (const OpenBlock& open : open_) {
      if (open.index == index) return Broken("a block begins twice");
    }
    if (open_.size() == kOpenMax) return Broken("more than " + std::to_string(kOpenMax) + " blocks are open");
    whole_ = Part();
    if (!ReadBlock(*reading_, value, whole_)) return false;
    OpenBlock& block = open_.emplace_back();
    block.index = index;
    block.part = parts_++;
    block.kind = whole_.kind;
    if (whole_.kind == Part::Kind::kOther) losses_.Ignored(value.raw);
    Event& begin = Add(Kind::kPartBegin, block);
    switch (whole_.kind) {
      case Part::Kind::kText:
        if (!whole_.text.empty()) Add(Kind::kText, block).text = whole_.text;
        AddCitations(block, whole_.citations_raw);
        break;
      case Part::Kind::kReasoning:
        if (whole_.redacted) {
          begin.whole = &whole_;
          break;
        }
        if (!whole_.text.empty()) Add(Kind::kReasoning, block).text = whole_.text;
        if (!whole_.signature.empty() || whole_.mind != Mind::kNobody) AddSignature(block, whole_);
        break;
      case Part::Kind::kToolCall:
        begin.id = whole_.id;
        begin.name = whole_.name;
        if (HasMembers(whole_.input_raw)) AppendInside(block.input, whole_.input_raw);
        break;
      default:
        begin.whole = &whole_;
        break;
    }
    return true;
  }

  void AddCitations(OpenBlock& block, std::string_view citations) {
    wire::JsonCursor cursor(citations);
    if (citations.empty() || !cursor.EnterArray()) return;
    for (; cursor.NextElement(); ++block.citations) Add(Kind::kCitation, block).raw = cursor.Take().raw;
  }

  void AddSignature(const OpenBlock& block, const Part& sealed) {
    Event& event = Add(Kind::kSignature, block);
    event.text = sealed.signature;
    event.mind = sealed.mind;
    event.id = sealed.id;
  }

  bool ReadDelta(OpenBlock& block, const JsonValue& delta) {
    enum { kType, kText, kThinking, kSignature, kPartialJson, kCitation, kDeltaMembers };
    static constexpr std::string_view kNames[] = {"type",      "text",         "thinking",
                                                  "signature", "partial_json", "citation"};
    if (delta.raw.empty()) return Broken("content_block_delta has no delta");
    JsonValue values[kDeltaMembers];
    if (!ReadMembers(*reading_, delta, kNames, values)) return false;
    const JsonValue& type = values[kType];
    if (block.kind == Part::Kind::kText && type.TextIs("text_delta")) {
      return ReadText(*reading_, values[kText], Add(Kind::kText, block).text);
    }
    if (block.kind == Part::Kind::kText && type.TextIs("citations_delta")) {
      Add(Kind::kCitation, block).raw = values[kCitation].raw;
      citation_ = block.citations++;
    } else if (block.kind == Part::Kind::kReasoning && type.TextIs("thinking_delta")) {
      return ReadText(*reading_, values[kThinking], Add(Kind::kReasoning, block).text);
    } else if (block.kind == Part::Kind::kReasoning && type.TextIs("signature_delta")) {
      JsonText seal;
      if (!ReadText(*reading_, values[kSignature], seal)) return false;
      Part sealed;
      if (!seal.empty()) Unseal(seal, Mind::kAnthropic, sealed);
      if (!seal.empty()) AddSignature(block, sealed);
    } else if (block.kind == Part::Kind::kToolCall && type.TextIs("input_json_delta")) {
      Event& piece = Add(Kind::kArguments, block);
      if (!ReadText(*reading_, values[kPartialJson], piece.text)) return false;
      if (!piece.text.empty()) block.input.clear();
    } else if (block.kind != Part::Kind::kOther) {
      losses_.Ignored(delta.raw);  // a newer kind of piece, named whole
      others_.clear();
    }
    return true;
  }

  void EndBlock(OpenBlock& block) {
    if (!block.input.empty()) {
      Add(Kind::kArguments, block).text = {inputs_.emplace_back(std::move(block.input))};
    }
    Add(Kind::kPartEnd, block);
  }

  bool ReadEndOfMessage(const JsonValue& delta, const JsonValue& usage) {
    static constexpr std::string_view kNames[] = {"stop_reason", "stop_sequence"};
    JsonValue values[2];
    if (!delta.raw.empty() && !ReadMembers(*reading_, delta, kNames, values)) return false;
    JsonText word;
    JsonText sequence;
    if (!ReadText(*reading_, values[0], word) || !ReadText(*reading_, values[1], sequence)) return false;
    if (!word.empty()) {
      finished_ = true;
      Add(Kind::kFinish).finish = ReadMessagesFinish(word, sequence);
    }
    if (usage.raw.empty()) return true;
    AddUsage(usage.raw);
    JsonText tier;
    MessagesReading extras{reading_->body, others_};
    ReadUsageExtras(extras, usage, tier);
    return true;
  }

  bool ReadStop() {
    if (!finished_) return Broken("it ends without a stop_reason");
    for (OpenBlock& block : open_) EndBlock(block);
    open_.clear();
    Add(Kind::kEnd);
    ended_ = true;
    return true;
  }

  bool started_ = false;
  bool finished_ = false;
  bool ended_ = false;
  int parts_ = 0;
  std::vector<OpenBlock> open_;
  std::string usage_at_start_;
  std::string problem_;

  // Of the frame at hand.
  std::int64_t block_ = -1;  // which block it is about
  int citation_ = 0;         // which of its citations
  std::vector<std::string_view> others_;
  std::optional<MessagesReading> reading_;
  std::vector<Event>* events_ = nullptr;
  Part whole_;
  std::deque<std::string> inputs_;
};

}  // namespace
}  // namespace translate::internal

namespace translate {

std::unique_ptr<StreamReader> MakeMessagesStreamReader() {
  return std::make_unique<internal::MessagesStreamReader>();
}

}  // namespace translate
