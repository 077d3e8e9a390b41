#include <string>

#include "translate/carried.h"
#include "translate/dialects_internal.h"
#include "translate/messages_answering_internal.h"
#include "translate/quote_internal.h"
#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

class AnswerWriter {
 public:
  AnswerWriter(const Answer& answer, const Between& between, std::string& out, Losses& losses)
      : answer_(answer), between_(between), json_(out), losses_(losses) {}

  void Write() {
    json_.Open('{').Key("id");
    if (answer_.id.empty()) {
      json_.Plain("msg_" + std::string(between_.request_id));
    } else {
      json_.Text(answer_.id);
    }
    json_.Key("type").Plain("message").Key("role").Plain("assistant");
    json_.Key("model").Text(answer_.model).Key("content").Open('[');
    for (const Part& part : answer_.parts) WritePart(part);
    json_.Close(']');
    WriteMessagesFinish(answer_.finish, calls_, refusal_, json_);
    NameMessagesFinish(answer_.finish, losses_);
    const std::string_view tier = MessagesTier(answer_.service_tier);
    if (tier.empty() && !answer_.service_tier.empty()) losses_.Ignored(answer_.service_tier.inside);
    WriteMessagesUsage(answer_.usage, tier, json_);
    json_.Close('}');
    for (const auto* list : {&answer_.media_counts, &answer_.others}) {
      for (const std::string_view one : *list) losses_.Ignored(one);
    }
  }

 private:
  void WritePart(const Part& part) {
    switch (part.kind) {
      case Part::Kind::kRefusal:
        refusal_ |= !part.text.empty();
        return WriteText(part);
      case Part::Kind::kText:
        return WriteText(part);
      case Part::Kind::kReasoning:
        return WriteThought(part);
      case Part::Kind::kToolCall:
        calls_ = true;
        json_.Open('{').Key("type").Plain("tool_use").Key("id").Text(part.id).Key("name").Text(part.name);
        json_.Key("input");
        if (!WriteCallInput(part, json_)) losses_.Ignored(part.arguments.inside);
        json_.Close('}');
        return;
      case Part::Kind::kImage:
      case Part::Kind::kDocument:
      case Part::Kind::kAudio:
      case Part::Kind::kToolResult:
      case Part::Kind::kOther:
        losses_.Cannot(part.raw);
        return;
    }
  }

  void WriteText(const Part& part) {
    if (!part.logprobs_raw.empty()) losses_.Ignored(part.logprobs_raw);
    if (part.text.empty()) return;
    json_.Open('{').Key("type").Plain("text").Key("text").Text(part.text);
    if (!part.citations_raw.empty()) WriteCitations(part);
    json_.Close('}');
  }

  void WriteCitations(const Part& part) {
    const std::size_t mark = json_.out().size();
    json_.Key("citations").Open('[');
    bool any = false;
    wire::JsonCursor cursor(part.citations_raw);
    for (const bool inside = cursor.EnterArray(); inside && cursor.NextElement();) {
      const std::string_view annotation = cursor.Take().raw;
      const bool said = WriteMessagesCitation(annotation, json_);
      if (said) {
        NamePlace(annotation, losses_);
      } else {
        losses_.Ignored(annotation);
      }
      any |= said;
    }
    json_.Close(']');
    if (!any) json_.out().resize(mark);
  }

  void WriteThought(const Part& part) {
    if (part.redacted && part.mind == Mind::kAnthropic) {
      json_.Open('{').Key("type").Plain("redacted_thinking").Key("data").Text(part.signature).Close('}');
      return;
    }
    if (part.text.empty() && part.signature.empty()) return;
    json_.Open('{').Key("type").Plain("thinking").Key("thinking").Text(part.text);
    json_.Key("signature").Text({Seal(part, Mind::kAnthropic)}).Close('}');
  }

  const Answer& answer_;
  const Between& between_;
  JsonOut json_;
  Losses& losses_;
  bool calls_ = false;
  bool refusal_ = false;
};

}  // namespace
}  // namespace translate::internal

namespace translate {

void WriteMessagesAnswer(const Answer& answer, const Between& between, std::string& out, Losses& losses) {
  internal::AnswerWriter(answer, between, out, losses).Write();
}

}  // namespace translate
