#include "net/smtp_reply.h"

#include <algorithm>

#include "base/ascii.h"

namespace net {
namespace {

using base::Code;
using base::Fail;

constexpr std::size_t kShownMax = 200;  // bytes of a text

struct Line {
  int code = 0;
  bool last = false;
  std::string_view text{};
};

bool IsText(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

// A line without its end: three digits, a blank or a hyphen, a text; or the digits alone.
std::optional<Line> ParseLine(std::string_view line) {
  if (line.size() < 3 || line[0] < '2' || line[0] > '5') return std::nullopt;
  Line out;
  for (const char c : line.substr(0, 3)) {
    if (!base::IsDigit(c)) return std::nullopt;
    out.code = out.code * 10 + (c - '0');
  }
  out.last = line.size() == 3 || line[3] == ' ';
  if (!out.last && line[3] != '-') return std::nullopt;
  if (line.size() > 4) out.text = line.substr(4);
  if (!std::all_of(out.text.begin(), out.text.end(), IsText)) return std::nullopt;
  return out;
}

}  // namespace

std::string SmtpReply::Print() const {
  std::string out = std::to_string(code);
  const std::string_view text = texts.empty() ? std::string_view() : std::string_view(texts.front());
  if (!text.empty()) out += ' ';
  for (const char c : text.substr(0, kShownMax)) out += c >= ' ' && c < '\x7f' ? c : '?';
  return out;
}

base::Result<std::optional<ReadSmtpReply>> ParseSmtpReply(std::string_view bytes) {
  const auto malformed = [] { return Fail(Code::kInvalid, "what the mail server answered is no SMTP"); };
  const auto too_long = [] { return Fail(Code::kTooLarge, "the mail server's answer is too long"); };
  ReadSmtpReply read{.reply = {}, .bytes = 0};
  while (true) {
    const std::string_view rest = bytes.substr(read.bytes);
    const std::size_t end = rest.find('\n');
    if (std::min(end, rest.size()) > SmtpReply::kLineMax) return too_long();
    if (end == std::string_view::npos) return std::optional<ReadSmtpReply>();
    if (end == 0 || rest[end - 1] != '\r') return malformed();
    const std::optional<Line> line = ParseLine(rest.substr(0, end - 1));
    if (!line || (!read.reply.texts.empty() && line->code != read.reply.code)) return malformed();
    if (read.reply.texts.size() == SmtpReply::kLinesMax) return too_long();
    read.reply.code = line->code;
    read.reply.texts.emplace_back(line->text);
    read.bytes += end + 1;
    if (line->last) return std::optional(std::move(read));
  }
}

}  // namespace net
