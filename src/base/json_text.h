#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/buffer.h"

namespace base {

// Appends `text` as a JSON string, quotes included. Control characters are escaped; bytes that are not UTF-8
// become U+FFFD, so the result is always valid JSON.
void AppendJsonString(std::string& out, std::string_view text);

// Builds one flat-or-nested JSON object on a single line, for log lines and small answers. Keys are written
// as given and must not need escaping. Not thread-safe.
//
//   JsonObject line;
//   line.Add("status", 200).Add("model", name);
//   log.Write(line.Finish());
class JsonObject {
 public:
  // `room` bytes are set aside at once; more are made when they are needed.
  explicit JsonObject(std::size_t room = 240);
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  JsonObject& Add(std::string_view key, std::string_view value);
  JsonObject& Add(std::string_view key, const char* value) { return Add(key, std::string_view(value)); }
  JsonObject& Add(std::string_view key, std::int64_t value);
  JsonObject& Add(std::string_view key, int value) { return Add(key, static_cast<std::int64_t>(value)); }
  JsonObject& Add(std::string_view key, std::uint64_t value);
  JsonObject& Add(std::string_view key, bool value);
  JsonObject& AddNull(std::string_view key);
  JsonObject& AddRaw(std::string_view key, std::string_view json);  // `json` is already valid JSON

  // Ends the object; call one of them, once, last. The view lives as long as this.
  std::string_view Finish();
  std::string Take() { return std::string(Finish()); }

 private:
  char* Key(std::string_view key, std::size_t value_bytes);  // where the value goes
  void Wrote(const char* end);

  Buffer text_;
};

}  // namespace base
