#include <utility>

#include "translate/dialects_internal.h"
#include "translate/messages_answering_internal.h"
#include "translate/messages_reading_internal.h"
#include "wire/usage_reader.h"

namespace translate::internal {
namespace {

using wire::JsonValue;

enum : std::size_t { kType, kRole, kId, kModel, kContent, kStopReason, kStopSequence, kUsage, kMembers };
constexpr std::string_view kNames[kMembers] = {"type",        "role",          "id",   "model", "content",
                                               "stop_reason", "stop_sequence", "usage"};

// The stop_reason of an answer that says none: its null, or the whole answer.
std::string_view Unsaid(std::string_view answer) {
  wire::JsonCursor cursor(answer);
  cursor.EnterObject();
  while (cursor.NextMember()) {
    if (cursor.KeyIs(kNames[kStopReason])) return cursor.Take().raw;
    cursor.Take();
  }
  return answer;
}

class AnswerReader {
 public:
  explicit AnswerReader(std::string_view body) : reading_{body, answer_.others} { answer_.body = body; }

  base::Result<Answer> Read() {
    const JsonValue whole{.raw = reading_.body, .kind = wire::JsonKind::kObject};
    JsonValue values[kMembers];
    if (!ReadMembers(reading_, whole, kNames, values) || !ReadAll(whole, values)) {
      return base::Fail(std::move(*reading_.error));
    }
    return std::move(answer_);
  }

 private:
  bool ReadAll(const JsonValue& whole, const JsonValue (&values)[kMembers]) {
    const JsonValue& type = values[kType];
    if (!type.raw.empty() && !type.TextIs("message")) return reading_.Fail(type.raw, "is not message");
    const JsonValue& content = values[kContent];
    if (!content.IsArray()) return reading_.Fail(whole.raw, "needs content, an array of blocks");
    JsonText word;
    JsonText sequence;
    if (!ReadText(reading_, values[kId], answer_.id) || !ReadText(reading_, values[kModel], answer_.model) ||
        !ReadContent(reading_, content, answer_.parts) || !ReadText(reading_, values[kStopReason], word) ||
        !ReadText(reading_, values[kStopSequence], sequence) ||
        !ReadUsageExtras(reading_, values[kUsage], answer_.service_tier)) {
      return false;
    }
    answer_.finish = ReadMessagesFinish(word, sequence);
    if (word.empty()) {  // a stream would be broken; of an answer that may be whole it is named
      answer_.finish.reason = chat::FinishReason::kOther;
      answer_.finish.word = {Unsaid(reading_.body)};
    }
    if (!values[kUsage].raw.empty()) answer_.usage = wire::ReadMessagesUsage(values[kUsage].raw, {});
    return true;
  }

  Answer answer_;
  MessagesReading reading_;
};

}  // namespace
}  // namespace translate::internal

namespace translate {

base::Result<Answer> ReadMessagesAnswer(std::string_view body) {
  return internal::AnswerReader(body).Read();
}

}  // namespace translate
