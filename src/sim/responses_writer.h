#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "sim/answer.h"
#include "sim/answer_writer.h"

namespace sim {

// OpenAI's responses: items of thought, message and calls, and the numbered events that they grow by.
class ResponsesWriter final : public AnswerWriter {
 public:
  explicit ResponsesWriter(const Answer& answer);

  std::string Whole() const override;
  std::optional<Frame> Next() override;

 private:
  enum class Stage : std::uint8_t { kStart, kThought, kItems, kLast, kOver };
  enum class Open : std::uint8_t { kNone, kMessage, kCall };

  struct Event {
    std::string bytes;
    std::size_t token = 0;
  };

  void Advance();  // says at least one event, or goes on to the next stage
  void SayThought();
  void SaySummary();
  void SayNextPiece();
  void OpenMessage();
  void OpenCall(std::size_t call);
  void Close();
  void SayLast();
  void Say(std::string_view name, std::string_view members, std::size_t token);
  void SayItem(std::string_view name, std::string_view item, std::size_t token);
  void SayPart(std::string_view name, std::string_view part);
  void SayDelta(std::string_view name, std::string_view delta, std::string_view more, std::size_t token);
  std::string Place(std::string_view item_id) const;  // members that say which item an event is about
  const std::string& OpenId() const;

  const Answer& answer_;
  const Choice& choice_;
  const bool has_message_;
  std::deque<Event> events_;  // said and not yet sent
  std::string frame_;
  Stage stage_ = Stage::kStart;
  Open open_ = Open::kNone;
  std::size_t number_ = 0;  // of the event to come
  std::size_t piece_ = 0;   // to come
  std::size_t item_ = 0;    // that is open, or comes next
  std::size_t call_ = 0;    // of an open call
};

}  // namespace sim
