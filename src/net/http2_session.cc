#include <utility>

#include "base/check.h"
#include "net/http2_session_internal.h"

namespace net {

void Http2Session::Start(Role role, std::span<const nghttp2_settings_entry> settings, std::int32_t window,
                         std::string_view received) {
  session_ = Make(role, owner_);
  CHECK(nghttp2_submit_settings(raw(), NGHTTP2_FLAG_NONE, settings.data(), settings.size()) == 0);
  CHECK(nghttp2_session_set_local_window_size(raw(), NGHTTP2_FLAG_NONE, 0, window) == 0);
  Feed(received);
  connection_.SetReceiveTimeout(std::chrono::nanoseconds(0));
  connection_.Listen([this] { OnBytes(); }, [this] { OnEnd(); });
}

void Http2Session::OnBytes() {
  const auto kept = owner_.Keep();
  Feed(connection_.Unread());
  connection_.Consume(connection_.Unread().size());
  Settle();
  Flush();
}

void Http2Session::Touch(std::int32_t stream, bool& touched) {
  if (!std::exchange(touched, true)) touched_.push_back(stream);
}

void Http2Session::Settle() {
  if (settling_ || reading_) return;
  settling_ = true;
  if (over() && !std::exchange(told_, true)) owner_.OnOver();
  for (std::size_t i = 0; i < touched_.size(); ++i) owner_.Attend(touched_[i]);
  touched_.clear();
  settling_ = false;
  EndIfOver();
}

void Http2Session::EndIfOver() {
  if (!over() || settling_ || reading_ || pumping_) return;
  if (!told_) return Settle();
  owner_.OnSettled();
}

void Http2Session::Feed(std::string_view bytes) {
  if (lost_ || bytes.empty()) return;
  reading_ = true;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const ssize_t read = nghttp2_session_mem_recv(session_.get(), data, bytes.size());
  reading_ = false;
  if (read >= 0) return;
  // What the protocol knows as an error the library has answered itself; here it has given up on the peer.
  const bool flood = read == NGHTTP2_ERR_FLOODED;
  CHECK(read != NGHTTP2_ERR_CALLBACK_FAILURE && read != NGHTTP2_ERR_NOMEM);
  Terminate(flood ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
}

void Http2Session::Terminate(std::uint32_t error) {
  nghttp2_session_terminate_session(session_.get(), error);
}

void Http2Session::Flush() {
  if (pumping_ || reading_ || lost_) return;
  pumping_ = true;
  Spawn(Pump());
}

bool Http2Session::Collect() {
  while (!lost_ && out_.size() < kOutMax) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    CHECK(size >= 0);
    if (size == 0) break;
    out_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  return !lost_ && !out_.empty();
}

Task<void> Http2Session::Pump() {
  const auto kept = owner_.Keep();
  while (Collect()) {
    const std::string_view pieces[] = {out_};
    const auto sent = co_await connection_.Send(pieces);
    if (!sent) Lose();
    out_.clear();
    Settle();
  }
  if (out_.capacity() > Connection::kBufferMin) out_ = std::string();
  pumping_ = false;
  Settle();
}

void Http2Session::OnEnd() {
  const auto kept = owner_.Keep();
  ended_in_order_ = !lost_ && !connection_.aborted();
  Lose();
}

void Http2Session::Lose() {
  if (std::exchange(lost_, true)) return;
  connection_.StopSending();
  Settle();
}

bool Http2Session::over() const {
  return lost_ ||
         (nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0);
}

void Http2Reset(Http2Session& session, std::int32_t stream, std::uint32_t error) {
  nghttp2_submit_rst_stream(session.raw(), NGHTTP2_FLAG_NONE, stream, error);
}

}  // namespace net
