#include "wire/chunk_reader.h"

namespace wire {
namespace {

constexpr int kMissesMax = 8;  // so many in a row, and the stream's chunks are not alike
constexpr std::size_t kShapeBytesMax = 4096;

// Passes the texts on and keeps the last one.
class Listener final : public TextSink {
 public:
  explicit Listener(TextSink* sink) : sink_(sink) {}

  void OnText(TextKind kind, std::string_view inside) override {
    ++texts;
    last = inside;
    last_kind = kind;
    if (sink_ != nullptr) sink_->OnText(kind, inside);
  }

  int texts = 0;
  std::string_view last{};
  TextKind last_kind = TextKind::kContent;

 private:
  TextSink* const sink_;
};

// Whether a chunk says nothing that the bytes around its text would not say again.
bool SaysOnlyText(const AnswerFacts& facts) {
  return facts.has_text && !facts.choices_empty && facts.finish == chat::FinishReason::kNone &&
         facts.usage.empty() && facts.tool_usage.empty() && facts.searches == 0 && facts.images == 0 &&
         facts.speed.raw.empty() && !facts.sign_of_life && !facts.ends && !facts.error &&
         !facts.sequence_number;
}

}  // namespace

base::Result<AnswerFacts> ChunkReader::Read(const SseFrame& frame, TextSink* sink) {
  if (frame.kind == SseKind::kDone || misses_ >= kMissesMax) return ReadFrame(operation_, frame, sink);
  if (shape_ && Fits(frame.payload, sink)) {
    misses_ = 0;
    return shape_->facts;
  }
  ++misses_;
  Listener listener(sink);
  auto facts = ReadFrame(operation_, frame, &listener);
  if (facts && listener.texts == 1 && SaysOnlyText(*facts)) {
    Keep(frame.payload, listener.last, listener.last_kind, *facts);
  }
  return facts;
}

// Whether the payload is the kept chunk with another text, which is then told.
bool ChunkReader::Fits(std::string_view payload, TextSink* sink) const {
  if (!payload.starts_with(shape_->before)) return false;
  JsonCursor cursor(payload.substr(shape_->before.size()));
  if (!cursor.AtString()) return false;
  const JsonValue text = cursor.Take();
  if (!text.IsString() || text.IsEmptyString()) return false;
  if (payload.substr(shape_->before.size() + text.raw.size()) != shape_->behind) return false;
  if (sink != nullptr) sink->OnText(shape_->kind, text.Inside());
  return true;
}

void ChunkReader::Keep(std::string_view payload, std::string_view inside, TextKind kind,
                       const AnswerFacts& facts) {
  shape_.reset();
  if (payload.size() - inside.size() > kShapeBytesMax) return;
  const auto quote = static_cast<std::size_t>(inside.data() - payload.data()) - 1;
  const std::size_t end = quote + inside.size() + 2;
  Shape& shape = shape_.emplace(Shape{.before = std::string(payload.substr(0, quote)),
                                      .behind = std::string(payload.substr(end)),
                                      .kind = kind,
                                      .facts = facts});
  const auto move = [&](std::string_view& view) {
    if (view.empty()) return;
    const auto at = static_cast<std::size_t>(view.data() - payload.data());
    view = at < quote ? std::string_view(shape.before).substr(at, view.size())
                      : std::string_view(shape.behind).substr(at - end, view.size());
  };
  move(shape.facts.model.raw);
  move(shape.facts.service_tier.raw);
}

}  // namespace wire
