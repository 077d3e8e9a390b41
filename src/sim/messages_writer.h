#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/answer.h"
#include "sim/answer_writer.h"

namespace sim {

inline constexpr std::string_view kPingEvent = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

// Answers of /messages: one block of thinking with its signature, one of text, one for each tool use. A
// stream says them block by block, with a ping behind the first block's start.
class MessagesWriter final : public AnswerWriter {
 public:
  explicit MessagesWriter(const Answer& answer) : answer_(answer), choice_(answer.choices.front()) {}

  std::string Whole() const override;
  std::optional<Frame> Next() override;

 private:
  enum class Stage : std::uint8_t { kStart, kBlocks, kLast, kStop, kOver };
  enum class Inside : std::uint8_t { kNone, kThinking, kText, kToolUse };  // which block is open

  std::optional<Frame> NextOfBlocks();
  bool Belongs(const Piece& piece) const;  // to the block that is open
  void Open(const Piece& piece);
  void Close();
  void Delta(const Piece& piece);
  Frame Event(std::string_view name, std::string_view json, std::size_t token);

  const Answer& answer_;
  const Choice& choice_;
  std::string frame_;
  std::string json_;
  Stage stage_ = Stage::kStart;
  Inside inside_ = Inside::kNone;
  std::size_t piece_ = 0;  // to come
  std::size_t block_ = 0;  // that is open, or comes next
  std::size_t call_ = 0;   // of an open tool use
  bool pinged_ = false;
  bool signed_ = false;
  bool input_begun_ = false;  // the empty delta that each tool use begins with
};

}  // namespace sim
