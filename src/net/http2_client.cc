#include <algorithm>
#include <utility>

#include "base/check.h"
#include "net/http2_client_internal.h"

namespace net {
namespace {

using base::Code;
using namespace std::chrono_literals;

constexpr std::int32_t kConnectionWindow = 16 * base::MiB;
constexpr auto kSendTimeout = 60s;  // a server that takes nothing at all

}  // namespace

Http2Client::Http2Client(Loop& loop, Connection connection, const PoolOptions& options)
    : loop_(loop),
      connection_(std::move(connection)),
      options_(options),
      session_(connection_, *this),
      idle_timer_(loop.timers(), [this] { CloseIdle(); }),
      probe_timer_(loop.timers(), [this] { OnProbeTimer(); }) {}

void Http2Client::Start() {
  connection_.SetSendTimeout(kSendTimeout);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, Http2Call::kWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(options_.head_bytes_max)}};
  session_.Start(Http2Session::Role::kClient, settings, kConnectionWindow, {});
  session_.Flush();
  idle_timer_.SetAfter(options_.idle_close);
}

bool Http2Client::usable() const {
  return !closing_ && !session_.over() && nghttp2_session_check_request_allowed(session_.raw()) != 0;
}

bool Http2Client::HasRoom() const {
  if (!usable() || refusing_) return false;
  const std::uint32_t theirs =
      nghttp2_session_get_remote_settings(session_.raw(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return calls_.size() < std::min(kStreamsMax, theirs);
}

Http2Call* Http2Client::Find(std::int32_t id) {
  const auto found = calls_.find(id);
  return found == calls_.end() ? nullptr : found->second;
}

void Http2Client::Touch(Http2Call& call) {
  session_.Touch(call.id_, call.touched_);
}

void Http2Client::Join(Http2Call& call) {
  calls_.emplace(call.id_, &call);
  used_ = true;
  idle_timer_.Cancel();
  if (!probing_) probe_timer_.Cancel();
}

void Http2Client::Leave(Http2Call& call) {
  calls_.erase(call.id_);
  const bool unfinished = !call.closed_ && !(call.ended_ && call.sent_);
  if (unfinished && !session_.lost()) Http2Reset(session_, call.id_, NGHTTP2_CANCEL);
  if (call.head_) refusing_ = false;
  if (calls_.empty() && refusing_) return CloseIdle();
  if (calls_.empty()) {
    idle_timer_.SetAfter(options_.idle_close);
    if (!probing_) probe_timer_.SetAfter(options_.ping_after);
  }
  session_.Flush();
}

void Http2Client::Close() {
  closing_ = true;
  connection_.Abort(Code::kCancelled);
}

void Http2Client::CloseIdle() {
  const auto kept = Keep();
  closing_ = true;
  session_.Terminate(NGHTTP2_NO_ERROR);
  session_.Flush();
}

// Submits a ping, which goes with the next Flush.
void Http2Client::Probe() {
  if (std::exchange(probing_, true) || session_.over()) return;
  nghttp2_submit_ping(session_.raw(), NGHTTP2_FLAG_NONE, nullptr);
  probe_timer_.SetAfter(options_.ping_timeout);
}

void Http2Client::OnProbeTimer() {
  const auto kept = Keep();
  if (!probing_) {
    Probe();
    return session_.Flush();
  }
  closing_ = true;
  connection_.Abort(Code::kClosed);
}

void Http2Client::AskedForHttp11() {
  closing_ = true;
  http11_asked_ = loop_.Now();
}

const std::shared_ptr<SharedFailure>& Http2Client::Failure() {
  if (!failure_) failure_ = std::make_shared<SharedFailure>();
  return failure_;
}

// ---- called by the session

bool Http2Client::OnField(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
  Http2Call* const call = Find(frame.hd.stream_id);
  if (call != nullptr && !call->head_) call->head_text_.Add(name, value);  // trailers are dropped
  return true;
}

void Http2Client::OnForbiddenField(const nghttp2_frame& frame) {
  if (Http2Call* const call = Find(frame.hd.stream_id)) call->malformed_ = true;
}

void Http2Client::OnFrame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY) {
    goaway_ = closing_ = true;
    if (frame.goaway.error_code == NGHTTP2_HTTP_1_1_REQUIRED) AskedForHttp11();
  }
  if (frame.hd.type == NGHTTP2_PING && (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) {
    probing_ = false;
    failure_.reset();
    probe_timer_.Cancel();
    if (calls_.empty()) probe_timer_.SetAfter(options_.ping_after);
  }
  Http2Call* const call = Find(frame.hd.stream_id);
  if (call == nullptr) return;
  const bool ended = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (frame.hd.type == NGHTTP2_HEADERS) {
    call->OnHead(ended);
  } else if (frame.hd.type == NGHTTP2_DATA) {
    call->ended_ = ended;
  }
  Touch(*call);
}

void Http2Client::OnFrameSent(const nghttp2_frame& frame) {
  Http2Call* const call = Find(frame.hd.stream_id);
  if (call != nullptr && !call->sent_before_) call->sent_before_ = connection_.bytes_sent();
}

void Http2Client::OnData(std::int32_t stream, std::string_view bytes) {
  if (Http2Call* const call = Find(stream)) {
    call->OnData(bytes);
    Touch(*call);
  }
}

void Http2Client::OnClose(std::int32_t stream, std::uint32_t error) {
  if (error == NGHTTP2_REFUSED_STREAM) refusing_ = true;
  if (error == NGHTTP2_HTTP_1_1_REQUIRED) AskedForHttp11();
  if (Http2Call* const call = Find(stream)) {
    if (goaway_ && error == NGHTTP2_REFUSED_STREAM) call->failure_ = Failure();
    call->OnClosed(error);
    Touch(*call);
  }
}

ssize_t Http2Client::OnTake(std::int32_t stream, std::span<std::uint8_t> room, std::uint32_t& flags) {
  Http2Call* const call = Find(stream);
  if (call == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  Touch(*call);
  return call->Take(room, flags);
}

void Http2Client::OnOver() {
  for (const auto& [unused, call] : calls_) {
    if (call->closed_) continue;
    if (!call->ended_) call->failure_ = Failure();
    call->OnClosed(NGHTTP2_NO_ERROR);
    Touch(*call);
  }
}

void Http2Client::Attend(std::int32_t stream) {
  Http2Call* const call = Find(stream);
  if (call == nullptr) return;
  call->touched_ = false;
  call->event_.Notify();  // may end it
}

void Http2Client::OnSettled() {
  if (calls_.empty()) connection_.Abort(Code::kCancelled);
}

}  // namespace net
