#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/endpoint.h"
#include "chat/flavour.h"
#include "translate/form.h"
#include "wire/sse.h"

namespace translate {

// To whom a request is said.
struct Target {
  chat::Operation operation = chat::Operation::kChat;  // kChat, kResponses or kMessages
  chat::Flavour flavour = chat::Flavour::kOpenai;      // whose server speaks it
  std::string_view model;                              // the name to ask for
  std::int64_t max_output = 8192;  // sent where the dialect demands a limit and the caller named none
  std::string_view provider{};     // what the config calls it, for servers that are not the dialect's own
  bool beta = false;  // of DeepSeek's chat: its /beta can be reached, which alone knows strict tools
  bool drop_unsayable = false;  // what cannot be said is left out and named instead of refused
};

// What people call the API of an operation: "Anthropic Messages". REQUIRES:
// chat::IsTranslatable(operation).
std::string_view ApiName(chat::Operation operation);

// Whether a request of the one operation can be said as the other: both generate, and they differ.
bool CanTranslate(chat::Operation from, chat::Operation to);

// Reads a request of kChat, kResponses or kMessages into the shared form. `body` has been accepted by
// wire::ParseRequest for that operation and must outlive the form. Error: kInvalid with a sentence that names
// the field: what is malformed there cannot be passed on to be complained about by the provider.
base::Result<Request> ReadRequest(chat::Operation operation, std::string_view body);
template <std::same_as<std::string> Dying>
base::Result<Request> ReadRequest(chat::Operation operation, Dying&& body) = delete;

struct SaidRequest {
  std::string body;
  std::vector<std::string> dropped;  // names of what was left out, in the caller's words
  bool beta = false;                 // to be sent to the target's /beta
  std::size_t unsayable = 0;         // how many of them only because drop_unsayable said so
};

// What a target has no word for.
struct Unsayable {
  std::string field;   // its name in the caller's words
  std::string detail;  // one sentence for the caller that names it and says what to do
};

// Says it to `target`. Error: the first thing that cannot be said there; none with `drop_unsayable`.
tl::expected<SaidRequest, Unsayable> WriteRequest(const Request& request, const Target& target);

// Between whom answers are translated.
struct Between {
  const Request& request;  // as the caller said it; outlives the translation
  chat::Operation provider = chat::Operation::kChat;
  chat::Flavour flavour = chat::Flavour::kOpenai;
  std::string_view provider_name{};  // what the config calls it
  std::int64_t now = 0;         // seconds since 1970, for dialects that tell it where the provider's does not
  std::string_view request_id;  // ours: made-up ids are derived from it
  std::span<const std::string> dropped{};  // what the request lost (SaidRequest), which no answer says again
  std::uint64_t answer_max = std::uint64_t{64} << 20U;  // bytes that the translation of a stream may keep
};

struct SaidAnswer {
  std::string body;
  // `body` is an error: the provider said in the place of an answer, with status 200, why it has none. This
  // is the status to pass it on with. Whether somebody else should be asked is judged before
  // (wire::ReadAnswer): what comes here lies in the request.
  std::optional<int> error_status{};
  std::vector<std::string> dropped{};  // names of what was left out, in the provider's words
};

// A whole answer. Error: kInvalid if it is not an answer of the provider's dialect.
base::Result<SaidAnswer> TranslateAnswer(const Between& between, std::string_view body);

// The same for a caller who asked for a stream and whose provider gave a whole answer all the same: `body` is
// the whole stream, to its end. Error: also kTooLarge, as StreamTranslation::Take.
base::Result<SaidAnswer> TranslateAnswerToStream(const Between& between, std::string_view body);

// A stream, frame by frame: what a frame tells leaves at once. Belongs to one thread.
class StreamTranslation {
 public:
  explicit StreamTranslation(const Between& between);  // outlives it
  explicit StreamTranslation(const Between&&) = delete;
  ~StreamTranslation();
  StreamTranslation(StreamTranslation&&) noexcept;
  StreamTranslation& operator=(StreamTranslation&&) noexcept;

  // Appends what `frame` (kData or kDone) says in the caller's dialect to `out`: nothing, or whole frames.
  // Error: kInvalid if the frame is nothing that the provider's dialect knows, kTooLarge if more of the
  // answer would have to be kept than `answer_max`; the stream is then to be broken.
  base::Result<void> Take(const wire::SseFrame& frame, std::string& out);

  // Names of what was left out so far, in the words that a whole answer of the provider has for it; each
  // once, at most kDroppedNamesMax and a sign for more.
  const std::vector<std::string>& dropped() const;
  bool ended() const;  // the good end has been taken

  // Appends an error event in the caller's dialect; nothing is taken any more. `type` and `code` as in
  // wire::ErrorBody.
  void Break(std::string_view type, std::string_view code, std::string_view message, std::string& out);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace translate
