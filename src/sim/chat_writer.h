#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/answer.h"
#include "sim/answer_writer.h"

namespace sim {

// OpenAI's and DeepSeek's completions, of chats and of texts. In a stream the choices take turns, a token
// each.
class ChatWriter final : public AnswerWriter {
 public:
  explicit ChatWriter(const Answer& answer);

  std::string Whole() const override;
  std::optional<Frame> Next() override;

 private:
  enum class Stage : std::uint8_t { kTokens, kFinish, kUsage, kDone, kOver };

  std::optional<Frame> NextToken();
  void Begin(std::size_t choice);
  std::string_view End(std::string_view finish, std::string_view usage);
  std::string_view First(std::size_t choice);  // the role, before any token
  std::string_view Token(std::size_t choice, const Piece& piece);
  std::string_view Finish(std::size_t choice);  // DeepSeek puts the usage on the last

  const Answer& answer_;
  std::string head_;
  std::string frame_;
  Stage stage_ = Stage::kTokens;
  std::size_t place_;       // of the token to come, from 1; 0 is the role
  std::size_t choice_ = 0;  // the choice whose turn it is
  std::size_t most_ = 0;    // places of the longest choice
};

// The usage object of a completion.
std::string WriteUsage(const Answer& answer);

}  // namespace sim
