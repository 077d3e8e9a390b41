#include "translate/carried.h"
#include "translate/dialects_internal.h"
#include "translate/quote_internal.h"
#include "translate/responses_shell_internal.h"
#include "wire/json_scanner.h"
#include "wire/json_string.h"

namespace translate {
namespace {

class AnswerWriter {
 public:
  AnswerWriter(const Answer& answer, const Between& between, std::string& out, Losses& losses)
      : answer_(answer), shell_(between), out_(out), losses_(losses) {}

  void Write() {
    const internal::Shell::Told told{.ended = true,
                                     .model = answer_.model,
                                     .service_tier = answer_.service_tier,
                                     .created = answer_.created,
                                     .finish = answer_.finish,
                                     .usage = answer_.usage};
    last_status_ = internal::Shell::StatusOf(told) == "completed" ? "completed" : "incomplete";
    for (std::size_t i = 0; i < answer_.parts.size(); ++i) {
      if (!IsEmpty(answer_.parts[i])) end_ = i + 1;
    }
    std::string output = " ";
    JsonOut items(output);
    WriteItems(items);
    JsonOut json(out_);
    shell_.Write(told, std::string_view(output).substr(1), json);
    for (const std::string_view other : answer_.others) losses_.Cannot(other);
    const Finish& finish = answer_.finish;
    if (!finish.stop_sequence.empty()) losses_.Cannot(finish.stop_sequence.inside);
    if (finish.reason == chat::FinishReason::kOther) losses_.Cannot(finish.word.inside);
  }

 private:
  static bool IsSaid(const Part& part) {
    return part.kind == Part::Kind::kText || part.kind == Part::Kind::kRefusal;
  }

  // A text or thought that says nothing: other dialects have one where there is none.
  static bool IsEmpty(const Part& part) {
    if (!part.text.empty()) return false;
    return IsSaid(part) || (part.kind == Part::Kind::kReasoning && part.signature.empty());
  }

  void WriteItems(JsonOut& json) {
    const std::vector<Part>& parts = answer_.parts;
    for (std::size_t i = 0; i < end_; ++i) {
      const Part& part = parts[i];
      if (IsEmpty(part)) continue;
      if (IsSaid(part)) {
        std::size_t end = i + 1;
        while (end < end_ && (IsSaid(parts[end]) || IsEmpty(parts[end]))) ++end;
        internal::OpenMessage(NextId("msg_"), Status(end), json);
        for (; i < end; ++i) {
          if (!IsEmpty(parts[i])) WriteSaid(parts[i], json);
        }
        internal::CloseMessage(json);
        --i;
      } else if (part.kind == Part::Kind::kReasoning) {
        const bool named = part.mind == Mind::kOpenai && !part.id.empty();
        const std::string made = NextId("rs_");
        const std::string id = named ? part.id.Plain() : made;
        internal::WriteThought(id, Status(i + 1), part.text, Seal(part, Mind::kOpenai), json);
      } else if (part.kind == Part::Kind::kToolCall) {
        Part call = part;
        if (!call.custom && call.input_raw.empty() && call.arguments.empty()) call.arguments = {"{}"};
        internal::WriteCallItem(NextId(internal::CallPrefix(part.custom)), Status(i + 1), call, json);
      } else {
        losses_.Cannot(part.raw, "only the API it was written for knows such a part");
      }
    }
  }

  void WriteSaid(const Part& part, JsonOut& json) {
    std::string annotations = " ";
    JsonOut list(annotations);
    wire::JsonCursor cursor(part.citations_raw);
    if (!part.citations_raw.empty() && cursor.EnterArray()) {
      const std::size_t characters = wire::CountCharacters(part.text.inside);
      while (cursor.NextElement()) {
        const std::string_view citation = cursor.Take().raw;
        if (internal::WriteAnnotation(citation, characters, list)) {
          internal::NameQuote(citation, losses_);
        } else {
          losses_.Cannot(citation);
        }
      }
    }
    internal::WriteContentPart(part.kind, part.text, std::string_view(annotations).substr(1),
                               part.logprobs_raw, json);
  }

  // Only the last item can have been cut.
  std::string_view Status(std::size_t next) const {
    return next == end_ ? last_status_ : std::string_view("completed");
  }

  std::string NextId(std::string_view prefix) { return shell_.ItemId(prefix, items_++); }

  const Answer& answer_;
  const internal::Shell shell_;
  std::string& out_;
  Losses& losses_;
  std::string_view last_status_;
  std::size_t items_ = 0;
  std::size_t end_ = 0;  // behind the last part that says something
};

}  // namespace

void WriteResponsesAnswer(const Answer& answer, const Between& between, std::string& out, Losses& losses) {
  AnswerWriter(answer, between, out, losses).Write();
}

}  // namespace translate
