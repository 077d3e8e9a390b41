#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace base {

// Appends `text` as a JSON string, quotes included. Control characters are escaped; bytes that are not UTF-8
// become U+FFFD, so the result is always valid JSON.
void AppendJsonString(std::string& out, std::string_view text);

// A JSON array of what `print` makes of each element, in order.
template <class Elements, class Print>
std::string JsonList(const Elements& elements, Print&& print) {
  std::string list = "[";
  for (const auto& element : elements) {
    if (list.size() > 1) list += ',';
    list += print(element);
  }
  return list + "]";
}

// Builds one JSON object on a single line, for log lines and small answers. Keys are written as given and
// must not need escaping. The first bytes live in the object itself, so a usual line costs no allocation; it
// can therefore not be moved. Not thread-safe.
//
//   JsonObject line;
//   line.Add("status", 200).OpenArray("attempts").OpenElement().Add("model", name).Close().Close();
//   log.Write(line.Finish());
class JsonObject {
 public:
  JsonObject() { *at_++ = '{'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  JsonObject& Add(std::string_view key, std::string_view value) {
    Key(key);
    AppendText(value);
    return *this;
  }
  // For a value that needs no escaping, as keys do: a word of the program's own, an id.
  JsonObject& AddPlain(std::string_view key, std::string_view value) {
    Key(key);
    AppendPlain(value);
    return *this;
  }
  JsonObject& Add(std::string_view key, const char* value) { return Add(key, std::string_view(value)); }
  JsonObject& Add(std::string_view key, std::int64_t value) {
    Key(key);
    AppendNumber(value);
    return *this;
  }
  JsonObject& Add(std::string_view key, int value) { return Add(key, static_cast<std::int64_t>(value)); }
  JsonObject& Add(std::string_view key, std::uint64_t value) {
    Key(key);
    AppendNumber(value);
    return *this;
  }
  JsonObject& Add(std::string_view key, bool value) { return AddRaw(key, value ? "true" : "false"); }
  JsonObject& AddNull(std::string_view key) { return AddRaw(key, "null"); }
  JsonObject& AddRaw(std::string_view key, std::string_view json) {  // `json` is already valid JSON
    Key(key);
    AppendRaw(json);
    return *this;
  }

  // What follows up to the matching Close goes inside. At most kOpenMax may be open at once.
  JsonObject& OpenObject(std::string_view key) {
    Key(key);
    return Open('{');
  }
  JsonObject& OpenArray(std::string_view key) {
    Key(key);
    return Open('[');
  }
  JsonObject& OpenElement() {  // an object inside the array opened last
    Comma();
    return Open('{');
  }
  JsonObject& Close();

  // Ends the object; call one of them, once, last, with nothing open. The view lives as long as this.
  std::string_view Finish();
  std::string Take() { return std::string(Finish()); }

  static constexpr std::size_t kOpenMax = 8;

 private:
  static constexpr std::size_t kInline = 1000;  // bytes; a log line of a request has 600
  static constexpr std::size_t kSlack = 32;     // room that is always there behind a key: any number fits

  // Inlined, so that a literal's length is known and its bytes are stored rather than copied.
  [[gnu::always_inline]] void Key(std::string_view key) {
    const std::size_t most = key.size() + 4 + kSlack;
    if (static_cast<std::size_t>(end_ - at_) < most) Grow(most);
    if (at_[-1] != '{') *at_++ = ',';
    *at_++ = '"';
    std::memcpy(at_, key.data(), key.size());
    at_ += key.size();
    *at_++ = '"';
    *at_++ = ':';
  }
  void Comma();
  JsonObject& Open(char bracket);
  void AppendText(std::string_view value);
  void AppendPlain(std::string_view value);
  void AppendRaw(std::string_view json);
  void AppendNumber(std::int64_t value);   // REQUIRES: kSlack bytes of room
  void AppendNumber(std::uint64_t value);  // the same
  void Grow(std::size_t more);

  char inline_[kInline];
  std::string larger_;  // holds the text once inline_ is too small
  char* begin_ = inline_;
  char* at_ = inline_;
  char* end_ = inline_ + kInline;
  char closers_[kOpenMax];
  std::size_t open_ = 0;
};

}  // namespace base
