#include <algorithm>

#include "translate/chat_reader_internal.h"
#include "translate/losses.h"
#include "wire/usage_reader.h"

namespace translate::internal {

using wire::JsonCursor;
using wire::JsonValue;

void ChatReader::Collect(std::string_view object, std::initializer_list<Slot> slots) {
  JsonCursor cursor(object);
  if (!cursor.EnterObject()) return;
  while (cursor.NextMember()) {
    const auto slot =
        std::find_if(slots.begin(), slots.end(), [&](const Slot& s) { return cursor.KeyIs(s.name); });
    const JsonValue value = cursor.Take();
    if (slot == slots.end()) {
      Other(value);
    } else if (!slot->value->raw.empty()) {
      Refuse(value.raw, "is there twice; write it once");
    } else {
      *slot->value = value;
    }
  }
  if (!cursor.End()) Refuse(object, "is not well-formed JSON");
}

void ChatReader::Refuse(std::string_view where, std::string_view what) {
  if (problem_.empty()) problem_ = QuotedPath(body_, where) + " " + std::string(what);
}

base::Result<void> ChatReader::Outcome() const {
  if (!problem_.empty()) return base::Fail(base::Code::kInvalid, problem_);
  return {};
}

JsonText ChatReader::String(const JsonValue& value) {
  if (value.IsString()) return {value.Inside()};
  if (!value.IsNull()) Refuse(value.raw, "must be a string");
  return {};
}

std::string_view ChatReader::Object(const JsonValue& value) {
  if (value.IsObject()) {
    JsonCursor cursor(value.raw);
    return cursor.EnterObject() && cursor.NextMember() ? value.raw : std::string_view();
  }
  if (!value.IsNull()) Refuse(value.raw, "must be an object");
  return {};
}

std::string_view ChatReader::Number(const JsonValue& value) {
  if (value.kind == wire::JsonKind::kNumber) return value.raw;
  if (!value.IsNull()) Refuse(value.raw, "must be a number");
  return {};
}

bool ChatReader::Truth(const JsonValue& value, bool otherwise) {
  if (value.IsNull()) return otherwise;
  const auto truth = value.Bool();
  if (!truth) Refuse(value.raw, "must be true or false");
  return truth.value_or(otherwise);
}

bool ChatReader::IsArray(const JsonValue& value) {
  if (!value.IsArray() && !value.IsNull()) Refuse(value.raw, "must be a list");
  return value.IsArray() && !value.IsEmptyArray();
}

std::optional<chat::Usage> ChatReader::ReadUsage(const JsonValue& usage,
                                                 std::vector<std::string_view>* apart) {
  if (!usage.IsObject()) return std::nullopt;
  JsonCursor cursor(usage.raw);
  cursor.EnterObject();
  while (cursor.NextMember()) {
    const bool details = cursor.KeyIs("prompt_tokens_details") || cursor.KeyIs("completion_tokens_details");
    if (!details || !cursor.EnterObject()) continue;
    while (cursor.NextMember()) {
      const bool media = cursor.KeyIs("audio_tokens") || cursor.KeyIs("image_tokens");
      const bool rare = cursor.KeyIs("text_tokens") || cursor.KeyIs("accepted_prediction_tokens") ||
                        cursor.KeyIs("rejected_prediction_tokens");
      const JsonValue count = cursor.Take();
      if (count.Int64().value_or(0) == 0) continue;
      if (rare) Other(count);
      if (media && apart != nullptr) apart->push_back(count.raw);
    }
  }
  return wire::ReadUsage(usage.raw);
}

chat::FinishReason ReadChatFinish(JsonText word) {
  using enum chat::FinishReason;
  if (word.empty()) return kNone;
  if (word.Is("stop")) return kStop;
  if (word.Is("length")) return kLength;
  if (word.Is("tool_calls") || word.Is("function_call")) return kToolCalls;
  if (word.Is("content_filter")) return kContentFilter;
  if (word.Is("insufficient_system_resource")) return kInsufficientResource;
  return kOther;
}

bool IsChatCut(JsonText word) {
  return word.Is("abort") || word.Is("error");
}

}  // namespace translate::internal
