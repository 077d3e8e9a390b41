#include "bench/sse_reader.h"

#include <charconv>

#include "base/bytes.h"

namespace bench {
namespace {

constexpr std::size_t kEventBytesMax = base::MiB;
constexpr std::size_t kStampDigits = 16;

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Whether the chunk carries answer text: a stamp does, and so does any delta with non-empty content (a rival
// may rewrite the text). Role-only openers, the finish chunk and the usage chunk do not.
bool HasText(std::string_view json) {
  if (Has(json, "\"text_delta\"")) return true;  // of Messages
  const std::size_t at = json.find("\"content\":");
  if (at == std::string_view::npos) return false;
  std::string_view value = json.substr(at + 10);
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  return value.size() > 1 && value[0] == '"' && value[1] != '"';
}

}  // namespace

std::optional<std::uint64_t> FindStamp(std::string_view json) {
  for (std::size_t at = json.find('@'); at != std::string_view::npos; at = json.find('@', at + 1)) {
    const std::string_view digits = json.substr(at + 1, kStampDigits);
    if (digits.size() < kStampDigits) return std::nullopt;
    std::uint64_t stamp = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), stamp, 16);
    if (error == std::errc() && end == digits.data() + digits.size()) return stamp;
  }
  return std::nullopt;
}

void SseReader::Reset() {
  line_.clear();
  data_.clear();
  error_event_ = done_ = usage_seen_ = false;
  trouble_ = Trouble::kNone;
}

void SseReader::Note(Trouble trouble) {
  if (trouble_ == Trouble::kNone) trouble_ = trouble;
}

void SseReader::Keep(std::string_view bytes) {
  if (line_.size() + bytes.size() > kEventBytesMax) {
    Note(Trouble::kTooLong);
    return;
  }
  line_ += bytes;
}

std::optional<SseReader::Event> SseReader::TakeLine(std::string_view line) {
  if (line.empty()) {
    if (data_.empty()) {
      error_event_ = false;
      return std::nullopt;
    }
    const Event event = Judge(data_);
    data_.clear();
    error_event_ = false;
    return event;
  }
  if (line.front() == ':') return std::nullopt;  // a comment: a heartbeat
  if (line.starts_with("data:")) {
    line.remove_prefix(5);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (data_.size() + line.size() > kEventBytesMax) {
      Note(Trouble::kTooLong);
      return std::nullopt;
    }
    if (!data_.empty()) data_ += '\n';
    data_ += line;
    return std::nullopt;
  }
  if (line.starts_with("event:")) {
    error_event_ = Has(line, "error");
    return std::nullopt;
  }
  if (!line.starts_with("id:") && !line.starts_with("retry:")) Note(Trouble::kNotData);
  return std::nullopt;
}

SseReader::Event SseReader::Judge(std::string_view data) {
  if (done_) {
    Note(Trouble::kAfterDone);
    return {};
  }
  if (data == "[DONE]" || data.starts_with("{\"type\":\"message_stop\"")) {
    done_ = true;
    return {};
  }
  if (error_event_ || data.starts_with("{\"error\"")) {
    Note(Trouble::kErrorEvent);
    return {};
  }
  if (data.front() != '{') {
    Note(Trouble::kNotData);
    return {};
  }
  if (const std::optional<std::uint64_t> stamp = FindStamp(data)) return {.text = true, .stamp = stamp};
  if (Has(data, "\"total_tokens\"")) usage_seen_ = true;
  return {.text = HasText(data), .stamp = std::nullopt};
}

}  // namespace bench
