#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/answer.h"

namespace sim {

// A part of a stream that is sent at once: one event, blank line included.
struct Frame {
  std::string_view bytes;  // valid until the next call
  std::size_t token = 0;   // comes with this token of the answer, counted from 1; 0: before all of them
  bool tells_all = false;  // how the answer ended and what it costs: who goes after it was not kept waiting
};

// How one dialect says what was decided to be answered. It neither waits nor fails: pace and faults are the
// service's. One answer is said once, whole or as a stream.
class AnswerWriter {
 public:
  virtual ~AnswerWriter() = default;

  // The body of an answer that is not a stream.
  virtual std::string Whole() const = 0;

  // The next part of the stream, its end included; none after that.
  virtual std::optional<Frame> Next() = 0;
};

// The writer of the answer's dialect. `answer` outlives it.
std::unique_ptr<AnswerWriter> MakeAnswerWriter(const Answer& answer);

// What is sent while nothing can be answered yet: within a stream, or before an answer that is none.
std::string_view SignOfLife(Dialect dialect, bool stream);

}  // namespace sim
