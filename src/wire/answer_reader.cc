#include "wire/answer_reader.h"

#include "wire/answer_reader_internal.h"

namespace wire {
namespace {

chat::FinishReason ReadFinish(const JsonValue& value) {
  using enum chat::FinishReason;
  if (!value.IsString()) return kNone;
  const std::string_view word = value.Inside();
  if (word == "stop") return kStop;
  if (word == "length") return kLength;
  if (word == "tool_calls" || word == "function_call") return kToolCalls;
  if (word == "content_filter") return kContentFilter;
  if (word == "insufficient_system_resource") return kInsufficientResource;
  return word.empty() ? kNone : kOther;
}

// Walks one answer or chunk with a single cursor.
class AnswerReader {
 public:
  AnswerReader(chat::Operation operation, std::string_view text, TextSink* sink)
      : operation_(operation), cursor_(text), sink_(sink) {}

  base::Result<AnswerFacts> Read() {
    const auto walked = internal::WalkAnswer(cursor_, [this] { ReadMember(); });
    if (!walked) return base::Fail(walked.error());
    return facts_;
  }

 private:
  void ReadMember() {
    if (cursor_.KeyIs("choices")) {
      ReadChoices();
    } else if (cursor_.KeyIs("usage")) {
      if (cursor_.AtObject()) facts_.usage = cursor_.Take().raw;
    } else if (cursor_.KeyIs("model")) {
      if (cursor_.AtString()) facts_.model = cursor_.Take();
    } else if (cursor_.KeyIs("service_tier")) {
      if (cursor_.AtString()) facts_.service_tier = cursor_.Take();
    } else if (cursor_.KeyIs("error")) {
      facts_.error = internal::ReadErrorFacts(cursor_.Take());
    }
  }

  void ReadChoices() {
    if (!cursor_.EnterArray()) return;
    facts_.choices_empty = true;
    while (cursor_.NextElement()) {
      facts_.choices_empty = false;
      if (cursor_.EnterObject()) ReadChoice();
    }
  }

  void ReadChoice() {
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("finish_reason")) {
        const chat::FinishReason finish = ReadFinish(cursor_.Take());
        if (finish != chat::FinishReason::kNone) facts_.finish = finish;
      } else if (operation_ == chat::Operation::kCompletion) {
        if (cursor_.KeyIs("text")) ReadText(TextKind::kContent);
      } else if (cursor_.KeyIs("delta") || cursor_.KeyIs("message")) {
        if (cursor_.EnterObject()) ReadMessage();
      }
    }
  }

  void ReadMessage() {
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("content")) {
        ReadContent();
      } else if (cursor_.KeyIs("reasoning_content")) {
        ReadText(TextKind::kReasoning);
      } else if (cursor_.KeyIs("refusal")) {
        ReadText(TextKind::kRefusal);
      } else if (cursor_.KeyIs("tool_calls")) {
        ReadToolCalls();
      } else if (cursor_.KeyIs("function_call")) {
        if (cursor_.EnterObject()) ReadFunction();
      } else if (cursor_.KeyIs("audio")) {
        facts_.has_text |= cursor_.AtObject();
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

  // A string, or the list of parts that some providers send instead.
  void ReadContent() {
    if (!cursor_.EnterArray()) return ReadText(TextKind::kContent);
    while (cursor_.NextElement()) {
      if (!cursor_.EnterObject()) continue;
      while (cursor_.NextMember()) {
        if (cursor_.KeyIs("text")) ReadText(TextKind::kContent);
      }
    }
  }

  void ReadToolCalls() {
    if (!cursor_.EnterArray()) return;
    while (cursor_.NextElement()) {
      facts_.has_text = true;
      if (!cursor_.EnterObject()) continue;
      while (cursor_.NextMember()) {
        if (cursor_.KeyIs("function") && cursor_.EnterObject()) ReadFunction();
      }
    }
  }

  void ReadFunction() {
    facts_.has_text = true;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("arguments")) ReadText(TextKind::kToolArguments);
    }
  }

  const chat::Operation operation_;
  JsonCursor cursor_;
  TextSink* const sink_;
  AnswerFacts facts_;
};

}  // namespace

std::optional<ErrorFacts> internal::ReadErrorFacts(const JsonValue& value) {
  if (!value.IsObject() && (!value.IsString() || value.IsEmptyString())) return std::nullopt;
  ErrorFacts facts;
  if (value.IsString()) facts.message = value.raw;
  JsonCursor cursor(value.raw);
  if (!cursor.EnterObject()) return facts;
  while (cursor.NextMember()) {
    if (cursor.KeyIs("message")) {
      facts.message = cursor.Take().raw;
    } else if (cursor.KeyIs("type")) {
      facts.type = cursor.Take().raw;
    } else if (cursor.KeyIs("code")) {
      facts.code = cursor.Take().raw;
    }
  }
  return facts;
}

base::Result<AnswerFacts> ReadAnswer(chat::Operation operation, std::string_view body, TextSink* sink) {
  switch (chat::DialectOf(operation)) {
    case chat::Dialect::kOpenai:
      return AnswerReader(operation, body, sink).Read();
    case chat::Dialect::kResponses:
      return internal::ReadResponse(body, sink);
    case chat::Dialect::kAnthropic:
      return internal::ReadMessages(body, sink);
  }
  return base::Fail(base::Code::kInvalid, "no such dialect");
}

// Only Responses have members that mean one thing in an answer and another in an event.
base::Result<AnswerFacts> ReadChunk(chat::Operation operation, std::string_view payload, TextSink* sink) {
  if (chat::DialectOf(operation) == chat::Dialect::kResponses) {
    return internal::ReadResponseEvent(payload, sink);
  }
  return ReadAnswer(operation, payload, sink);
}

base::Result<AnswerFacts> ReadFrame(chat::Operation operation, const SseFrame& frame, TextSink* sink) {
  if (frame.kind == SseKind::kDone && chat::DialectOf(operation) == chat::Dialect::kOpenai) {
    AnswerFacts end;
    end.ends = true;
    return end;
  }
  return ReadChunk(operation, frame.payload, sink);
}

std::string_view EndOfStream(chat::Dialect dialect) {
  switch (dialect) {
    case chat::Dialect::kOpenai:
      return "[DONE]";
    case chat::Dialect::kResponses:
      return "response.completed";
    case chat::Dialect::kAnthropic:
      return "message_stop";
  }
  return {};
}

}  // namespace wire
