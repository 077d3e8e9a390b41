#pragma once

#include "base/result.h"
#include "chat/endpoint.h"
#include "wire/answer_reader.h"
#include "wire/sse.h"
#include "wire/text_shape.h"

namespace wire {

// Reads the frames of one stream as ReadFrame does, and says the same of each, but reads only the text of
// those that are like the one before (TextShape). Belongs to one thread.
class ChunkReader {
 public:
  explicit ChunkReader(chat::Operation operation) : operation_(operation) {}
  ChunkReader(const ChunkReader&) = delete;
  ChunkReader& operator=(const ChunkReader&) = delete;

  // The views of what it gives back are valid until the next call, and as long as the frame's.
  base::Result<AnswerFacts> Read(const SseFrame& frame, TextSink* sink = nullptr);

 private:
  const chat::Operation operation_;
  TextShape shape_;
  TextKind kind_ = TextKind::kContent;  // of the text of what is kept
  AnswerFacts facts_;                   // and what else it says: views of the shape
};

}  // namespace wire
