#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chat/endpoint.h"
#include "chat/finish.h"
#include "chat/usage.h"
#include "translate/json_text.h"

// The shared form: what a request or an answer says, whichever dialect said it. A reader of a dialect fills
// it, a writer of another says it again. What only one dialect knows is kept as it stands, so that a writer
// can refuse it by its name.
//
// Views lie in the body that was read, which must outlive the form, or in the form's own `kept`. A raw value
// (`..._raw`, `raw`) is one JSON value as it stands, empty when the member is absent or null. Where something
// stands in the body also tells what it is called there: see losses.h.

namespace translate {

enum class Role : std::uint8_t { kSystem, kDeveloper, kUser, kAssistant, kTool };

// Who can read a thought that is not meant for others: the provider that wrote it. See carried.h.
enum class Mind : std::uint8_t {
  kNobody,     // plain text only; DeepSeek wants its own back, nobody else takes it
  kOpenai,     // `signature` is encrypted_content of a Responses item, `id` the item's
  kAnthropic,  // `signature` is that of a thinking block, or `data` of a redacted one
  kMaker,      // a server that speaks their dialects and is neither: `signature` as above, or empty where it
               // seals nothing; `id` is its name, a dot and the item's id, if any
};

struct Media {
  enum class Source : std::uint8_t { kNone, kUrl, kBase64, kFileId, kText } source = Source::kNone;
  JsonText url{};                  // kUrl; a data: URL is read as kBase64
  JsonText media_type{};           // kBase64 and kText, as in image/png
  JsonText data{};                 // kBase64: the digits; kText: the text itself
  JsonText file_id{};              // kFileId
  JsonText detail{};               // how closely an image is looked at: low, high, auto
  JsonText filename{};             // of a document
  JsonText context{};              // what Messages lets a caller say of a document beside it
  std::string_view to_cite_raw{};  // of a document that is to be cited: what asks for that
};

// One piece of what somebody said.
struct Part {
  enum class Kind : std::uint8_t {
    kText,        // `text`; `name` too where it is the name of a tool
    kRefusal,     // `text`
    kImage,       // `media`
    kDocument,    // `media`
    kAudio,       // `media`: base64 with media_type audio/wav and the like
    kToolCall,    // `id`, `name`, `arguments`
    kToolResult,  // `id` of the call, `inner`, `failed`
    kReasoning,   // `text` (may be empty), `signature`, `mind`
    kOther,       // a kind that only its own dialect knows: `raw`
  } kind = Kind::kText;
  JsonText text{};
  JsonText id{};
  JsonText name{};
  // Of a call: the arguments as the inside of a JSON string that holds a JSON text (chat's and Responses'
  // way) or as a JSON value (Messages' way); exactly one is set. Arguments of a custom tool are free text.
  JsonText arguments{};
  std::string_view input_raw{};
  bool custom = false;    // of a call or result: of a tool with free-form input
  bool failed = false;    // of a result: the tool failed
  bool redacted = false;  // of reasoning: nothing of it may be read
  JsonText signature{};
  Mind mind = Mind::kNobody;
  Media media{};
  std::vector<Part> inner{};         // of a result: text, images, documents
  std::string_view citations_raw{};  // of a text: Messages' `citations`, chat's and Responses' `annotations`
  std::string_view logprobs_raw{};   // of a text: [{token, logprob, bytes, top_logprobs}]
  std::string_view cache_raw{};      // the breakpoint behind it: cache_control
  std::string_view raw{};            // the whole part as it stands
};

struct Turn {
  Role role = Role::kUser;
  std::vector<Part> parts{};  // a kTool turn holds kToolResult parts only
  JsonText name{};            // of who speaks, where the dialect has that
  std::string_view raw{};     // the whole message or item; of merged ones the first
};

struct Tool {
  enum class Kind : std::uint8_t {
    kFunction,
    kCustom,  // takes free text, maybe of a grammar
    kServer,  // runs at the provider: named by `type` and known to its own dialect only
  } kind = Kind::kFunction;
  JsonText type{};  // the dialect's word for the kind
  JsonText name{};
  JsonText description{};
  std::string_view schema_raw{};  // JSON schema of the arguments; empty: none was given
  std::optional<bool> strict{};
  std::string_view strict_raw{};
  std::string_view grammar_raw{};  // kCustom: `format`
  std::string_view cache_raw{};
  std::string_view raw{};
};

struct ToolChoice {
  enum class Kind : std::uint8_t { kUnset, kAuto, kNone, kRequired, kNamed, kOther } kind = Kind::kUnset;
  JsonText name{};         // kNamed
  bool custom = false;     // kNamed: a custom tool
  std::string_view raw{};  // as it stands
};

// What a caller wants of the model's thinking.
struct Thinking {
  enum class Mode : std::uint8_t { kUnset, kOff, kOn, kAdaptive } mode = Mode::kUnset;
  std::string_view mode_raw{};                  // what said so
  std::optional<std::int64_t> budget_tokens{};  // Messages' budget_tokens
  std::string_view budget_raw{};
  JsonText effort{};  // none minimal low medium high xhigh max; empty: unset
  JsonText
      summary;  // auto concise detailed (Responses), summarized omitted (Messages' display); empty: unset
};

// In which shape the answer is wanted.
struct Format {
  enum class Kind : std::uint8_t { kUnset, kText, kJsonObject, kJsonSchema } kind = Kind::kUnset;
  JsonText name{};
  JsonText description{};
  std::string_view schema_raw{};
  std::optional<bool> strict{};
  std::string_view raw{};
};

// What a request says. Copies say the same as long as the request that was read lives.
struct RequestWords {
  chat::Operation operation = chat::Operation::kChat;  // in whose words it was said
  std::string_view body{};
  bool stream = false;
  bool include_usage = false;                // a chat caller wants the extra usage chunk
  std::optional<std::int64_t> max_output{};  // tokens, > 0
  std::vector<Turn> turns{};                 // in order; system turns stand where they were said
  std::vector<Tool> tools{};
  ToolChoice tool_choice{};
  std::optional<bool> parallel_tools{};
  std::string_view parallel_raw{};  // empty: nobody said it
  bool legacy_calls = false;        // a chat caller with `functions`: its answer says `function_call`, one
  Thinking thinking{};
  Format format{};
  JsonText verbosity{};
  std::vector<JsonText> stop{};
  std::string_view stop_raw{};

