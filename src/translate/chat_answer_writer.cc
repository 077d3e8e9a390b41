#include <algorithm>
#include <utility>

#include "translate/chat_writer_internal.h"
#include "translate/dialects_internal.h"
#include "translate/openai_tier_internal.h"
#include "translate/quote_internal.h"
#include "wire/json_scanner.h"
#include "wire/json_string.h"

namespace translate {
namespace internal {

using wire::JsonCursor;
using wire::JsonValue;

std::string_view ChatFinishWord(const Finish& finish, bool calls, bool legacy) {
  const std::string_view called = legacy ? "function_call" : "tool_calls";
  switch (finish.reason) {
    case chat::FinishReason::kNone:
    case chat::FinishReason::kStop:
      return calls ? called : "stop";
    case chat::FinishReason::kOther:
      if (finish.cut) return "length";
      return calls ? called : "stop";
    case chat::FinishReason::kLength:
      return "length";
    case chat::FinishReason::kToolCalls:
      return called;
    case chat::FinishReason::kContentFilter:
      return "content_filter";
    case chat::FinishReason::kInsufficientResource:
      return "insufficient_system_resource";
  }
  return "stop";
}

bool WriteAnnotation(std::string_view citation, std::int64_t begin, std::int64_t end, JsonOut& json) {
  JsonValue url, title, first, last, own;
  const std::pair<std::string_view, JsonValue*> slots[] = {{"url", &url},
                                                           {"title", &title},
                                                           {"start_index", &first},
                                                           {"end_index", &last},
                                                           {"url_citation", &own}};
  JsonCursor cursor(citation);
  if (!cursor.EnterObject()) return false;
  while (cursor.NextMember()) {
    const auto slot = std::find_if(std::begin(slots), std::end(slots),
                                   [&](const auto& named) { return cursor.KeyIs(named.first); });
    const JsonValue value = cursor.Take();
    if (slot != std::end(slots)) *slot->second = value;
  }
  if (own.IsObject()) json.Line(citation);  // chat's already
  if (!url.IsString() || own.IsObject()) return own.IsObject();
  if (first.Int64() && last.Int64()) {  // Responses counts within the text, as chat does within the content
    end = begin + *last.Int64();
    begin += *first.Int64();
  }
  json.Open('{').Key("type").Plain("url_citation").Key("url_citation").Open('{');
  json.Key("start_index").Number(begin).Key("end_index").Number(end);
  json.Key("url").Raw(url.raw).Key("title").Raw(title.IsString() ? title.raw : R"("")");
  json.Close('}').Close('}');
  return true;
}

}  // namespace internal

namespace {

using Kind = Part::Kind;

class AnswerWriter {
 public:
  AnswerWriter(const Answer& answer, const Between& between, std::string& out, Losses& losses)
      : answer_(answer), between_(between), json_(out), losses_(losses) {}

  void Write() {
    json_.Open('{').Key("id");
    if (answer_.id.empty()) {
      json_.Plain("chatcmpl-" + std::string(between_.request_id));
    } else {
      json_.Text(answer_.id);
    }
    json_.Key("object").Plain("chat.completion");
    json_.Key("created").Number(answer_.created.value_or(between_.now));
    json_.Key("model").Text(answer_.model).Key("choices").Open('[').Open('{').Key("index").Number(0);
    WriteMessage();
    WriteLogprobs();
    const Finish& finish = answer_.finish;
    json_.Key("finish_reason");
    json_.Plain(internal::ChatFinishWord(finish, Has(Kind::kToolCall), between_.request.legacy_calls));
    if (!finish.stop_sequence.empty()) json_.Key("stop_reason").Text(finish.stop_sequence);
    if (finish.reason == chat::FinishReason::kOther) losses_.Ignored(finish.word.inside);
    json_.Close('}').Close(']');
    if (answer_.usage) internal::WriteChatUsage(*answer_.usage, json_.Key("usage"));
    if (!answer_.service_tier.empty()) {
      json_.Key("service_tier").Text(internal::OpenaiTier(answer_.service_tier));
    }
    json_.Close('}');
    for (const std::string_view other : answer_.others) losses_.Ignored(other);
  }

 private:
  bool Has(Kind kind) const {
    return std::any_of(answer_.parts.begin(), answer_.parts.end(),
                       [&](const Part& part) { return part.kind == kind; });
  }

