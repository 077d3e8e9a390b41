#include "wire/sse.h"

#include "base/check.h"
#include "wire/byte_scan_internal.h"

namespace wire {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Takes the first line off `text`, without its end.
std::string_view TakeLine(std::string_view& text) {
  const char* const end = internal::LineEnd(text.data(), text.data() + text.size());
  const auto size = static_cast<std::size_t>(end - text.data());
  const std::string_view line = text.substr(0, size);
  text.remove_prefix(size);
  text.remove_prefix(text.starts_with("\r\n") ? 2 : text.empty() ? 0 : 1);
  return line;
}

bool IsDone(std::string_view payload) {
  while (payload.ends_with(' ')) payload.remove_suffix(1);
  return payload == "[DONE]";
}

}  // namespace

SseFramer::SseFramer(std::size_t frame_max) : frame_max_(frame_max) {}

void SseFramer::Feed(std::string_view block) {
  CHECK(block_.empty());
  block_ = block;
}

std::optional<SseFrame> SseFramer::Next() {
  if (held_out_) {
    held_.clear();
    held_out_ = false;
  }
  if (block_.empty()) return std::nullopt;
  bool found = false;
  const char* const begin = block_.data();
  const char* const end = FindFrameEnd(begin, begin + block_.size(), found);
  const std::string_view head = block_.substr(0, static_cast<std::size_t>(end - begin));
  block_.remove_prefix(head.size());

  oversize_ |= held_.size() + head.size() > frame_max_;
  if (!found && !oversize_) {
    held_ += head;
    return std::nullopt;
  }
  std::string_view bytes = head;
  if (!held_.empty()) {
    held_ += head;
    held_out_ = true;
    bytes = held_;
  }
  if (!oversize_) return Read(bytes);
  oversize_ = !found;
  first_frame_ = false;
  return SseFrame{.kind = SseKind::kPart, .bytes = bytes, .payload = {}, .event = {}, .ends = found};
}

std::optional<SseFrame> SseFramer::Finish() {
  CHECK(block_.empty());
  if (held_out_ || held_.empty()) return std::nullopt;
  held_out_ = true;
  return Read(held_);
}

const char* SseFramer::FindFrameEnd(const char* at, const char* end, bool& found) {
  for (found = false; at != end && !found;) {
    switch (line_) {
      case Line::kStart:
        if (*at == '\n') {
          found = true;
          bare_cr_ = false;
          ++at;
        } else if (*at == '\r') {
          // Behind a bare CR a second one ends the frame at once; otherwise its LF is worth waiting for.
          found = bare_cr_;
          line_ = found ? Line::kFrameAfterCr : Line::kBlankAfterCr;
          bare_cr_ = false;
          ++at;
        } else {
          line_ = Line::kInside;
        }
        break;
      case Line::kInside:
        at = internal::LineEnd(at, end);
        if (at == end) break;
        line_ = *at == '\r' ? Line::kAfterCr : Line::kStart;
        bare_cr_ = false;
        ++at;
        break;
      case Line::kAfterCr:
        bare_cr_ = *at != '\n';
        at += bare_cr_ ? 0 : 1;
        line_ = Line::kStart;
        break;
      case Line::kBlankAfterCr:
        at += *at == '\n' ? 1 : 0;
        line_ = Line::kStart;
        found = true;
        break;
      case Line::kFrameAfterCr:
        at += *at == '\n' ? 1 : 0;
        line_ = Line::kStart;
        break;
    }
  }
  return at;
}

SseFrame SseFramer::Read(std::string_view bytes) {
  SseFrame frame{.kind = SseKind::kOther, .bytes = bytes, .payload = {}, .event = {}, .ends = true};
  std::string_view text = bytes;
  if (first_frame_ && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  first_frame_ = false;
  std::size_t data_fields = 0;
  bool comment = false;
  bool field = false;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == 0) {
      comment = true;
      continue;
    }
    field = true;
    const std::string_view name = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") frame.event = value;
    if (name != "data") continue;
    if (++data_fields == 1) {
      frame.payload = value;
      continue;
    }
    if (data_fields == 2) joined_ = frame.payload;
    joined_ += '\n';
    joined_ += value;
    frame.payload = joined_;
  }
  if (!frame.payload.empty()) {
    frame.kind = IsDone(frame.payload) ? SseKind::kDone : SseKind::kData;
  } else if (comment && !field) {
    frame.kind = SseKind::kComment;
  }
  return frame;
}

}  // namespace wire
