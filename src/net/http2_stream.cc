#include <algorithm>
#include <utility>

#include "base/check.h"
#include "net/http2_server_internal.h"

namespace net {

using base::Code;
using base::Fail;
using base::Result;

Http2Stream::Http2Stream(Http2Server& server, std::int32_t id, std::size_t head_bytes_max)
    : server_(server),
      id_(id),
      head_text_(head_bytes_max),
      body_timer_(server.loop_.loop().timers(), [this] { Expire(); }),
      write_timer_(server.loop_.loop().timers(), [this] { GiveUpSending(); }) {}

void Http2Stream::OnHead(bool ended) {
  head_complete_ = true;
  body_ended_ = ended;
}

// ---- the request's body

void Http2Stream::OnData(std::string_view bytes) {
  if (body_state_ == Body::kDropped) return;
  if (body_state_ == Body::kWaits && body_.size() + bytes.size() > kWindow) {
    // The library does not hold the client to its window.
    body_state_ = Body::kDropped;
    return Http2Reset(server_.session_, id_, NGHTTP2_FLOW_CONTROL_ERROR);
  }
  body_.Append(bytes);
  if (body_state_ == Body::kWaits) return;
  nghttp2_session_consume_stream(server_.session_.raw(), id_, bytes.size());
  body_timer_.SetAfter(server_.limits_.body_idle_timeout);
  if (body_.size() > server_.limits_.body_bytes_max) body_state_ = Body::kDropped;
}

void Http2Stream::Expire() {
  body_late_ = true;
  event_.Notify();
}

Result<void> Http2Stream::CheckBody() const {
  if (body_.size() > server_.limits_.body_bytes_max) {
    return Fail(Code::kTooLarge,
                "the body is larger than " + std::to_string(server_.limits_.body_bytes_max) + " bytes");
  }
  if (closed_ && !body_ended_) return Fail(Code::kClosed, "the stream ended before the message did");
  if (body_late_) return Fail(Code::kTimeout, "the time allowed for the body ran out");
  return {};
}

Task<Result<base::Buffer>> Http2Stream::ReadBody(std::optional<base::MonoTime> deadline) {
  const ServerLimits& limits = server_.limits_;
  nghttp2_session* const session = server_.session_.raw();
  if (request.body.bytes > limits.body_bytes_max) {
    co_return Fail(Code::kTooLarge,
                   "the body is larger than " + std::to_string(limits.body_bytes_max) + " bytes");
  }
  if (body_state_ == Body::kWaits) body_state_ = Body::kRead;
  if (!body_ended_ && !closed_) {
    nghttp2_session_consume_stream(session, id_, body_.size());
    if (request.body.kind != BodyLength::Kind::kSized || request.body.bytes > kWindow) {
      nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, id_, kReadingWindow);
    }
    if (request.expect_continue && body_.empty()) {
      Http2FieldList interim{std::string()};
      interim.Add(":status", "100");
      nghttp2_submit_headers(session, NGHTTP2_FLAG_NONE, id_, nullptr, interim.view().data(),
                             interim.view().size(), nullptr);
    }
    server_.session_.Flush();
  }
  Timer whole(server_.loop_.loop().timers(), [this] { Expire(); });
  const base::MonoTime latest = server_.loop_.loop().Now() + limits.body_timeout;
  whole.SetAt(std::min(latest, deadline.value_or(latest)));
  body_timer_.SetAfter(limits.body_idle_timeout);
  auto fine = CheckBody();
  while (fine && !body_ended_) {
    co_await event_;
    fine = CheckBody();
  }
  body_state_ = Body::kDropped;
  body_timer_.Cancel();
  if (!fine) co_return Fail(std::move(fine).error());
  co_return std::move(body_);
}

// ---- the answer

void Http2Stream::Begin(int status, std::string fields) {
  status_ = status;
  fields_ = std::move(fields);
  head_unsent_ = true;
}

// With `more` data follows, now or later.
void Http2Stream::SubmitHead(bool more) {
  head_unsent_ = false;
  const std::string status = std::to_string(status_);
  Http2FieldList list(std::move(fields_));
  list.Add(":status", status);
  list.AddText();
  const nghttp2_data_provider data = Http2Session::Provider();
  nghttp2_submit_response(server_.session_.raw(), id_, list.view().data(), list.view().size(),
                          more ? &data : nullptr);
}

Task<Result<void>> Http2Stream::Send(std::span<const std::string_view> pieces, bool end) {
  CHECK(!sending());
  pieces_ = Http2Pieces(pieces);
  end_unsent_ = end;
  if (!closed_ && !timed_out_) {
    if (head_unsent_) {
      const bool more = !pieces_.empty() || !end;
      answered_ = !more;
      if (!more) end_unsent_ = false;  // the head says it
      SubmitHead(more);
    } else if (deferred_ && sending()) {
      deferred_ = false;
      nghttp2_session_resume_data(server_.session_.raw(), id_);
    }
    server_.session_.Flush();
  }
  if (sending()) write_timer_.SetAfter(server_.limits_.write_idle_timeout);
  while (sending() && !closed_ && !timed_out_) co_await event_;
  write_timer_.Cancel();
  const bool whole = !sending();
  pieces_.Clear();
  end_unsent_ = false;
  if (timed_out_) co_return Fail(Code::kTimeout, "the client took nothing for too long");
  if (!whole || (closed_ && !end)) co_return Fail(Code::kClosed, "the client has ended the stream");
  server_.frames_.Earn(Http2Server::kFramesEarned);
  co_return Result<void>();
}

// Called by the library when the client's windows have room.
ssize_t Http2Stream::Take(std::span<std::uint8_t> room, std::uint32_t& flags) {
  if (!sending()) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  const std::size_t taken = pieces_.Take(room);
  progressed_ = true;
  if (pieces_.empty() && end_unsent_) {
    flags |= NGHTTP2_DATA_FLAG_EOF;
    answered_ = true;
    end_unsent_ = false;
  }
  return static_cast<ssize_t>(taken);
}

void Http2Stream::GiveUpSending() {
  Http2Server& server = server_;  // this may go with its handler
  timed_out_ = true;
  Http2Reset(server.session_, id_, NGHTTP2_CANCEL);
  server.Touch(*this);
  server.session_.Settle();
  server.session_.Flush();
}

void Http2Stream::Wake() {
  // Any progress is a sign of life.
  if (std::exchange(progressed_, false) && sending()) {
    write_timer_.SetAfter(server_.limits_.write_idle_timeout);
  }
  event_.Notify();
}

}  // namespace net
