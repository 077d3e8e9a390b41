#include "bench/http_reader.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/encoding.h"

namespace bench {
namespace {

constexpr std::size_t kHeadBytesMax = 64 * base::KiB;
constexpr std::size_t kChunkLineBytesMax = 4 * base::KiB;

}  // namespace

void HttpReader::Reset() {
  state_ = State::kHead;
  framing_ = Framing::kUntilClose;
  part_ = ChunkPart::kSize;
  started_ = false;
  keep_alive_ = true;
  status_ = 0;
  left_ = body_bytes_ = 0;
  held_.clear();
}

bool HttpReader::End() {
  if (state_ == State::kBody && framing_ == Framing::kUntilClose) state_ = State::kComplete;
  return state_ == State::kComplete;
}

std::size_t HttpReader::TakeHead(std::string_view bytes) {
  started_ = true;
  if (held_.empty()) {  // the usual case: the whole head in one piece
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end != std::string_view::npos) {
      ParseHead(bytes.substr(0, end));
      return end + 4;
    }
  }
  const std::size_t before = held_.size();
  const std::size_t from = before < 3 ? 0 : before - 3;
  held_ += bytes.substr(0, kHeadBytesMax);
  const std::size_t end = held_.find("\r\n\r\n", from);
  if (end == std::string::npos) {
    if (held_.size() >= kHeadBytesMax) state_ = State::kBroken;
    return bytes.size();
  }
  const std::string head = held_.substr(0, end);
  held_.clear();
  ParseHead(head);
  return end + 4 - before;
}

void HttpReader::ParseHead(std::string_view head) {
  const std::size_t line_end = head.find("\r\n");
  const std::string_view line = head.substr(0, line_end);
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') {
    state_ = State::kBroken;
    return;
  }
  const std::optional<std::uint64_t> status = base::ParseDecimal(line.substr(9, 3));
  if (!status || *status < 100 || (line.size() > 12 && line[12] != ' ')) {
    state_ = State::kBroken;
    return;
  }
  framing_ = Framing::kUntilClose;
  part_ = ChunkPart::kSize;
  status_ = static_cast<int>(*status);
  left_ = 0;
  keep_alive_ = line[7] == '1';
  state_ = State::kBody;
  for (std::size_t at = line_end; at != std::string_view::npos;) {
    const std::size_t start = at + 2;
    at = head.find("\r\n", start);
    ParseField(head.substr(start, at == std::string_view::npos ? at : at - start));
  }
  if (state_ == State::kBroken) return;
  if (status_ < 200) {  // an interim answer: the real one follows
    state_ = State::kHead;
  } else if (status_ == 204 || status_ == 304 || (framing_ == Framing::kLength && left_ == 0)) {
    state_ = State::kComplete;
  } else if (framing_ == Framing::kUntilClose) {
    keep_alive_ = false;
  }
}

void HttpReader::ParseField(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    state_ = State::kBroken;
    return;
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = base::TrimBlanks(line.substr(colon + 1));
  if (base::EqualIgnoringCase(name, "content-length")) {
    const std::optional<std::uint64_t> length = base::ParseDecimal(value);
    if (!length || framing_ != Framing::kUntilClose) {
      state_ = State::kBroken;
      return;
    }
    framing_ = Framing::kLength;
    left_ = *length;
  } else if (base::EqualIgnoringCase(name, "transfer-encoding")) {
    if (!base::EqualIgnoringCase(value, "chunked") || framing_ != Framing::kUntilClose) {
      state_ = State::kBroken;
      return;
    }
    framing_ = Framing::kChunked;
  } else if (base::EqualIgnoringCase(name, "connection")) {
    if (base::EqualIgnoringCase(value, "close")) keep_alive_ = false;
    if (base::EqualIgnoringCase(value, "keep-alive")) keep_alive_ = true;
  }
}

HttpReader::Piece HttpReader::TakeBody(std::string_view bytes) {
  if (framing_ == Framing::kChunked) return TakeChunked(bytes);
  if (framing_ == Framing::kUntilClose) {
    body_bytes_ += bytes.size();
    return {bytes, bytes.size()};
  }
  const std::string_view body = bytes.substr(0, left_);
  left_ -= body.size();
  body_bytes_ += body.size();
  if (left_ == 0) state_ = State::kComplete;
  return {body, body.size()};
}

HttpReader::Piece HttpReader::TakeChunked(std::string_view bytes) {
  if (part_ != ChunkPart::kData) return TakeChunkLine(bytes);
  const std::string_view body = bytes.substr(0, left_);
  left_ -= body.size();
  body_bytes_ += body.size();
  if (left_ == 0) part_ = ChunkPart::kDataEnd;
  return {body, body.size()};
}

HttpReader::Piece HttpReader::TakeChunkLine(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
  if (held_.size() + taken > kChunkLineBytesMax) {
    state_ = State::kBroken;
    return {{}, taken};
  }
  if (end == std::string_view::npos) {
    held_ += bytes;
    return {{}, taken};
  }
  std::string_view line = bytes.substr(0, end);
  if (!held_.empty()) line = held_ += line;
  if (line.empty() || line.back() != '\r') {
    state_ = State::kBroken;
  } else {
    FinishChunkLine(line.substr(0, line.size() - 1));
  }
  held_.clear();
  return {{}, taken};
}

void HttpReader::FinishChunkLine(std::string_view line) {
  if (part_ == ChunkPart::kDataEnd) {
    if (!line.empty()) state_ = State::kBroken;
    part_ = ChunkPart::kSize;
    return;
  }
  if (part_ == ChunkPart::kTrailer) {
    if (line.empty()) state_ = State::kComplete;
    return;
  }
  const std::string_view digits = base::TrimBlanks(line.substr(0, line.find(';')));
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    state_ = State::kBroken;
    return;
  }
  part_ = left_ == 0 ? ChunkPart::kTrailer : ChunkPart::kData;
}

}  // namespace bench
