#include "wire/error_body.h"

#include "base/json_text.h"
#include "wire/json_scanner.h"

namespace wire {
namespace {

// At most kErrorTextMax bytes, cut between characters.
std::string Bounded(std::string text) {
  if (text.size() <= kErrorTextMax) return text;
  std::size_t size = kErrorTextMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  text.resize(size);
  return text;
}

std::string TextOf(const JsonValue& value) {
  if (value.IsString()) return Bounded(value.Text());
  return value.kind == JsonKind::kNumber ? Bounded(std::string(value.raw)) : std::string();
}

void ReadMembers(JsonCursor& cursor, ProviderError& error) {
  while (cursor.NextMember()) {
    if (cursor.KeyIs("message")) {
      error.message = TextOf(cursor.Take());
    } else if (cursor.KeyIs("type")) {
      error.type = TextOf(cursor.Take());
    } else if (cursor.KeyIs("code")) {
      error.code = TextOf(cursor.Take());
    } else if (cursor.KeyIs("param")) {
      error.param = TextOf(cursor.Take());
    } else if (cursor.KeyIs("error")) {
      if (cursor.EnterObject()) {
        ReadMembers(cursor, error);
      } else {
        error.message = TextOf(cursor.Take());
      }
    }
  }
}

void AddUnlessEmpty(base::JsonObject& body, std::string_view key, std::string_view text) {
  if (text.empty()) {
    body.AddNull(key);
  } else {
    body.Add(key, text);
  }
}

void AddOpenaiError(base::JsonObject& body, const ErrorBody& error) {
  body.OpenObject("error").Add("message", error.message).Add("type", error.type);
  AddUnlessEmpty(body, "param", error.param);
  AddUnlessEmpty(body, "code", error.code);
  body.Close();
}

std::string WriteOpenaiError(const ErrorBody& error) {
  base::JsonObject body;
  AddOpenaiError(body, error);
  return body.Take();
}

std::string WriteResponsesEvent(const ErrorBody& error) {
  base::JsonObject body;
  body.Add("type", "error");
  AddUnlessEmpty(body, "code", error.code);
  body.Add("message", error.message);
  AddUnlessEmpty(body, "param", error.param);
  body.Add("sequence_number", error.sequence_number);
  AddOpenaiError(body, error);
  return body.Take();
}

// The words that Anthropic has for its own statuses; of the others those that come nearest.
std::string_view AnthropicType(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 408:
    case 504:
      return "timeout_error";
    case 413:
    case 431:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
    case 529:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

std::string WriteAnthropicError(const ErrorBody& error) {
  base::JsonObject body;
  body.Add("type", "error").OpenObject("error");
  body.Add("type", AnthropicType(error.status)).Add("message", error.message).Add("code", error.code).Close();
  AddUnlessEmpty(body, "request_id", error.request_id);
  return body.Take();
}

}  // namespace

std::string WriteError(chat::Dialect dialect, const ErrorBody& error) {
  switch (dialect) {
    case chat::Dialect::kOpenai:
    case chat::Dialect::kResponses:
      return WriteOpenaiError(error);
    case chat::Dialect::kAnthropic:
      return WriteAnthropicError(error);
  }
  return {};
}

std::string WriteErrorEvent(chat::Dialect dialect, const ErrorBody& error) {
  switch (dialect) {
    case chat::Dialect::kOpenai:
      return "data: " + WriteOpenaiError(error) + "\n\n";
    case chat::Dialect::kResponses:
      return "event: error\ndata: " + WriteResponsesEvent(error) + "\n\n";
    case chat::Dialect::kAnthropic:
      return "event: error\ndata: " + WriteAnthropicError(error) + "\n\n";
  }
  return {};
}

std::string_view ErrorType(chat::Dialect dialect, int status, std::string_view type) {
  return dialect == chat::Dialect::kAnthropic ? AnthropicType(status) : type;
}

ProviderError ReadProviderError(std::string_view body) {
  ProviderError error;
  JsonCursor cursor(body);
  if (cursor.EnterObject()) ReadMembers(cursor, error);
  return error;
}

ProviderError ReadProviderError(const ErrorFacts& facts) {
  const auto text = [](std::string_view raw) {
    const auto value = ScanJson(raw);
    return value ? TextOf(*value) : std::string();
  };
  return {.message = text(facts.message), .type = text(facts.type), .code = text(facts.code), .param = {}};
}

int StatusOf(const ProviderError& error) {
  for (const std::string_view word : {std::string_view(error.type), std::string_view(error.code)}) {
    if (word == "overloaded_error") return 529;
    if (word == "rate_limit_error" || word == "rate_limit_exceeded") return 429;
    if (word == "server_is_overloaded" || word == "slow_down") return 503;
  }
  return 0;
}

}  // namespace wire
