#pragma once

#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "translate/form.h"
#include "wire/json_scanner.h"

namespace translate::internal {

// What the readers of requests, answers and chunks of chat completions share: members are taken where they
// stand, what nobody here knows is put among the form's `others`, and of what cannot be understood the first
// is told. The body and the form must outlive this.
class ChatReader {
 public:
  // All are the form's that is being filled; an answer has no hints.
  ChatReader(std::string_view body, std::vector<std::string_view>& others, std::deque<std::string>& kept,
             std::vector<std::string_view>* hints = nullptr)
      : body_(body), others_(others), kept_(kept), hints_(hints) {}

  struct Slot {
    std::string_view name;
    wire::JsonValue* value;
  };
  // Takes the members of `object`, an object's text, into the slots of their names. One that stands there
  // twice is refused, and so is what is not well formed. Anything but an object has no members.
  void Collect(std::string_view object, std::initializer_list<Slot> slots);

  // Puts a value among the others unless it is absent or null.
  void Other(const wire::JsonValue& value) {
    if (!value.IsNull()) others_.push_back(value.raw);
  }

  // The same for what changes nothing of the answer.
  void Hint(const wire::JsonValue& value) {
    if (hints_ != nullptr && !value.IsNull()) hints_->push_back(value.raw);
  }

  // The first refusal counts: "'<name of where>' <what>", as in "'messages[2].role' must be a string".
  void Refuse(std::string_view where, std::string_view what);
  bool Refused() const { return !problem_.empty(); }
  base::Result<void> Outcome() const;

  // Values of a kind; what is of another is refused. Absent and null are empty.
  JsonText String(const wire::JsonValue& value);
  std::string_view Object(const wire::JsonValue& value);  // {} is empty too
  std::string_view Number(const wire::JsonValue& value);
  bool Truth(const wire::JsonValue& value, bool otherwise);
  bool IsArray(const wire::JsonValue& value);  // an array that is not empty

  // The text parts, images and so on of a `content`: a string or a list of parts. An empty string is a part
  // only if `keep_empty`.
  void ReadContent(const wire::JsonValue& content, bool keep_empty, std::vector<Part>& parts);

  // All that an assistant says, of a request or an answer, into `turn`: thoughts, text, refusal, calls.
  void ReadAssistant(std::string_view message, Turn& turn);

  // The counts of an answer. What is counted apart within them goes to the others where no other dialect
  // tells it (predictions), and to `apart`, which may be null, where only OpenAI's tell it (sounds and
  // pictures), unless it is 0.
  std::optional<chat::Usage> ReadUsage(const wire::JsonValue& usage, std::vector<std::string_view>* apart);

  // Calls without an id are given one that begins with `prefix`, instead of being refused.
  void MakeIds(std::string prefix) { made_ids_ = std::move(prefix); }

 private:
  void ReadToolCalls(const wire::JsonValue& calls, std::vector<Part>& parts);
  void ReadPart(std::string_view raw, std::vector<Part>& parts);
  void ReadImage(const wire::JsonValue& image, Media& media);
  void ReadAudio(const wire::JsonValue& audio, Media& media);
  void ReadFile(const wire::JsonValue& file, Media& media);
  void ReadToolCall(std::string_view raw, std::vector<Part>& parts);
  void ReadFunctionCall(std::string_view raw, std::vector<Part>& parts);
  class Thoughts;
  void NameOtherThought(const wire::JsonValue& words, const std::vector<Part>& blocks);
  void ReadThoughtBlocks(std::string_view blocks, std::vector<Part>& parts);
  void ReadThoughtBlock(std::string_view block, Thoughts& thoughts);
  JsonText ThoughtText(const wire::JsonValue& text);

  std::string_view body_;
  std::vector<std::string_view>& others_;
  std::deque<std::string>& kept_;
  std::vector<std::string_view>* const hints_;
  std::string problem_;
  std::string made_ids_;
  std::size_t function_calls_ = 0;
};

// The word of a finish_reason.
chat::FinishReason ReadChatFinish(JsonText word);
// Whether it is one of those for an answer that its server gave up.
bool IsChatCut(JsonText word);

}  // namespace translate::internal
