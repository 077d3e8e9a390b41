#include "base/json_text.h"

#include <array>
#include <charconv>
#include <cstring>

#include "base/utf8.h"

namespace base {
namespace {

constexpr std::array<bool, 256> MakePlainTable() {
  std::array<bool, 256> plain{};
  for (std::size_t i = 0x20; i < 0x80; ++i) plain[i] = i != '"' && i != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = MakePlainTable();

void AppendEscape(std::string& out, char c) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
}

// The plain bytes at the front of `text`.
std::size_t PlainRun(std::string_view text) {
  std::size_t run = 0;
  while (run < text.size() && kPlain[static_cast<unsigned char>(text[run])]) ++run;
  return run;
}

char* Put(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t run = PlainRun(text.substr(i));
    out.append(text, i, run);
    i += run;
    if (i == text.size()) break;
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      AppendEscape(out, text[i++]);
    } else if (const std::size_t length = Utf8SequenceLength(text.substr(i)); length > 0) {
      out.append(text, i, length);
      i += length;
    } else {
      out += "\xef\xbf\xbd";
      ++i;
    }
  }
  out.push_back('"');
}

JsonObject::JsonObject(std::size_t room) {
  text_.Room(room)[0] = '{';
  text_.Commit(1);
}

char* JsonObject::Key(std::string_view key, std::size_t value_bytes) {
  char* at = text_.Room(key.size() + 4 + value_bytes).data();
  if (text_.size() > 1) *at++ = ',';
  *at++ = '"';
  at = Put(at, key);
  *at++ = '"';
  *at++ = ':';
  return at;
}

void JsonObject::Wrote(const char* end) {
  text_.Commit(static_cast<std::size_t>(end - (text_.view().data() + text_.size())));
}

JsonObject& JsonObject::Add(std::string_view key, std::string_view value) {
  if (PlainRun(value) != value.size()) {
    std::string quoted;
    AppendJsonString(quoted, value);
    return AddRaw(key, quoted);
  }
  char* at = Key(key, value.size() + 2);
  *at++ = '"';
  at = Put(at, value);
  *at++ = '"';
  Wrote(at);
  return *this;
}

JsonObject& JsonObject::Add(std::string_view key, std::int64_t value) {
  char* const at = Key(key, 24);
  Wrote(std::to_chars(at, at + 24, value).ptr);
  return *this;
}

JsonObject& JsonObject::Add(std::string_view key, std::uint64_t value) {
  char* const at = Key(key, 24);
  Wrote(std::to_chars(at, at + 24, value).ptr);
  return *this;
}

JsonObject& JsonObject::Add(std::string_view key, bool value) {
  return AddRaw(key, value ? "true" : "false");
}

JsonObject& JsonObject::AddNull(std::string_view key) {
  return AddRaw(key, "null");
}

JsonObject& JsonObject::AddRaw(std::string_view key, std::string_view json) {
  Wrote(Put(Key(key, json.size()), json));
  return *this;
}

std::string_view JsonObject::Finish() {
  text_.Append("}");
  return text_.view();
}

}  // namespace base
