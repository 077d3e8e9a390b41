#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/counted.h"
#include "net/http2_server_internal.h"

namespace net {
namespace {

using base::Code;
using base::Error;
using namespace std::chrono_literals;

// Cheap frames: settings, pings, window updates, priorities, resets of what is closed, empty data. Each
// stream that may be open has room for a few at once, each piece that a client took pays for its window
// updates.
constexpr std::int64_t kFramesBurst = 1000;
constexpr std::int64_t kFramesPerStream = 4;
constexpr auto kFramesInterval = 10ms;
// A client may end all its streams at once, but not go on like that.
constexpr std::int64_t kResetsMin = 100;
constexpr auto kResetsInterval = 30ms;
// A client that is still sending when its answer is complete may take it for cut if it is stopped at once.
constexpr std::chrono::nanoseconds kLinger = 2s;
constexpr std::int32_t kConnectionWindow = 1 * base::MiB;

int StatusOf(const Error& error) {
  return error.code == Code::kTooLarge ? 431 : 400;
}

}  // namespace

Http2Server::Http2Server(ServerLoop& loop, Connection& connection, const ServerLimits& limits)
    : loop_(loop),
      connection_(connection),
      limits_(limits),
      session_(connection, *this),
      resets_(std::max<std::int64_t>(kResetsMin, limits.streams_max), kResetsInterval, loop.loop().Now()),
      frames_(kFramesBurst + kFramesPerStream * limits.streams_max, kFramesInterval, loop.loop().Now()),
      idle_timer_(loop.loop().timers(), [this] { Goodbye(NGHTTP2_NO_ERROR); }),
      head_timer_(loop.loop().timers(), [this] { Goodbye(NGHTTP2_ENHANCE_YOUR_CALM); }),
      linger_timer_(loop.loop().timers(), [this] { StopLingering(); }) {}

Task<void> Http2Server::Run(std::string_view received) {
  idle_timer_.SetAfter(limits_.header_timeout);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits_.streams_max},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, Http2Stream::kWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits_.head_bytes_max)}};
  session_.Start(Http2Session::Role::kServer, settings, kConnectionWindow, received);
  session_.Settle();
  session_.Flush();
  co_await over_;
  connection_.Unwatch();
}

void Http2Server::Goodbye(std::uint32_t error) {
  session_.Terminate(error);
  session_.Settle();
  session_.Flush();
}

// While streams are in progress nothing is said: some clients give up all of them at the first GOAWAY.
void Http2Server::Drain(bool last) {
  if (!session_.lost() && streams_.empty() && (had_one_ || last)) Goodbye(NGHTTP2_NO_ERROR);
}

void Http2Server::GiveUp() {
  std::vector<std::int32_t> ids;
  for (const auto& [id, unused] : streams_) ids.push_back(id);
  for (const std::int32_t id : ids) {
    const Http2Stream* const stream = Find(id);
    if (stream != nullptr && stream->exchange != nullptr) stream->exchange->cancel().Fire(Code::kUnavailable);
  }
}

// ---- streams, outside of the library

