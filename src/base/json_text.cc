#include "base/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "base/utf8.h"

namespace base {
namespace {

constexpr std::array<bool, 256> MakePlainTable() {
  std::array<bool, 256> plain{};
  for (std::size_t i = 0x20; i < 0x80; ++i) plain[i] = i != '"' && i != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = MakePlainTable();
constexpr std::uint64_t kEach = 0x0101010101010101;  // one in each byte of a word

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

// Whether one of the eight bytes is below a blank, a quote or a backslash, or has its high bit set. Each of
// these makes its byte negative; what the byte above it is lent can only make that negative too.
bool OddAmongEight(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const std::uint64_t quote = word ^ kEach * '"';
  const std::uint64_t backslash = word ^ kEach * '\\';
  const std::uint64_t not_plain = (word - kEach * 0x20) | (quote - kEach) | (backslash - kEach) | word;
  return (not_plain & kEach * 0x80) != 0;
}

// The plain bytes at the front of `text`.
std::size_t PlainRun(std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::size_t run = 0;
  if (text.size() >= kWord) {
    while (text.size() - run >= kWord && !OddAmongEight(text.data() + run)) run += kWord;
    // The last bytes are looked at together with some that were seen before.
    if (text.size() - run < kWord && !OddAmongEight(text.data() + text.size() - kWord)) return text.size();
  }
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

void JsonObject::Grow(std::size_t more) {
  const auto used = static_cast<std::size_t>(at_ - begin_);
  if (begin_ == inline_) larger_.assign(inline_, used);
  larger_.resize(std::max(2 * larger_.size(), used + more));
  begin_ = larger_.data();
  at_ = begin_ + used;
  end_ = begin_ + larger_.size();
}

void JsonObject::Comma() {
  if (end_ - at_ < 2) Grow(2);
  if (at_[-1] != '[') *at_++ = ',';
}

JsonObject& JsonObject::Open(char bracket) {
  CHECK(open_ < kOpenMax);
  closers_[open_++] = bracket == '{' ? '}' : ']';
  if (end_ == at_) Grow(1);
  *at_++ = bracket;
  return *this;
}

JsonObject& JsonObject::Close() {
  CHECK(open_ > 0);
  AppendRaw({&closers_[--open_], 1});
  return *this;
}

void JsonObject::AppendText(std::string_view value) {
  if (PlainRun(value) != value.size()) {
    std::string quoted;
    AppendJsonString(quoted, value);
    return AppendRaw(quoted);
  }
  AppendPlain(value);
}

void JsonObject::AppendPlain(std::string_view value) {
  if (static_cast<std::size_t>(end_ - at_) < value.size() + 2) Grow(value.size() + 2);
  *at_++ = '"';
  at_ = Put(at_, value);
  *at_++ = '"';
}

void JsonObject::AppendNumber(std::int64_t value) {
  at_ = std::to_chars(at_, at_ + kSlack, value).ptr;
}

void JsonObject::AppendNumber(std::uint64_t value) {
  at_ = std::to_chars(at_, at_ + kSlack, value).ptr;
}

void JsonObject::AppendRaw(std::string_view json) {
  if (static_cast<std::size_t>(end_ - at_) < json.size()) Grow(json.size());
  at_ = Put(at_, json);
}

std::string_view JsonObject::Finish() {
  CHECK(open_ == 0);
  AppendRaw("}");
  return {begin_, static_cast<std::size_t>(at_ - begin_)};
}

}  // namespace base
