#include "translate/told_whole_internal.h"

#include "translate/messages_answering_internal.h"
#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

class Teller {
 public:
  Teller(const Answer& answer, StreamWriter& writer, std::string& out, Losses& losses)
      : answer_(answer), writer_(writer), out_(out), losses_(losses) {}

  base::Result<void> Tell() {
    Say({.kind = Event::Kind::kStart,
         .id = answer_.id,
         .model = answer_.model,
         .service_tier = answer_.service_tier,
         .created = answer_.created});
    for (const Part& part : answer_.parts) TellPart(part);
    Say({.kind = Event::Kind::kFinish, .finish = answer_.finish});
    if (answer_.usage) Say({.kind = Event::Kind::kUsage, .usage = *answer_.usage});
    Say({.kind = Event::Kind::kEnd});
    for (const std::string_view other : answer_.others) losses_.Ignored(other);
    return std::move(said_);
  }

 private:
  void Say(const Event& event) {
    if (said_) said_ = writer_.Write(event, out_);
  }

  void TellPart(const Part& part) {
    const bool known = part.kind == Part::Kind::kText || part.kind == Part::Kind::kRefusal ||
                       part.kind == Part::Kind::kReasoning || part.kind == Part::Kind::kToolCall;
    if (!known) return losses_.Ignored(part.raw);
    const int number = parts_++;
    const bool redacted = part.kind == Part::Kind::kReasoning && part.redacted;
    Say({.kind = Event::Kind::kPartBegin,
         .part = number,
         .part_kind = part.kind,
         .custom = part.custom,
         .id = part.id,
         .name = part.name,
         .mind = part.mind,
         .whole = redacted ? &part : nullptr});
    if (part.kind == Part::Kind::kToolCall) {
      TellArguments(number, part);
    } else if (part.kind == Part::Kind::kReasoning) {
      if (!redacted) TellThought(number, part);
    } else {
      TellText(number, part);
    }
    Say({.kind = Event::Kind::kPartEnd, .part = number});
    for (const std::string& name : writer_.names()) {
      if (name.empty()) losses_.Ignored(part.arguments.inside);  // of arguments that are no object
    }
    std::erase(writer_.names(), std::string());
  }

  void TellText(int number, const Part& part) {
    if (!part.text.empty()) Say({.kind = Event::Kind::kText, .part = number, .text = part.text});
    if (!part.logprobs_raw.empty()) {
      Say({.kind = Event::Kind::kLogprobs, .part = number, .raw = part.logprobs_raw});
    }
    wire::JsonCursor cursor(part.citations_raw);
    if (part.citations_raw.empty() || !cursor.EnterArray()) return;
    while (cursor.NextElement()) {
      Say({.kind = Event::Kind::kCitation, .part = number, .raw = cursor.Take().raw});
    }
  }

  void TellThought(int number, const Part& part) {
    if (!part.text.empty()) Say({.kind = Event::Kind::kReasoning, .part = number, .text = part.text});
    if (part.signature.empty() && part.mind == Mind::kNobody) return;
    Say({.kind = Event::Kind::kSignature,
         .part = number,
         .id = part.id,
         .text = part.signature,
         .mind = part.mind});
  }

  void TellArguments(int number, const Part& part) {
    std::string inside;
    if (!part.input_raw.empty()) AppendInside(inside, part.input_raw);
    const JsonText arguments = part.input_raw.empty() ? part.arguments : JsonText{inside};
    if (!arguments.empty()) Say({.kind = Event::Kind::kArguments, .part = number, .text = arguments});
  }

  const Answer& answer_;
  StreamWriter& writer_;
  std::string& out_;
  Losses& losses_;
  base::Result<void> said_;
  int parts_ = 0;
};

}  // namespace

base::Result<void> TellWhole(const Answer& answer, StreamWriter& writer, std::string& out, Losses& losses) {
  return Teller(answer, writer, out, losses).Tell();
}

}  // namespace translate::internal
