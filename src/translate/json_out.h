#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_text.h"
#include "translate/json_text.h"

namespace translate {

// Writes JSON behind what stands in a string. Commas are set by what was written last, so values, members and
// containers just follow each other; that they nest is the caller's care. What stands before the JSON, if
// anything, ends in a space or a line feed. The string must outlive this.
//
//   JsonOut json(body);
//   json.Open('{').Key("role").Plain("user").Key("content").Text(part.text).Close('}');
class JsonOut {
 public:
  explicit JsonOut(std::string& out) : out_(out) {}

  JsonOut& Open(char bracket) {
    Comma();
    out_ += bracket;
    return *this;
  }
  JsonOut& Close(char bracket) {
    out_ += bracket;
    return *this;
  }
  // `name` is written as given and must not need escaping.
  JsonOut& Key(std::string_view name) {
    Comma();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return *this;
  }
  JsonOut& Text(JsonText text) {
    Comma();
    out_ += '"';
    out_ += text.inside;
    out_ += '"';
    return *this;
  }
  JsonOut& Plain(std::string_view text) {  // not yet escaped
    Comma();
    base::AppendJsonString(out_, text);
    return *this;
  }
  // A string that is the data: URL of base64 digits.
  JsonOut& DataUrl(JsonText media_type, JsonText digits) {
    Comma();
    out_ += "\"data:";
    out_ += media_type.inside;
    out_ += ";base64,";
    out_ += digits.inside;
    out_ += '"';
    return *this;
  }
  JsonOut& Raw(std::string_view json) {  // one value that is JSON already
    Comma();
    out_ += json;
    return *this;
  }
  // The same on one line, as an event of a stream needs it: outside of strings a line end is only a blank.
  JsonOut& Line(std::string_view json) {
    Raw(json);
    const auto begin = out_.end() - static_cast<std::ptrdiff_t>(json.size());
    std::replace_if(
        begin, out_.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return *this;
  }
  JsonOut& Number(std::int64_t value) {
    Comma();
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, end);
    return *this;
  }
  JsonOut& Bool(bool value) { return Raw(value ? "true" : "false"); }
  JsonOut& Null() { return Raw("null"); }

  std::string& out() { return out_; }

 private:
  void Comma() {
    if (out_.empty()) return;
    const char last = out_.back();
    if (last != '{' && last != '[' && last != ':' && last != ' ' && last != '\n') out_ += ',';
  }

  std::string& out_;
};

}  // namespace translate
