#include "translate/alike_internal.h"

namespace translate::internal {

bool AlikeFrames::Fits(const wire::SseFrame& frame, Event& event) {
  if (frame.kind != wire::SseKind::kData) return false;
  const auto inside = shape_.Find(frame.payload);
  if (!inside) return false;
  event.kind = kind_;
  event.part = part_;
  event.text = {*inside};
  return true;
}

void AlikeFrames::Keep(const wire::SseFrame& frame, const std::vector<Event>& events) {
  shape_.Forget();
  if (frame.kind != wire::SseKind::kData || events.size() != 1) return;
  const Event& event = events.front();
  const bool is_text = event.kind == Event::Kind::kText || event.kind == Event::Kind::kReasoning;
  if (!is_text || !shape_.Keep(frame.payload, event.text.inside)) return;
  kind_ = event.kind;
  part_ = event.part;
}

}  // namespace translate::internal
