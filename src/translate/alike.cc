#include <functional>

#include "translate/alike_internal.h"
#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

constexpr int kMissesMax = 8;  // so many in a row, and the frames of the stream are not alike
constexpr std::size_t kShapeBytesMax = 4096;

bool LiesWithin(std::string_view inner, std::string_view outer) {
  const std::less<const char*> before;
  return before(outer.data(), inner.data()) &&
         before(inner.data() + inner.size(), outer.data() + outer.size());
}

}  // namespace

bool AlikeFrames::Fits(const wire::SseFrame& frame, Event& event) {
  const std::string_view payload = frame.payload;
  if (!shape_ || frame.kind != wire::SseKind::kData || !payload.starts_with(shape_->before)) return false;
  wire::JsonCursor cursor(payload.substr(shape_->before.size()));
  if (!cursor.AtString()) return false;
  const wire::JsonValue text = cursor.Take();
  if (!text.IsString() || text.IsEmptyString()) return false;
  if (payload.substr(shape_->before.size() + text.raw.size()) != shape_->behind) return false;
  misses_ = 0;
  event.kind = shape_->kind;
  event.part = shape_->part;
  event.text = {text.Inside()};
  return true;
}

void AlikeFrames::Keep(const wire::SseFrame& frame, const std::vector<Event>& events) {
  shape_.reset();
  if (misses_ >= kMissesMax) return;
  ++misses_;
  if (frame.kind != wire::SseKind::kData || events.size() != 1) return;
  const Event& event = events.front();
  const std::string_view text = event.text.inside;
  const bool is_text = event.kind == Event::Kind::kText || event.kind == Event::Kind::kReasoning;
  if (!is_text || text.empty() || !LiesWithin(text, frame.payload)) return;
  if (frame.payload.size() - text.size() > kShapeBytesMax) return;
  const auto quote = static_cast<std::size_t>(text.data() - frame.payload.data()) - 1;
  const std::size_t end = quote + text.size() + 2;
  if (frame.payload[quote] != '"' || frame.payload[end - 1] != '"') return;
  shape_.emplace(Shape{.before = std::string(frame.payload.substr(0, quote)),
                       .behind = std::string(frame.payload.substr(end)),
                       .kind = event.kind,
                       .part = event.part});
}

}  // namespace translate::internal
