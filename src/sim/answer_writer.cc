#include "sim/answer_writer.h"

#include "sim/chat_writer.h"
#include "sim/messages_writer.h"
#include "sim/responses_writer.h"

namespace sim {

std::unique_ptr<AnswerWriter> MakeAnswerWriter(const Answer& answer) {
  if (SpeaksMessages(answer.dialect)) return std::make_unique<MessagesWriter>(answer);
  if (answer.dialect == Dialect::kResponses) return std::make_unique<ResponsesWriter>(answer);
  return std::make_unique<ChatWriter>(answer);
}

std::string_view SignOfLife(Dialect dialect, bool stream) {
  if (!stream) return "\n";
  return SpeaksMessages(dialect) ? kPingEvent : ": keep-alive\n\n";
}

}  // namespace sim
