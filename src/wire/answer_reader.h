#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/endpoint.h"
#include "chat/finish.h"
#include "wire/json_scanner.h"
#include "wire/sse.h"

namespace wire {

// What a piece of generated text is.
enum class TextKind : std::uint8_t { kContent, kReasoning, kRefusal, kToolArguments };

// Is given the generated text of an answer, piece by piece, in the order of the bytes. The input of a tool
// that stands in a whole Messages answer is an object and no text; what Responses say again at the end of an
// item is not told twice.
class TextSink {
 public:
  virtual ~TextSink() = default;
  // `inside` is the inside of a JSON string (see json_string.h) and valid during the call only.
  virtual void OnText(TextKind kind, std::string_view inside) = 0;
};

// The `error` member of a body. Views of the raw values: empty when absent, quotes included when strings.
struct ErrorFacts {
  std::string_view message;
  std::string_view type;
  std::string_view code;
};

// What Sluice reads of an answer, or of one chunk of a streamed answer. Views lie in the text that was read.
struct AnswerFacts {
  bool has_text = false;  // something was generated here: text, reasoning, a tool call, a refusal, audio.
                          // A role alone, or an empty string, is not a first token
  bool choices_empty = false;                             // `choices` is there and is []
  chat::FinishReason finish = chat::FinishReason::kNone;  // the last one, if there are several choices
  std::string_view usage;                                 // the raw object; empty for absent or null
  std::string_view tool_usage;      // of Responses, beside `usage`: what tools that the provider ran count
  std::int64_t searches = 0;        // of Responses: searches of the web that stand in a whole output
  std::int64_t images = 0;          // of Responses: pictures made that stand there
  JsonValue service_tier;           // the string: how the provider served the call; null when absent. At the
                                    // beginning of a stream it may still be what was asked for
  JsonValue speed;                  // of Messages: the string `speed` of their usage
  JsonValue inference_geo;          // the same: where in the world it was served
  JsonValue model;                  // the string `model`; null when absent
  bool sign_of_life = false;        // nothing but that: a `ping` of Messages
  bool ends = false;                // the last event of a stream: the good end if
                                    // there is no error beside it
  std::optional<ErrorFacts> error;  // `error` is there and not null. Of Responses: unless the failure lies in
                                    // the request, and is as good an answer as any
  std::optional<std::int64_t> sequence_number;  // of an event of Responses

  // The chunk that exists only to carry usage, and that a client which did not ask for usage must not see. A
  // chunk that carries usage beside its last choice is not one.
  bool IsUsageOnly() const { return choices_empty && !usage.empty(); }
};

// Reads the payload of one SSE frame. Error: kInvalid if it is not one well-formed JSON object.
base::Result<AnswerFacts> ReadChunk(chat::Operation operation, std::string_view payload,
                                    TextSink* sink = nullptr);

// The same for a frame of kind kData or kDone; [DONE] is the end of a stream only where the dialect says so.
base::Result<AnswerFacts> ReadFrame(chat::Operation operation, const SseFrame& frame,
                                    TextSink* sink = nullptr);

// What the good end of a stream is called. A stream that stops without it was cut off.
std::string_view EndOfStream(chat::Dialect dialect);

// Reads a whole answer that is not a stream; whitespace and blank lines before the object are passed over.
// Error: kInvalid if it is not one well-formed JSON object: empty, cut off, HTML, or something behind it.
base::Result<AnswerFacts> ReadAnswer(chat::Operation operation, std::string_view body,
                                     TextSink* sink = nullptr);

}  // namespace wire
