#include <algorithm>
#include <utility>

#include "base/check.h"
#include "net/http2_client_internal.h"

namespace net {
namespace {

using base::Code;
using base::Error;
using base::Fail;
using base::Result;

// A head that passes on all fields of a client has a few of ours beside them.
constexpr HeadLimits kOwnHead{.fields_max = HeadLimits().fields_max + 32};
constexpr int kInterimMax = 8;  // 1xx answers before the real one

}  // namespace

Http2Call::Http2Call(std::shared_ptr<Http2Client> client, const CallTimeouts& timeouts)
    : client_(std::move(client)),
      timeouts_(timeouts),
      head_text_(client_->options_.head_bytes_max),
      timer_(client_->loop_.timers(), [this] { Expire(); }) {}

Http2Call::~Http2Call() {
  if (id_ != 0) client_->Leave(*this);
}

// A call may time out because its connection is dead, and others with it: until a ping is answered these are
// one failure.
void Http2Call::Expire() {
  const auto client = client_;  // this may be gone once it has been told
  timed_out_ = true;
  failure_ = client->Failure();
  client->Probe();
  event_.Notify();
  client->session_.Flush();
}

void Http2Call::Stop(Code why) {
  stopped_ = why;
  event_.Notify();
}

// ---- the request

// Takes the head of an HTTP/1.1 request apart and leaves its body to be taken piece by piece.
Result<void> Http2Call::Submit(std::string_view method, std::span<const std::string_view> message) {
  std::string text;
  std::size_t size = 0;
  std::size_t used = 0;
  while (size == 0 && used < message.size()) {
    text += message[used++];
    size = FindHeadEnd(text, 0);
  }
  const auto request = ParseRequestHead(std::string_view(text).substr(0, size), kOwnHead);
  if (!request) return Fail(request.error());
  const std::size_t of_head = message[used - 1].size() - (text.size() - size);  // in the last piece looked at
  pieces_ = Http2Pieces(message.subspan(used - 1), of_head);
  sent_ = pieces_.empty();
  bodiless_ = method == "HEAD";

  const std::size_t line = text.find("\r\n") + 2;
  Http2FieldList list(text.substr(line, size - line - 2));
  list.Add(":method", request->method);
  list.Add(":scheme", "https");
  list.Add(":authority", request->host);
  list.Add(":path", request->target);
  list.AddText();
  const nghttp2_data_provider data = Http2Session::Provider();
  const std::int32_t id =
      nghttp2_submit_request(client_->session_.raw(), nullptr, list.view().data(), list.view().size(),
                             pieces_.empty() ? nullptr : &data, nullptr);
  if (id < 0) return Fail(Code::kClosed, "the connection takes no more requests");
  id_ = id;
  client_->Join(*this);
  return {};
}

ssize_t Http2Call::Take(std::span<std::uint8_t> room, std::uint32_t& flags) {
  if (held_back_) return NGHTTP2_ERR_DEFERRED;
  const std::size_t taken = pieces_.Take(room);
  progressed_ = true;
  sent_ = pieces_.empty();
  if (sent_) flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(taken);
}

Task<Result<void>> Http2Call::Send(std::string_view method, std::span<const std::string_view> message,
                                   ResponseHead& head) {
  if (auto submitted = Submit(method, message); !submitted) co_return submitted;
  client_->session_.Flush();
  bool all_sent = sent_;
  timer_.SetAfter(all_sent ? timeouts_.first_byte : timeouts_.idle);
  while (!head_ && !failed()) {
    co_await event_;
    if (!all_sent && sent_) {
      all_sent = true;
      timer_.SetAfter(timeouts_.first_byte);
    } else if (!all_sent && std::exchange(progressed_, false)) {
      timer_.SetAfter(timeouts_.idle);
    }
  }
  timer_.Cancel();
  if (!head_) co_return Fail(Failure());
  if (!*head_) co_return Fail(head_->error());
  head = std::move(**head_);
  held_back_ = head.status >= 300;  // nobody reads on where that is the answer
  patience_ = timeouts_.idle;
  co_return Result<void>();
}

// What the server can have seen: it has said that it did not act on the request, the request never left, or
// the server had finished before it came (see Call::NoteFailure).
Call::Progress Http2Call::progress() const {
  if (head_ || interim_ > 0) return Call::Progress::kAnswering;
  const bool refused = error_ == NGHTTP2_REFUSED_STREAM || error_ == NGHTTP2_HTTP_1_1_REQUIRED;
  if (refused || !sent_before_) return Call::Progress::kNotSent;
  const Connection& connection = client_->connection_;
  const bool never_left = connection.bytes_sent() <= *sent_before_;
  const bool too_late =
      client_->session_.ended_in_order() && connection.bytes_acknowledged() <= *sent_before_;
  return never_left || too_late ? Call::Progress::kNotSent : Call::Progress::kSent;
}

Error Http2Call::Failure() const {
  if (stopped_) return {*stopped_, "given up while waiting for the provider"};
  if (malformed_ || error_ == NGHTTP2_PROTOCOL_ERROR) return {Code::kInvalid, "the answer is not HTTP/2"};
  if (timed_out_ && head_) return {Code::kTimeout, std::string(kAnswerStalled)};
  if (timed_out_) return {Code::kTimeout, std::string(sent_ ? kNoAnswerBegan : kRequestNotTaken)};
  return {Code::kClosed, "the stream was ended before the answer was"};
}

// ---- the answer

void Http2Call::OnHead(bool ended) {
  ended_ = ended;
  if (head_) return;  // trailers
  auto head = head_text_.Response(!ended && !bodiless_);
  if (head && head->status < 200 && ++interim_ <= kInterimMax) {
    head_text_.Clear();
    return;
  }
  if (head && head->status < 200) head = Fail(Code::kInvalid, "the server never came to a final answer");
  head_ = std::move(head);
}

void Http2Call::OnData(std::string_view bytes) {
  if (unread_.size() + lent_.size() + bytes.size() > static_cast<std::size_t>(window_)) {
    malformed_ = true;  // the library does not hold the server to its window
    return;
  }
  unread_.Append(bytes);
}

void Http2Call::OnClosed(std::uint32_t error) {
  closed_ = true;
  error_ = error;
}

void Http2Call::Reopen(std::size_t count) {
  if (count == 0 || closed_ || ended_) return;
  nghttp2_session_consume_stream(client_->session_.raw(), id_, count);
  client_->session_.Flush();
}

Result<std::optional<std::string_view>> Http2Call::TryRead() {
  Reopen(lent_.size());
  lent_ = std::exchange(unread_, base::Buffer());
  if (!lent_.empty()) return lent_.view();
  if (ended_) return std::string_view();
  if (failed()) return Fail(Failure());
  return std::nullopt;
}

Task<Result<std::string_view>> Http2Call::Read() {
  timer_.SetAfter(patience_);
  while (true) {
    const auto piece = TryRead();
    if (piece && !*piece) {
      co_await event_;
      if (std::exchange(progressed_, false)) timer_.SetAfter(patience_);
      continue;
    }
    timer_.Cancel();
    if (!piece) co_return Fail(piece.error());
    co_return **piece;
  }
}

Result<bool> Http2Call::TryReadAll(base::Buffer& out, std::uint64_t bytes_max) {
  while (true) {
    const auto piece = TryRead();
    if (!piece) return Fail(piece.error());
    if (!*piece) return false;
    if ((*piece)->empty()) return true;
    if ((*piece)->size() > bytes_max - std::min<std::uint64_t>(out.size(), bytes_max)) {
      return Fail(Code::kTooLarge, "the body is larger than " + std::to_string(bytes_max) + " bytes");
    }
    out.Append(**piece);
  }
}

// What is read into memory of the caller's may come faster.
Task<Result<void>> Http2Call::ReadAll(base::Buffer& out, std::uint64_t bytes_max) {
  if (!closed_ && !ended_) {
    window_ = kWholeWindow;
    nghttp2_session_set_local_window_size(client_->session_.raw(), NGHTTP2_FLAG_NONE, id_, window_);
    client_->session_.Flush();
  }
  while (true) {
    const auto all = TryReadAll(out, bytes_max);
    if (!all) co_return Fail(all.error());
    if (*all) co_return Result<void>();
    timer_.SetAfter(patience_);
    co_await event_;
    timer_.Cancel();
  }
}

}  // namespace net
