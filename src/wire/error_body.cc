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
    } else if (cursor.KeyIs("error")) {
      if (cursor.EnterObject()) {
        ReadMembers(cursor, error);
      } else {
        error.message = TextOf(cursor.Take());
      }
    }
  }
}

std::string WriteOpenaiError(const ErrorBody& error) {
  base::JsonObject body;
  body.OpenObject("error").Add("message", error.message).Add("type", error.type);
  if (error.param.empty()) {
    body.AddNull("param");
  } else {
    body.Add("param", error.param);
  }
  body.Add("code", error.code).Close();
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
  if (error.request_id.empty()) {
    body.AddNull("request_id");
  } else {
    body.Add("request_id", error.request_id);
  }
  return body.Take();
}

}  // namespace

std::string WriteError(chat::Dialect dialect, const ErrorBody& error) {
  switch (dialect) {
    case chat::Dialect::kOpenai:
      return WriteOpenaiError(error);
    case chat::Dialect::kAnthropic:
      return WriteAnthropicError(error);
  }
  return {};
}

std::string WriteErrorEvent(chat::Dialect dialect, const ErrorBody& error) {
  const std::string_view name = dialect == chat::Dialect::kAnthropic ? "event: error\n" : "";
  return std::string(name) + "data: " + WriteError(dialect, error) + "\n\n";
}

ProviderError ReadProviderError(std::string_view body) {
  ProviderError error;
  JsonCursor cursor(body);
  if (cursor.EnterObject()) ReadMembers(cursor, error);
  return error;
}

}  // namespace wire
