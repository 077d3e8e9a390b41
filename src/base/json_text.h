#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace base {

// Appends `text` as a JSON string, quotes included. Control characters are escaped; bytes that are not UTF-8
// become U+FFFD, so the result is always valid JSON.
void AppendJsonString(std::string& out, std::string_view text);

// Builds one flat-or-nested JSON object on a single line, for log lines and small answers. Keys are written
// as given and must not need escaping. Not thread-safe.
//
//   JsonObject line;
//   line.Add("status", 200).Add("model", name);
//   log.Write(line.Take());
class JsonObject {
 public:
  // `room` bytes are set aside at once; more are made when they are needed.
  explicit JsonObject(std::size_t room = 240) { text_.reserve(room); }
  JsonObject& Add(std::string_view key, std::string_view value);
  JsonObject& Add(std::string_view key, const char* value) { return Add(key, std::string_view(value)); }
  JsonObject& Add(std::string_view key, std::int64_t value);
  JsonObject& Add(std::string_view key, int value) { return Add(key, static_cast<std::int64_t>(value)); }
  JsonObject& Add(std::string_view key, std::uint64_t value);
  JsonObject& Add(std::string_view key, bool value);
  JsonObject& AddNull(std::string_view key);
  JsonObject& AddRaw(std::string_view key, std::string_view json);  // `json` is already valid JSON

  std::string Take();  // ends the object; call it once, last

 private:
  void Key(std::string_view key);
  std::string text_ = "{";
};

}  // namespace base