Http2Stream* Http2Server::Find(std::int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Http2Server::Touch(Http2Stream& stream) {
  session_.Touch(stream.id(), stream.touched);
}

void Http2Server::OnOver() {
  for (const auto& [unused, stream] : streams_) {
    stream->OnClosed();
    Touch(*stream);
  }
}

// What is looked at may end, and then be gone.
void Http2Server::Attend(std::int32_t id) {
  Http2Stream* stream = Find(id);
  if (stream == nullptr) return;
  stream->touched = false;
  if (!stream->served) {
    if (stream->closed()) {
      End(*stream, false);
    } else if (stream->head_complete()) {
      Serve(*stream);
    }
    return;
  }
  if (stream->closed() && stream->exchange != nullptr) {
    stream->exchange->cancel().Fire(Code::kCancelled);
    stream = Find(id);
  }
  if (stream != nullptr) stream->Wake();
}

void Http2Server::Serve(Http2Stream& stream) {
  stream.served = true;
  had_one_ = true;
  auto request = stream.head_text().Request(!stream.body_ended());
  if (!request) {
    Spawn(Refuse(stream, StatusOf(request.error()), std::move(request).error()));
  } else if (loop_.TooMany(limits_)) {
    Spawn(Refuse(stream, 503, {Code::kUnavailable, "too many streams are open; try again in a moment"}));
  } else {
    stream.request = std::move(*request);
    Spawn(Handle(stream));
  }
}

Task<void> Http2Server::Handle(Http2Stream& stream) {
  bool complete = false;
  {
    const base::Counted counted(loop_.exchanges());
    const base::Counted open(loop_.streams());
    Exchange exchange(loop_, connection_, stream.request, limits_, &stream);
    stream.exchange = &exchange;
    co_await loop_.handler()(exchange);
    stream.exchange = nullptr;
    complete = exchange.finished();
  }
  End(stream, complete);
}

Task<void> Http2Server::Refuse(Http2Stream& stream, int status, Error error) {
  const Refusal refusal = loop_.RefusalFor(status, error);
  stream.Begin(status, "date: " + std::string(loop_.Date()) + "\r\n" + refusal.fields +
                           "content-length: " + std::to_string(refusal.body.size()) + "\r\n");
  const std::string_view pieces[] = {refusal.body};
  const auto sent = co_await stream.Send(pieces, true);
  End(stream, sent.has_value());
}

// An answer that was not complete is cut. A request that nobody reads on is, after a while, stopped without a
// fault (RFC 9113 section 8.1); until then what comes of it is dropped.
void Http2Server::End(Http2Stream& stream, bool complete) {
  const std::int32_t id = stream.id();
  if (!stream.closed()) {
    if (!complete) Http2Reset(session_, id, NGHTTP2_INTERNAL_ERROR);
    if (complete && !stream.body_ended()) {
      lingering_.push_back({id, loop_.loop().Now() + std::min(kLinger, limits_.body_idle_timeout)});
      if (!linger_timer_.pending()) linger_timer_.SetAt(lingering_.back().until);
    }
  }
  streams_.erase(id);
  if (streams_.empty()) {
    idle_timer_.SetAfter(limits_.keep_alive);
    if (loop_.draining() && !session_.lost()) session_.Terminate(NGHTTP2_NO_ERROR);
  }
  session_.Flush();
  session_.EndIfOver();
}

void Http2Server::StopLingering() {
  while (!lingering_.empty() && lingering_.front().until <= loop_.loop().Now()) {
    const std::int32_t id = lingering_.front().stream;
    lingering_.pop_front();
    const bool sends = nghttp2_session_get_stream_remote_close(session_.raw(), id) == 0;
    if (sends) Http2Reset(session_, id, NGHTTP2_NO_ERROR);
  }
  if (!lingering_.empty()) linger_timer_.SetAt(lingering_.front().until);
  session_.Flush();
}

void Http2Server::OnSettled() {
  if (!streams_.empty() || std::exchange(finished_, true)) return;
  idle_timer_.Cancel();
  head_timer_.Cancel();
  linger_timer_.Cancel();
  loop_.loop().Post([this] { over_.Notify(); });  // whoever called is still at work in here
}

// ---- called by the session

bool Http2Server::OnBlock(const nghttp2_frame& frame) {
  const std::int32_t id = frame.hd.stream_id;
  head_timer_.SetAfter(limits_.header_timeout);
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return true;
  // A stream that the client has reset counts until its handler has ended.
  if (streams_.size() >= limits_.streams_max) {
    head_timer_.Cancel();
    Http2Reset(session_, id, NGHTTP2_REFUSED_STREAM);
    return false;
  }
  idle_timer_.Cancel();
  streams_.emplace(id, std::make_unique<Http2Stream>(*this, id, limits_.head_bytes_max));
  return true;
}

// Past its limit a list is counted on, so that it can be answered; far past it, it is an attack.
bool Http2Server::OnField(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
  Http2Stream* const stream = Find(frame.hd.stream_id);
  if (stream == nullptr) return true;
  if (stream->head_complete()) {
    trailer_bytes_ += name.size() + value.size();
  } else {
    stream->head_text().Add(name, value);
  }
  const std::size_t bytes = std::max(stream->head_text().list_bytes(), trailer_bytes_);
  if (bytes <= 2 * limits_.head_bytes_max) return true;
  head_timer_.Cancel();
  session_.Terminate(NGHTTP2_ENHANCE_YOUR_CALM);
  return false;
}

void Http2Server::OnForbiddenField(const nghttp2_frame&) {
  head_timer_.Cancel();
}

void Http2Server::OnForbiddenFrame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_HEADERS) head_timer_.Cancel();
}

void Http2Server::OnFrame(const nghttp2_frame& frame) {
  NoteFrame(frame);
  Http2Stream* const stream = Find(frame.hd.stream_id);
  const bool ended = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (frame.hd.type == NGHTTP2_HEADERS) {
    head_timer_.Cancel();
    trailer_bytes_ = 0;
    if (stream == nullptr) return;
    if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) stream->OnHead(ended);
  }
  if (stream == nullptr || (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA)) return;
  if (ended) stream->OnEnd();
  Touch(*stream);
}

// Frames that cost the client next to nothing and carry no part of a message.
void Http2Server::NoteFrame(const nghttp2_frame& frame) {
  const bool ack = (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0;
  bool cheap = false;
  switch (frame.hd.type) {
    case NGHTTP2_SETTINGS:
      if (!ack && !std::exchange(greeted_, true)) {
        if (streams_.empty()) idle_timer_.SetAfter(limits_.keep_alive);
        return;
      }
      cheap = true;
      break;
    case NGHTTP2_DATA:
      cheap = frame.hd.length == 0 && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0;
      break;
    default:
      cheap = frame.hd.type != NGHTTP2_HEADERS;
  }
  if (cheap && !frames_.Take(loop_.loop().Now())) session_.Terminate(NGHTTP2_ENHANCE_YOUR_CALM);
}

void Http2Server::OnData(std::int32_t id, std::string_view bytes) {
  if (Http2Stream* const stream = Find(id)) {
    stream->OnData(bytes);
  } else {
    nghttp2_session_consume_stream(session_.raw(), id, bytes.size());
  }
}

void Http2Server::OnClose(std::int32_t id, std::uint32_t) {
  Http2Stream* const stream = Find(id);
  if (stream == nullptr) return;
  stream->OnClosed();
  Touch(*stream);
  // Whoever ended it early, and with whatever code: work that was begun is thrown away.
  if (!stream->answered() && !resets_.Take(loop_.loop().Now())) {
    session_.Terminate(NGHTTP2_ENHANCE_YOUR_CALM);
  }
}

ssize_t Http2Server::OnTake(std::int32_t id, std::span<std::uint8_t> room, std::uint32_t& flags) {
  Http2Stream* const stream = Find(id);
  if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  Touch(*stream);
  return stream->Take(room, flags);
}

}  // namespace net