  // Raw values of members that some dialects share; each says the same thing wherever it exists.
  std::string_view temperature_raw{};
  std::string_view top_p_raw{};
  std::string_view top_k_raw{};
  std::string_view seed_raw{};
  std::string_view frequency_penalty_raw{};
  std::string_view presence_penalty_raw{};
  std::string_view logit_bias_raw{};
  std::string_view logprobs_raw{};      // true: the tokens' log probabilities are wanted
  std::string_view top_logprobs_raw{};  // how many alternatives beside each
  std::string_view service_tier_raw{};
  std::string_view metadata_raw{};  // OpenAI's map of up to 16 pairs
  std::string_view store_raw{};
  std::string_view cache_raw{};      // Messages' breakpoint for the whole request
  std::string_view cache_key_raw{};  // prompt_cache_key
  std::string_view cache_retention_raw{};
  JsonText end_user{};  // user, user_id, metadata.user_id, safety_identifier
  std::string_view end_user_raw{};

  // Members that only the dialect itself knows, or nobody: views of their values. Members at the value they
  // have anyway when absent are not in here.
  std::vector<std::string_view> others{};
  // Members of those that change nothing of what is answered, so that another dialect can do without: named
  // where they are left out, never refused.
  std::vector<std::string_view> hints{};
};

struct Request : RequestWords {
  std::deque<std::string> kept{};
  std::string_view Keep(std::string text) { return kept.emplace_back(std::move(text)); }

  Request() = default;
  Request(Request&&) = default;
  Request& operator=(Request&&) = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
};

// Why an answer ended: the common reason, and what the dialect said of it beside.
struct Finish {
  chat::FinishReason reason = chat::FinishReason::kNone;
  JsonText stop_sequence{};  // the one that was met, where the dialect says so
  JsonText word{};           // the provider's own word
  bool refused = false;      // of kContentFilter: the model declined, as opposed to a filter that cut it
  bool cut = false;          // of kOther: the answer is not whole, whatever the word means
};

struct Answer {
  std::string_view body{};
  JsonText id{};
  JsonText model{};
  std::optional<std::int64_t> created{};  // seconds since 1970, where the dialect says so
  std::vector<Part> parts{};
  Finish finish{};
  std::optional<chat::Usage> usage{};
  std::vector<std::string_view> media_counts{};  // where the usage counts sounds and pictures apart
  JsonText service_tier{};
  std::vector<std::string_view> others{};  // as in Request

  // Why there is no answer, where the dialect says so in the place of one. Nothing else is set then.
  struct Failure {
    JsonText code{};
    JsonText message{};
  };
  std::optional<Failure> failure{};

  std::deque<std::string> kept{};
  std::string_view Keep(std::string text) { return kept.emplace_back(std::move(text)); }

  Answer() = default;
  Answer(Answer&&) = default;
  Answer& operator=(Answer&&) = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
};

}  // namespace translate
