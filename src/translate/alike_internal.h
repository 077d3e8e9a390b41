#pragma once

#include <vector>

#include "translate/event.h"
#include "wire/sse.h"
#include "wire/text_shape.h"

namespace translate::internal {

// Where a reader told nothing of a frame but one text or thought, the next frame with the same bytes around
// its own (wire::TextShape) tells the same of that, and need not be read. For readers to whom a frame means
// the same the second time. Belongs to one thread.
class AlikeFrames {
 public:
  // Whether `frame` is the one before with another text. If so, `event` is what it tells.
  bool Fits(const wire::SseFrame& frame, Event& event);

  // What the reader told of a frame that did not fit, and that it had no fault.
  void Keep(const wire::SseFrame& frame, const std::vector<Event>& events);

 private:
  wire::TextShape shape_;
  Event::Kind kind_ = Event::Kind::kText;
  int part_ = 0;
};

}  // namespace translate::internal
