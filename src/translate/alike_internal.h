#pragma once

#include <optional>
#include <string>
#include <vector>

#include "translate/event.h"
#include "wire/sse.h"

namespace translate::internal {

// Most frames of a stream differ from the one before in the inside of one string only, a piece of text or of
// a thought. Where a reader told nothing else of a frame, the next one with the same bytes around its string
// tells the same of that string, and need not be read. For readers to whom a frame means the same the second
// time. Belongs to one thread.
class AlikeFrames {
 public:
  // Whether `frame` is the one before with another text. If so, `event` is what it tells.
  bool Fits(const wire::SseFrame& frame, Event& event);

  // What the reader told of a frame that did not fit, and that it had no fault.
  void Keep(const wire::SseFrame& frame, const std::vector<Event>& events);

 private:
  struct Shape {
    std::string before;  // up to the quote that the text begins behind
    std::string behind;  // from behind the quote that ends it
    Event::Kind kind = Event::Kind::kText;
    int part = 0;
  };
  std::optional<Shape> shape_;
  int misses_ = 0;  // frames in a row that did not fit
};

}  // namespace translate::internal
