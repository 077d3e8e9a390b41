#include "translate/chat_reader_internal.h"
#include "translate/dialects_internal.h"

namespace translate {
namespace {

using internal::ChatReader;
using wire::JsonCursor;
using wire::JsonValue;

class AnswerReader {
 public:
  explicit AnswerReader(std::string_view body) : reader_(body, answer_.others, answer_.kept) {
    answer_.body = body;
  }

  base::Result<Answer> Read() {
    JsonValue id, object, created, model, choices, usage, tier, error;
    reader_.Collect(answer_.body, {{"id", &id},
                                   {"object", &object},
                                   {"created", &created},
                                   {"model", &model},
                                   {"choices", &choices},
                                   {"usage", &usage},
                                   {"service_tier", &tier},
                                   {"error", &error}});
    if (!error.IsNull()) reader_.Refuse(error.raw, "is there: this is no answer");
    answer_.id = reader_.String(id);
    answer_.model = reader_.String(model);
    answer_.created = created.Int64();
    answer_.service_tier = reader_.String(tier);
    answer_.usage = reader_.ReadUsage(usage, &answer_.media_counts);
    reader_.MakeIds("call_" + std::string(answer_.id.inside) + "_");
    ReadChoices(choices);
    if (const auto outcome = reader_.Outcome(); !outcome) return base::Fail(outcome.error());
    return std::move(answer_);
  }

 private:
  // Several are only answered to who asked for several, which no other dialect can.
  void ReadChoices(const JsonValue& choices) {
    if (!reader_.IsArray(choices)) return reader_.Refuse(answer_.body, "has no choices");
    JsonCursor cursor(choices.raw);
    cursor.EnterArray();
    for (bool first = true; cursor.NextElement(); first = false) {
      const JsonValue choice = cursor.Take();
      if (first && choice.IsObject()) {
        ReadChoice(choice.raw);
      } else {
        reader_.Other(choice);
      }
    }
  }

  void ReadChoice(std::string_view choice) {
    JsonValue index, message, finish, logprobs, stop, matched;
    reader_.Collect(choice, {{"index", &index},
                             {"message", &message},
                             {"finish_reason", &finish},
                             {"logprobs", &logprobs},
                             {"stop_reason", &stop},
                             {"matched_stop", &matched}});
    if (!message.IsObject()) return reader_.Refuse(choice, "has no message");
    Turn turn;
    reader_.ReadAssistant(message.raw, turn);
    answer_.parts = std::move(turn.parts);
    ReadFinish(finish, choice);
    // vLLM and SGLang tell the stop sequence that was met, or the number of a token.
    for (const JsonValue& met : {stop, matched}) {
      if (met.IsString()) {
        answer_.finish.stop_sequence = {met.Inside()};
      } else {
        reader_.Other(met);
      }
    }
    ReadLogprobs(logprobs);
    for (const Part& part : answer_.parts) {
      // A call that was asked for by name ends with `stop` at some providers.
      const bool stopped = answer_.finish.reason == chat::FinishReason::kStop;
      if (part.kind == Part::Kind::kToolCall && stopped)
        answer_.finish.reason = chat::FinishReason::kToolCalls;
      answer_.finish.refused |= part.kind == Part::Kind::kRefusal;
    }
  }

  // A stream that does not say why it ended is broken; an answer may be whole without it, and that it does
  // not say so is named.
  void ReadFinish(const JsonValue& word, std::string_view choice) {
    answer_.finish.word = reader_.String(word);
    answer_.finish.reason = internal::ReadChatFinish(answer_.finish.word);
    answer_.finish.cut = internal::IsChatCut(answer_.finish.word);
    if (!answer_.finish.word.empty()) return;
    answer_.finish.reason = chat::FinishReason::kOther;
    answer_.finish.word = {word.raw.empty() ? choice : word.raw};
  }

  void ReadLogprobs(const JsonValue& logprobs) {
    JsonValue content, refusal;
    if (!logprobs.IsObject()) return reader_.Other(logprobs);
    reader_.Collect(logprobs.raw, {{"content", &content}, {"refusal", &refusal}});
    GiveLogprobs(content, Part::Kind::kText);
    GiveLogprobs(refusal, Part::Kind::kRefusal);
  }

  void GiveLogprobs(const JsonValue& logprobs, Part::Kind kind) {
    if (!reader_.IsArray(logprobs)) return;
    for (Part& part : answer_.parts) {
      if (part.kind != kind) continue;
      part.logprobs_raw = logprobs.raw;
      return;
    }
    reader_.Other(logprobs);
  }

  Answer answer_;
  ChatReader reader_;
};

}  // namespace

base::Result<Answer> ReadChatAnswer(std::string_view body) {
  return AnswerReader(body).Read();
}

}  // namespace translate
