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

}  // namespace

std::string WriteError(const ErrorBody& error) {
  base::JsonObject inner;
  inner.Add("message", error.message).Add("type", error.type);
  if (error.param.empty()) {
    inner.AddNull("param");
  } else {
    inner.Add("param", error.param);
  }
  inner.Add("code", error.code);
  return base::JsonObject().AddRaw("error", inner.Take()).Take();
}

std::string WriteErrorEvent(const ErrorBody& error) {
  return "data: " + WriteError(error) + "\n\n";
}

ProviderError ReadProviderError(std::string_view body) {
  ProviderError error;
  JsonCursor cursor(body);
  if (cursor.EnterObject()) ReadMembers(cursor, error);
  return error;
}

}  // namespace wire
