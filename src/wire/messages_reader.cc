#include "wire/answer_reader_internal.h"

namespace wire::internal {
namespace {

chat::FinishReason ReadStopReason(const JsonValue& value) {
  using enum chat::FinishReason;
  if (!value.IsString()) return kNone;
  const std::string_view word = value.Inside();
  if (word == "end_turn" || word == "stop_sequence") return kStop;
  if (word == "max_tokens" || word == "model_context_window_exceeded") return kLength;
  if (word == "tool_use") return kToolCalls;
  if (word == "refusal") return kContentFilter;
  return word.empty() ? kNone : kOther;
}

// Walks one answer or event with a single cursor. What an event is shows in the members it has; `type` is
// looked at only for events that have no other.
class MessagesReader {
 public:
  MessagesReader(std::string_view text, TextSink* sink) : cursor_(text), sink_(sink) {}

  base::Result<AnswerFacts> Read() {
    const auto walked = WalkAnswer(cursor_, [this] { ReadMember(); });
    if (!walked) return base::Fail(walked.error());
    return facts_;
  }

 private:
  void ReadMember() {
    if (cursor_.KeyIs("type")) {
      const JsonValue type = cursor_.Take();
      facts_.sign_of_life = type.TextIs("ping");
      facts_.ends = type.TextIs("message_stop");
    } else if (cursor_.KeyIs("message")) {
      if (!cursor_.EnterObject()) return;
      while (cursor_.NextMember()) ReadMessageMember();
    } else if (cursor_.KeyIs("delta")) {
      if (!cursor_.EnterObject()) return;
      while (cursor_.NextMember()) ReadDeltaMember();
    } else if (cursor_.KeyIs("content_block")) {
      ReadBlock();
    } else if (cursor_.KeyIs("error")) {
      facts_.error = ReadErrorFacts(cursor_.Take());
    } else {
      ReadMessageMember();
    }
  }

  // Of a whole answer, or of the message that a stream begins with.
  void ReadMessageMember() {
    if (cursor_.KeyIs("content")) {
      if (!cursor_.EnterArray()) return;
      while (cursor_.NextElement()) ReadBlock();
    } else if (cursor_.KeyIs("model")) {
      if (cursor_.AtString()) facts_.model = cursor_.Take();
    } else if (cursor_.KeyIs("stop_reason")) {
      facts_.finish = ReadStopReason(cursor_.Take());
    } else if (cursor_.KeyIs("usage")) {
      if (cursor_.AtObject()) ReadUsage(cursor_.Take().raw);
    }
  }

  // What stands among the counts without being one.
  void ReadUsage(std::string_view object) {
    facts_.usage = object;
    JsonCursor cursor(object);
    if (!cursor.EnterObject()) return;
    while (cursor.NextMember()) {
      if (cursor.KeyIs("service_tier")) {
        if (cursor.AtString()) facts_.service_tier = cursor.Take();
      } else if (cursor.KeyIs("speed")) {
        if (cursor.AtString()) facts_.speed = cursor.Take();
      } else if (cursor.KeyIs("inference_geo")) {
        if (cursor.AtString()) facts_.inference_geo = cursor.Take();
      }
    }
  }

  // Of a piece of a block, or of the end of the message.
  void ReadDeltaMember() {
    if (cursor_.KeyIs("text")) {
      ReadText(TextKind::kContent);
    } else if (cursor_.KeyIs("thinking")) {
      ReadText(TextKind::kReasoning);
    } else if (cursor_.KeyIs("partial_json")) {
      ReadText(TextKind::kToolArguments);
    } else if (cursor_.KeyIs("stop_reason")) {
      facts_.finish = ReadStopReason(cursor_.Take());
    }
  }

  // Texts and thoughts may begin empty; that a block of another type is there is news by itself.
  void ReadBlock() {
    if (!cursor_.EnterObject()) return;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("text")) {
        ReadText(TextKind::kContent);
      } else if (cursor_.KeyIs("thinking")) {
        ReadText(TextKind::kReasoning);
      } else if (cursor_.KeyIs("type")) {
        const JsonValue type = cursor_.Take();
        if (!type.TextIs("text") && !type.TextIs("thinking")) facts_.has_text = true;
      }
    }
  }

  void ReadText(TextKind kind) {
    if (!cursor_.AtString()) return;
    const JsonValue value = cursor_.Take();
    if (!value.IsString() || value.IsEmptyString()) return;
    facts_.has_text = true;
    if (sink_ != nullptr) sink_->OnText(kind, value.Inside());
  }

  JsonCursor cursor_;
  TextSink* const sink_;
  AnswerFacts facts_;
};

}  // namespace

base::Result<AnswerFacts> ReadMessages(std::string_view text, TextSink* sink) {
  return MessagesReader(text, sink).Read();
}

}  // namespace wire::internal
