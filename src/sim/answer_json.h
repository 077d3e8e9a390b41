#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sim/answer.h"

namespace sim {

// The body of an answer that is not a stream.
std::string WriteAnswer(const Answer& answer);

// The usage object in the answer's dialect.
std::string WriteUsage(const Answer& answer);

// The events of an answer that is one. Each is a whole frame, blank line included; views are valid until the
// next call. `answer` outlives this.
class ChunkWriter {
 public:
  explicit ChunkWriter(const Answer& answer);

  std::string_view First(std::size_t choice);  // the role, before any token
  std::string_view Token(std::size_t choice, const Piece& piece);
  std::string_view Finish(std::size_t choice, bool last);  // DeepSeek puts the usage on the last
  std::string_view Usage();                                // the chunk without choices
  static constexpr std::string_view kDone = "data: [DONE]\n\n";

 private:
  void Begin(std::size_t choice);
  std::string_view End(std::string_view finish, std::string_view usage);

  const Answer& answer_;
  std::string head_;
  std::string frame_;
};

}  // namespace sim
