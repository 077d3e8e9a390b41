#include "gateway/alert_mail.h"

#include <algorithm>
#include <chrono>

#include "base/encoding.h"
#include "base/money.h"
#include "base/time_text.h"
#include "base/utf8.h"

namespace gateway {
namespace {

constexpr std::size_t kSubjectMax = 200;  // bytes
constexpr std::size_t kNameMax = 500;     // bytes of a scope: with its words, a line stays below 998
constexpr std::size_t kWordMax = 39;      // bytes in one encoded word, so that its line stays below 76
constexpr std::size_t kBase64Line = 57;   // bytes that make 76 characters

// One line of UTF-8: other bytes and control characters become blanks.
std::string OneLine(std::string_view text, std::size_t bytes_max) {
  std::string line;
  while (!text.empty()) {
    const std::size_t size = base::Utf8SequenceLength(text);
    const bool shown = size > 1 || (size == 1 && text[0] >= ' ' && text[0] != '\x7f');
    if (shown) line += text.substr(0, size);
    if (!shown) line += ' ';
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return std::string(base::CutUtf8(line, bytes_max));
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string TwoDigits(unsigned value) {
  return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

std::string Text(const budget::Crossing& crossing, std::string_view id) {
  std::string text = OneLine(crossing.reason, kNameMax + kSubjectMax) + ".\r\n\r\n";
  const auto add = [&text](std::string_view name, const std::string& value) {
    text.append(name).append(value).append("\r\n");
  };
  add("budget:      ", OneLine(crossing.scope, kNameMax));
  add("spent:       ", base::Print(crossing.used));
  add("limit:       ", base::Print(crossing.limit));
  add("window ends: ", base::PrintTime(crossing.window_end));
  add("alert:       ", std::string(id));
  return text;
}

}  // namespace

std::string SubjectField(std::string_view text) {
  const std::string line = OneLine(text, kSubjectMax);
  std::string field = "Subject: ";
  if (IsAscii(line) && line.find("=?") == std::string::npos) return field + line + "\r\n";
  std::string_view rest = line;
  while (!rest.empty()) {
    const std::string_view piece = base::CutUtf8(rest, kWordMax);
    if (rest.size() < line.size()) field += "\r\n ";
    field += "=?UTF-8?B?" + base::Base64(piece) + "?=";
    rest.remove_prefix(piece.size());
  }
  return field + "\r\n";
}

std::string MailDate(base::WallTime at) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at - day).count();
  const auto of_day = static_cast<unsigned>(seconds);
  return std::string(kDays[std::chrono::weekday(day).c_encoding()]) + ", " +
         std::to_string(static_cast<unsigned>(date.day())) + " " +
         kMonths[static_cast<unsigned>(date.month()) - 1] + " " +
         std::to_string(static_cast<int>(date.year())) + " " + TwoDigits(of_day / 3600) + ":" +
         TwoDigits(of_day / 60 % 60) + ":" + TwoDigits(of_day % 60) + " +0000";
}

std::string AlertMail(const budget::Crossing& crossing, const MailEnvelope& envelope) {
  const std::string text = Text(crossing, envelope.id);
  const bool ascii = IsAscii(text);
  std::string mail;
  const auto add = [&mail](std::string_view name, std::string_view value) {
    mail.append(name).append(": ").append(value).append("\r\n");
  };
  add("Date", MailDate(envelope.sent));
  add("From", "Sluice <" + std::string(envelope.from) + ">");
  add("To", "<" + std::string(envelope.to) + ">");
  mail += SubjectField(crossing.reason);
  const std::string_view domain = envelope.from.substr(envelope.from.rfind('@') + 1);
  add("Message-ID", "<" + std::string(envelope.id) + "@" + std::string(domain) + ">");
  add("Auto-Submitted", "auto-generated");
  add("MIME-Version", "1.0");
  add("Content-Type", "text/plain; charset=utf-8");
  add("Content-Transfer-Encoding", ascii ? "7bit" : "base64");
  mail += "\r\n";
  if (ascii) return mail + text;
  for (std::size_t at = 0; at < text.size(); at += kBase64Line) {
    mail += base::Base64(std::string_view(text).substr(at, kBase64Line)) + "\r\n";
  }
  return mail;
}

}  // namespace gateway
