#include <algorithm>
#include <array>

#include "wire/answer_reader_internal.h"

namespace wire::internal {
namespace {

constexpr std::int64_t kSequenceMax = std::int64_t{1} << 53;  // no stream has so many events

// Reasons of a failure that lie in the request: nobody else would answer it either, so it is an answer.
bool LiesInRequest(std::string_view code) {
  constexpr std::array<std::string_view, 6> kCodes = {
      "bio_policy",       "misalignment_policy_violation", "unsupported_image_media_type",
      "empty_image_file", "failed_to_download_image",      "context_length_exceeded"};
  return code.starts_with("invalid_") || code.starts_with("image_") ||
         std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

// What the deltas of an event are; an event of another name brings none.
std::optional<TextKind> KindOfDelta(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, TextKind>, 8> kKinds = {{
      {"response.output_text.delta", TextKind::kContent},
      {"response.refusal.delta", TextKind::kRefusal},
      {"response.reasoning_text.delta", TextKind::kReasoning},
      {"response.reasoning_summary_text.delta", TextKind::kReasoning},
      {"response.function_call_arguments.delta", TextKind::kToolArguments},
      {"response.custom_tool_call_input.delta", TextKind::kToolArguments},
      {"response.mcp_call_arguments.delta", TextKind::kToolArguments},
      {"response.code_interpreter_call_code.delta", TextKind::kToolArguments},
  }};
  const auto* const kind =
      std::find_if(kKinds.begin(), kKinds.end(), [type](const auto& one) { return one.first == type; });
  return kind == kKinds.end() ? std::nullopt : std::optional(kind->second);
}

// Walks a response object, or one event of its stream, with a single cursor. Members may come in any order,
// so what depends on two of them is worked out at the end.
class ResponsesReader {
 public:
  ResponsesReader(std::string_view text, TextSink* sink) : cursor_(text), sink_(sink) {}

  base::Result<AnswerFacts> ReadResponse() {
    const auto walked = WalkAnswer(cursor_, [this] { ReadResponseMember(sink_); });
    if (!walked) return base::Fail(walked.error());
    Conclude();
    return facts_;
  }

  base::Result<AnswerFacts> ReadEvent() {
    const auto walked = WalkAnswer(cursor_, [this] { ReadEventMember(); });
    if (!walked) return base::Fail(walked.error());
    Conclude();
    ConcludeEvent();
    return facts_;
  }

 private:
  // `sink` is null where the text has been told by earlier events.
  void ReadResponseMember(TextSink* sink) {
    if (cursor_.KeyIs("output")) {
      if (!cursor_.EnterArray()) return;
      while (cursor_.NextElement()) {
        if (!cursor_.EnterObject()) continue;
        const ItemFacts item = ReadItem(sink);
        facts_.searches += item.searches;
        facts_.images += item.type.TextIs("image_generation_call");
      }
    } else if (cursor_.KeyIs("status")) {
      status_ = cursor_.Take();
    } else if (cursor_.KeyIs("incomplete_details")) {
      if (!cursor_.EnterObject()) return;
      while (cursor_.NextMember()) {
        if (cursor_.KeyIs("reason")) reason_ = cursor_.Take();
      }
    } else if (cursor_.KeyIs("error")) {
      facts_.error = ReadErrorFacts(cursor_.Take());
    } else if (cursor_.KeyIs("usage")) {
      if (cursor_.AtObject()) facts_.usage = cursor_.Take().raw;
    } else if (cursor_.KeyIs("tool_usage")) {
      if (cursor_.AtObject()) facts_.tool_usage = cursor_.Take().raw;
    } else if (cursor_.KeyIs("model")) {
      if (cursor_.AtString()) facts_.model = cursor_.Take();
    } else if (cursor_.KeyIs("service_tier")) {
      if (cursor_.AtString()) facts_.service_tier = cursor_.Take();
    }
  }

  // What an item is, and whether it is a search of the web that was done: opening a page is none.
  struct ItemFacts {
    JsonValue type;
    bool searches = false;
  };

  // A message and a thought begin empty; that an item of another type is there is news by itself.
  ItemFacts ReadItem(TextSink* sink) {
    JsonValue type, status, action;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("type")) {
        type = cursor_.Take();
        calls_ |= type.TextIs("function_call") || type.TextIs("custom_tool_call");
        facts_.has_text |= !type.TextIs("message") && !type.TextIs("reasoning");
      } else if (cursor_.KeyIs("status")) {
        status = cursor_.Take();
      } else if (cursor_.KeyIs("action")) {
        action = ReadAction();
      } else if (cursor_.KeyIs("content") || cursor_.KeyIs("summary")) {
        ReadParts(cursor_.KeyIs("summary"), sink);
      } else if (cursor_.KeyIs("arguments") || cursor_.KeyIs("input")) {
        ReadText(TextKind::kToolArguments, sink);
      }
    }
    const bool done = type.TextIs("web_search_call") && status.TextIs("completed");
    return {.type = type, .searches = done && (action.IsNull() || action.TextIs("search"))};
  }

