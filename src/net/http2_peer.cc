#include <gtest/gtest.h>

#include <charconv>

#include "base/check.h"
#include "net/http2_peer_internal.h"

namespace net {
namespace {

void AppendInteger(std::string& out, unsigned prefix_bits, std::size_t value) {
  const std::size_t full = (1u << prefix_bits) - 1;
  if (value < full) {
    out += static_cast<char>(value);
    return;
  }
  out += static_cast<char>(full);
  for (value -= full; value >= 128; value /= 128) out += static_cast<char>(value % 128 + 128);
  out += static_cast<char>(value);
}

std::uint32_t ReadNumber(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::uint32_t Http2Frame::error() const {
  return ReadNumber(type == NGHTTP2_GOAWAY ? std::string_view(payload).substr(4) : payload);
}

Http2Peer::Http2Peer(Transport transport) : transport_(std::move(transport)) {
  CHECK(nghttp2_hd_inflate_new(&inflater_) == 0);
}

Http2Peer::~Http2Peer() {
  nghttp2_hd_inflate_del(inflater_);
}

std::string Http2Peer::Number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

std::string Http2Peer::Frame(std::uint8_t type, std::uint8_t flags, std::int32_t stream,
                             std::string_view payload) {
  std::string bytes = Number(static_cast<std::uint32_t>(payload.size())).substr(1);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  bytes += Number(static_cast<std::uint32_t>(stream));
  bytes += payload;
  return bytes;
}

bool Http2Peer::Send(std::uint8_t type, std::uint8_t flags, std::int32_t stream, std::string_view payload) {
  return transport_.send(Frame(type, flags, stream, payload));
}

void Http2Peer::SendSettings(const std::map<std::uint16_t, std::uint32_t>& settings) {
  std::string payload;
  for (const auto& [id, value] : settings) payload += Number(id).substr(2) + Number(value);
  Send(NGHTTP2_SETTINGS, 0, 0, payload);
}

void Http2Peer::GreetAsClient(const std::map<std::uint16_t, std::uint32_t>& settings) {
  SendRaw(NGHTTP2_CLIENT_MAGIC);
  SendSettings(settings);
}

void Http2Peer::GreetAsServer(const std::map<std::uint16_t, std::uint32_t>& settings) {
  EXPECT_EQ(transport_.read_exactly(NGHTTP2_CLIENT_MAGIC_LEN), NGHTTP2_CLIENT_MAGIC);
  SendSettings(settings);
}

std::string Http2Peer::Block(const FieldList& fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    block += static_cast<char>(0x10);
    AppendInteger(block, 7, name.size());
    block += name;
    AppendInteger(block, 7, value.size());
    block += value;
  }
  return block;
}

Http2Peer::FieldList Http2Peer::Request(const std::string& method, const std::string& path,
                                        const FieldList& more) {
  FieldList fields = {{":method", method}, {":scheme", "http"}, {":path", path}, {":authority", "t"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

bool Http2Peer::Headers(std::int32_t stream, const FieldList& fields, bool end) {
  const auto flags =
      static_cast<std::uint8_t>(NGHTTP2_FLAG_END_HEADERS | (end ? NGHTTP2_FLAG_END_STREAM : 0));
  return Send(NGHTTP2_HEADERS, flags, stream, Block(fields));
}

bool Http2Peer::Data(std::int32_t stream, std::string_view bytes, bool end) {
  return Send(NGHTTP2_DATA, end ? NGHTTP2_FLAG_END_STREAM : 0, stream, bytes);
}

bool Http2Peer::Reset(std::int32_t stream, std::uint32_t error) {
  return Send(NGHTTP2_RST_STREAM, 0, stream, Number(error));
}

bool Http2Peer::OpenWindow(std::int32_t stream, std::uint32_t bytes) {
  return Send(NGHTTP2_WINDOW_UPDATE, 0, stream, Number(bytes));
}

Http2Frame Http2Peer::Next() {
  const std::string head = transport_.read_exactly(9);
  if (head.size() < 9) {
    ended_ = true;
    return {.payload = {}, .none = true};
  }
  Http2Frame frame;
  frame.type = static_cast<std::uint8_t>(head[3]);
  frame.flags = static_cast<std::uint8_t>(head[4]);
  frame.stream = static_cast<std::int32_t>(ReadNumber(std::string_view(head).substr(5)) & 0x7fffffff);
  const std::size_t size = ReadNumber(std::string(1, '\0') + head.substr(0, 3));
  if (size > 0) frame.payload = transport_.read_exactly(size);
  const bool ack = !acknowledges_ || frame.has(NGHTTP2_FLAG_ACK);
  if (frame.type == NGHTTP2_SETTINGS && !ack) Send(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0);
  if (frame.type == NGHTTP2_PING && !ack) Send(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, frame.payload);
  return frame;
}

Http2Frame Http2Peer::Next(std::uint8_t type) {
  Http2Frame frame = Next();
  while (!frame.none && frame.type != type) frame = Next();
  return frame;
}

Http2Peer::FieldList Http2Peer::Decode(const Http2Frame& frame) {
  FieldList fields;
  const auto* at = reinterpret_cast<const std::uint8_t*>(frame.payload.data());
  std::size_t left = frame.payload.size();
  int flags = 0;
  while ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0) {
    nghttp2_nv field;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
    if (used < 0) {
      ADD_FAILURE() << "the header block cannot be decoded";
      return fields;
    }
    at += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      fields.emplace_back(std::string(reinterpret_cast<const char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<const char*>(field.value), field.valuelen));
    }
  }
  nghttp2_hd_inflate_end_headers(inflater_);
  return fields;
}

void Http2Peer::Note(const Http2Frame& frame) {
  Answer& answer = answers_[frame.stream];
  switch (frame.type) {
    case NGHTTP2_HEADERS:
      for (const auto& [name, value] : Decode(frame)) {
        if (name == ":status") {
          std::from_chars(value.data(), value.data() + value.size(), answer.status);
        } else {
          answer.fields[name] = value;
        }
      }
      break;
    case NGHTTP2_DATA:
      answer.body += frame.payload;
      if (grant_ > 0 && !frame.payload.empty()) {
        OpenWindow(0, grant_);
        if (!frame.has(NGHTTP2_FLAG_END_STREAM)) OpenWindow(frame.stream, grant_);
      }
      break;
    case NGHTTP2_RST_STREAM:
      answer.reset = frame.error();
      return;
    case NGHTTP2_GOAWAY:
      goaway_ = frame.error();
      return;
    default:
      return;
  }
  if (frame.has(NGHTTP2_FLAG_END_STREAM)) answer.ended = true;
}

Http2Peer::Answer Http2Peer::ReadAnswer(std::int32_t stream) {
  while (!ended_ && !answers_[stream].ended && !answers_[stream].reset) {
    const Http2Frame frame = Next();
    if (!frame.none) Note(frame);
  }
  Answer answer = answers_[stream];
  answer.goaway = goaway_;
  return answer;
}

Http2Peer::Answer Http2Peer::ReadHead(std::int32_t stream) {
  while (!ended_ && answers_[stream].status == 0 && !answers_[stream].reset) {
    const Http2Frame frame = Next();
    if (!frame.none) Note(frame);
  }
  return answers_[stream];
}

std::optional<std::uint32_t> Http2Peer::ReadGoaway() {
  while (!ended_ && !goaway_) {
    const Http2Frame frame = Next();
    if (!frame.none) Note(frame);
  }
  return goaway_;
}

}  // namespace net
