#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sim/refusals.h"
#include "sim/response_store.h"
#include "wire/json_scanner.h"

namespace sim {

inline constexpr std::size_t kItemTokens = 3;  // around each message, call and output

// An error of /responses about one parameter.
ErrorReply WrongParameter(std::string message, std::string param, std::string_view code, int status = 400);
ErrorReply WrongType(const std::string& param, std::string_view wanted);
ErrorReply WrongValue(const std::string& param, std::string_view value, std::string_view allowed);
ErrorReply MissingParameter(const std::string& param);

// Reads the `input` of /responses, a text or a list of items, into a conversation.
class ResponsesInput {
 public:
  using FindItem = std::function<std::shared_ptr<const ResponseItem>(const std::string& id)>;

  // Encrypted thoughts must bear the seal of this seed; `find` looks for what is kept.
  ResponsesInput(std::uint64_t seed, FindItem find) : seed_(seed), find_(std::move(find)) {}

  // Appends to `into`; false once something is wrong.
  bool Read(const wire::JsonValue& input, Conversation& into);

  // Whether each call in it has its output and each output its call.
  bool CheckCalls(const Conversation& whole);

  const ErrorReply& problem() const { return problem_; }

 private:
  bool ReadItem(const wire::JsonValue& value, const std::string& path, Conversation& into);
  bool ReadMessage(std::string_view object, const std::string& path, ResponseItem& item);
  bool ReadContent(const wire::JsonValue& content, const std::string& path, ResponseItem& item);
  bool ReadPart(const wire::JsonValue& part, const std::string& path, ResponseItem& item);
  bool ReadImage(std::string_view part, const std::string& path, ResponseItem& item);
  bool ReadCall(std::string_view object, const std::string& path, bool custom, ResponseItem& item);
  bool ReadOutput(std::string_view object, const std::string& path, ResponseItem& item);
  bool ReadReasoning(std::string_view object, const std::string& path, ResponseItem& item);
  bool HasId(const std::string& path, std::string_view prefix, const ResponseItem& item);
  bool Fail(ErrorReply problem);

  const std::uint64_t seed_;
  const FindItem find_;
  ErrorReply problem_;
};

// What an item of an answer adds to the prompts behind it; the same as when the caller sends it back.
void AppendMessageTokens(TokenHashes& tokens, std::string_view role, std::string_view text);
void AppendCallTokens(TokenHashes& tokens, std::string_view name, std::string_view arguments);

}  // namespace sim
