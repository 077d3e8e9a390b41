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
        if (cursor_.KeyIs("text")) ReadText(cursor_, TextKind::kContent);
      } else if (cursor_.KeyIs("delta") || cursor_.KeyIs("message")) {
        if (cursor_.EnterObject()) ReadMessage();
      }
    }
  }

  // A thought stands where its provider puts it: DeepSeek in `reasoning_content`, OpenRouter, Ollama and vLLM
  // in `reasoning`, proxies in blocks, and some of them say it in two places.
  void ReadMessage() {
    bool thought = false;
    JsonValue reasoning, blocks;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("content")) {
        ReadContent();
      } else if (cursor_.KeyIs("reasoning_content")) {
        thought |= ReadText(cursor_, TextKind::kReasoning);
      } else if (cursor_.KeyIs("reasoning")) {
        reasoning = cursor_.Take();
      } else if (cursor_.KeyIs("thinking_blocks")) {
        blocks = cursor_.Take();
      } else if (cursor_.KeyIs("refusal")) {
        ReadText(cursor_, TextKind::kRefusal);
      } else if (cursor_.KeyIs("tool_calls")) {
        ReadToolCalls();
      } else if (cursor_.KeyIs("function_call")) {
        if (cursor_.EnterObject()) ReadFunction("arguments");
      } else if (cursor_.KeyIs("audio")) {
        facts_.has_text |= cursor_.AtObject();
      }
    }
    if (!thought) thought = Tell(reasoning, TextKind::kReasoning);
    if (thought || !blocks.IsArray()) return;
    JsonCursor inside(blocks.raw);
    ReadParts(inside);
  }

  bool Tell(const JsonValue& value, TextKind kind) {
    if (!value.IsString() || value.IsEmptyString()) return false;
    facts_.has_text = true;
    if (sink_ != nullptr) sink_->OnText(kind, value.Inside());
    return true;
  }

  // Whether the value at hand is a text that says something.
  bool ReadText(JsonCursor& cursor, TextKind kind) { return cursor.AtString() && Tell(cursor.Take(), kind); }

  // A string, or the list of parts that some providers send instead.
  void ReadContent() {
    if (cursor_.AtArray()) return ReadParts(cursor_);
    ReadText(cursor_, TextKind::kContent);
  }

  // Texts and thoughts; a thought may be a list of texts itself.
  void ReadParts(JsonCursor& cursor, TextKind kind = TextKind::kContent) {
    if (!cursor.EnterArray()) return;
    while (cursor.NextElement()) {
      if (!cursor.EnterObject()) continue;
      while (cursor.NextMember()) {
        if (cursor.KeyIs("text")) {
          ReadText(cursor, kind);
        } else if (cursor.KeyIs("thinking") && kind == TextKind::kContent) {
          if (!ReadText(cursor, TextKind::kReasoning)) ReadParts(cursor, TextKind::kReasoning);
        }
      }
    }
  }

  void ReadToolCalls() {
    if (!cursor_.EnterArray()) return;
    while (cursor_.NextElement()) {
      facts_.has_text = true;
      if (!cursor_.EnterObject()) continue;
      while (cursor_.NextMember()) {
        if (cursor_.KeyIs("function")) {
          if (cursor_.EnterObject()) ReadFunction("arguments");
        } else if (cursor_.KeyIs("custom")) {
          if (cursor_.EnterObject()) ReadFunction("input");
        }
      }
    }
  }

  // `given` is the member that holds what the tool is given.
  void ReadFunction(std::string_view given) {
    facts_.has_text = true;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs(given)) ReadText(cursor_, TextKind::kToolArguments);
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