  // The type of what a tool did; null if it does not say.
  JsonValue ReadAction() {
    JsonValue type;
    if (!cursor_.EnterObject()) return type;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("type")) type = cursor_.Take();
    }
    return type;
  }

  void ReadParts(bool summary, TextSink* sink) {
    if (!cursor_.EnterArray()) return;
    while (cursor_.NextElement()) {
      if (!cursor_.EnterObject()) continue;
      TextKind kind = summary ? TextKind::kReasoning : TextKind::kContent;
      while (cursor_.NextMember()) {
        if (cursor_.KeyIs("type")) {
          if (cursor_.Take().TextIs("reasoning_text")) kind = TextKind::kReasoning;
        } else if (cursor_.KeyIs("text")) {
          ReadText(kind, sink);
        } else if (cursor_.KeyIs("refusal")) {
          ReadText(TextKind::kRefusal, sink);
        }
      }
    }
  }

  void ReadText(TextKind kind, TextSink* sink) {
    if (!cursor_.AtString()) return;
    const JsonValue value = cursor_.Take();
    if (!value.IsString() || value.IsEmptyString()) return;
    facts_.has_text = true;
    if (sink != nullptr) sink->OnText(kind, value.Inside());
  }

  void ReadEventMember() {
    if (cursor_.KeyIs("type")) {
      type_ = cursor_.Take();
    } else if (cursor_.KeyIs("sequence_number")) {
      const auto number = cursor_.Take().Int64();
      if (number && *number >= 0 && *number < kSequenceMax) facts_.sequence_number = number;
    } else if (cursor_.KeyIs("delta")) {
      delta_ = cursor_.Take();
    } else if (cursor_.KeyIs("response")) {
      if (!cursor_.EnterObject()) return;
      while (cursor_.NextMember()) ReadResponseMember(nullptr);
    } else if (cursor_.KeyIs("item")) {
      if (cursor_.EnterObject()) ReadItem(nullptr);
    } else if (cursor_.KeyIs("error")) {
      facts_.error = ReadErrorFacts(cursor_.Take());
    } else if (cursor_.KeyIs("code")) {
      flat_.code = cursor_.Take().raw;
    } else if (cursor_.KeyIs("message")) {
      flat_.message = cursor_.Take().raw;
    }
  }

  // What the state of the response means.
  void Conclude() {
    using enum chat::FinishReason;
    if (status_.TextIs("completed")) {
      facts_.finish = calls_ ? kToolCalls : kStop;
    } else if (status_.TextIs("incomplete")) {
      facts_.finish = reason_.TextIs("max_output_tokens") ? kLength
                      : reason_.TextIs("content_filter")  ? kContentFilter
                                                          : kOther;
    } else if (status_.TextIs("failed") || status_.TextIs("cancelled")) {
      facts_.finish = kOther;
    }
    if (!status_.TextIs("failed")) return;
    if (!facts_.error) facts_.error.emplace();
    const std::string_view code = facts_.error->code;
    if (code.size() > 2 && LiesInRequest(code.substr(1, code.size() - 2))) facts_.error.reset();
  }

  void ConcludeEvent() {
    if (!type_.IsString()) return;
    const std::string_view type = type_.Inside();
    if (type == "keepalive") {
      facts_.sign_of_life = true;
    } else if (type == "error") {
      if (!facts_.error) facts_.error = flat_;
    } else if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
      facts_.ends = true;
    } else if (type.ends_with(".delta") && delta_.IsString() && !delta_.IsEmptyString()) {
      facts_.has_text = true;
      const auto kind = KindOfDelta(type);
      if (kind && sink_ != nullptr) sink_->OnText(*kind, delta_.Inside());
    }
  }

  JsonCursor cursor_;
  TextSink* const sink_;
  AnswerFacts facts_;
  JsonValue status_, reason_;  // of the response
  bool calls_ = false;         // it wants a function to be called
  JsonValue type_, delta_;     // of the event
  ErrorFacts flat_;            // of an `error` event that has no object of that name
};

}  // namespace

base::Result<AnswerFacts> ReadResponse(std::string_view text, TextSink* sink) {
  return ResponsesReader(text, sink).ReadResponse();
}

base::Result<AnswerFacts> ReadResponseEvent(std::string_view text, TextSink* sink) {
  return ResponsesReader(text, sink).ReadEvent();
}

}  // namespace wire::internal
