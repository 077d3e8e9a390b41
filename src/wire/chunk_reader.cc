#include "wire/chunk_reader.h"

namespace wire {
namespace {

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
  if (frame.kind == SseKind::kDone) return ReadFrame(operation_, frame, sink);
  if (const auto inside = shape_.Find(frame.payload)) {
    if (sink != nullptr) sink->OnText(kind_, *inside);
    return facts_;
  }
  Listener listener(sink);
  auto facts = ReadFrame(operation_, frame, &listener);
  if (!facts || listener.texts != 1 || !SaysOnlyText(*facts)) return facts;
  if (!shape_.Keep(frame.payload, listener.last)) return facts;
  kind_ = listener.last_kind;
  facts_ = *facts;
  facts_.model.raw = shape_.Own(frame.payload, facts_.model.raw);
  facts_.service_tier.raw = shape_.Own(frame.payload, facts_.service_tier.raw);
  return facts;
}

}  // namespace wire