  void WriteMessage() {
    json_.Key("message").Open('{').Key("role").Plain("assistant");
    json_.Key("content");
    if (Has(Kind::kText) || (!Has(Kind::kToolCall) && !Has(Kind::kRefusal))) {
      WriteJoined(Kind::kText);
    } else {
      json_.Null();
    }
    json_.Key("refusal");
    if (Has(Kind::kRefusal)) {
      WriteJoined(Kind::kRefusal);
    } else {
      json_.Null();
    }
    WriteAnnotations();
    WriteThoughts();
    if (Has(Kind::kToolCall)) WriteCalls();
    json_.Close('}');
    for (const Part& part : answer_.parts) {
      switch (part.kind) {
        case Kind::kText:
        case Kind::kRefusal:
        case Kind::kToolCall:
        case Kind::kReasoning:
          break;
        case Kind::kImage:
        case Kind::kDocument:
        case Kind::kAudio:
        case Kind::kToolResult:
        case Kind::kOther:
          losses_.Ignored(internal::Where(part));
          break;
      }
    }
  }

  // A caller with `functions` knows one call only, and no id of it.
  void WriteCalls() {
    const bool legacy = between_.request.legacy_calls;
    if (!legacy) json_.Key("tool_calls").Open('[');
    bool any = false;
    for (const Part& part : answer_.parts) {
      if (part.kind != Kind::kToolCall) continue;
      if (!legacy) {
        internal::WriteChatCall(part, part.id, json_);
      } else if (any) {
        losses_.Ignored(internal::Where(part));
      } else {
        internal::WriteFunctionCall(part, json_.Key("function_call"));
      }
      any = true;
    }
    if (!legacy) json_.Close(']');
  }

  // The content is one string, whatever pieces it came in.
  void WriteJoined(Kind kind) {
    std::string& out = json_.Open('"').out();
    for (const Part& part : answer_.parts) {
      if (part.kind == kind) out += part.text.inside;
    }
    json_.Close('"');
  }

  void WriteAnnotations() {
    bool any = false;
    std::int64_t begin = 0;
    const bool cited = std::any_of(answer_.parts.begin(), answer_.parts.end(),
                                   [](const Part& part) { return !part.citations_raw.empty(); });
    if (!cited) return;
    const std::size_t mark = json_.out().size();
    json_.Key("annotations").Open('[');
    for (const Part& part : answer_.parts) {
      if (part.kind != Kind::kText) continue;
      const auto end = begin + static_cast<std::int64_t>(wire::CountCharacters(part.text.inside));
      wire::JsonCursor cursor(part.citations_raw);
      if (cursor.EnterArray()) {
        while (cursor.NextElement()) {
          const std::string_view citation = cursor.Take().raw;
          if (internal::WriteAnnotation(citation, begin, end, json_)) {
            any = true;
            internal::NameQuote(citation, losses_);
          } else {
            losses_.Ignored(citation);
          }
        }
      }
      begin = end;
    }
    json_.Close(']');
    if (!any) json_.out().resize(mark);
  }

  // In words for people, and as blocks that can be given back where somebody has sealed them.
  void WriteThoughts() {
    bool sealed = false;
    bool words = false;
    for (const Part& part : answer_.parts) {
      if (part.kind != Kind::kReasoning) continue;
      sealed |= part.redacted || part.mind == Mind::kMaker || !part.signature.empty();
      words |= !part.text.empty();
    }
    if (words) {
      json_.Key("reasoning_content");
      WriteJoined(Kind::kReasoning);
    }
    if (!sealed) return;
    json_.Key("thinking_blocks").Open('[');
    for (const Part& part : answer_.parts) {
      if (part.kind == Kind::kReasoning) internal::WriteThoughtBlock(part, json_);
    }
    json_.Close(']');
  }

  void WriteLogprobs() {
    json_.Key("logprobs");
    const bool any = std::any_of(answer_.parts.begin(), answer_.parts.end(),
                                 [](const Part& part) { return !part.logprobs_raw.empty(); });
    if (!any) {
      json_.Null();
      return;
    }
    json_.Open('{').Key("content");
    WriteTokens(Kind::kText);
    json_.Key("refusal");
    WriteTokens(Kind::kRefusal);
    json_.Close('}');
  }

  void WriteTokens(Kind kind) {
    bool any = false;
    for (const Part& part : answer_.parts) {
      if (part.kind != kind || part.logprobs_raw.empty()) continue;
      if (!any) json_.Open('[');
      any = true;
      wire::JsonCursor cursor(part.logprobs_raw);
      if (!cursor.EnterArray()) continue;
      while (cursor.NextElement()) json_.Raw(cursor.Take().raw);
    }
    if (any) {
      json_.Close(']');
    } else {
      json_.Null();
    }
  }

  const Answer& answer_;
  const Between& between_;
  JsonOut json_;
  Losses& losses_;
};

}  // namespace

void WriteChatAnswer(const Answer& answer, const Between& between, std::string& out, Losses& losses) {
  AnswerWriter(answer, between, out, losses).Write();
}

}  // namespace translate
