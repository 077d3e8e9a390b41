#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/endpoint.h"
#include "wire/answer_reader.h"
#include "wire/sse.h"

namespace wire {

// Reads the frames of one stream as ReadFrame does, and says the same of each. Most chunks of a stream differ
// from the one before in the inside of one string, the text: where the bytes before and behind it are the
// same, so is everything that they say, and only the string is read. Belongs to one thread.
class ChunkReader {
 public:
  explicit ChunkReader(chat::Operation operation) : operation_(operation) {}
  ChunkReader(const ChunkReader&) = delete;
  ChunkReader& operator=(const ChunkReader&) = delete;

  // The views of what it gives back are valid until the next call, and as long as the frame's.
  base::Result<AnswerFacts> Read(const SseFrame& frame, TextSink* sink = nullptr);

 private:
  // A chunk around its text.
  struct Shape {
    std::string before;  // up to the quote that the text begins behind
    std::string behind;  // from behind the quote that ends it
    TextKind kind = TextKind::kContent;
    AnswerFacts facts;  // views of the two
  };

  bool Fits(std::string_view payload, TextSink* sink) const;
  void Keep(std::string_view payload, std::string_view inside, TextKind kind, const AnswerFacts& facts);

  const chat::Operation operation_;
  int misses_ = 0;  // chunks in a row that did not fit
  std::optional<Shape> shape_;
};

}  // namespace wire
