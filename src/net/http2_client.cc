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

Http2Client& Self(void* self) {
  return *static_cast<Http2Client*>(self);
}

std::string_view View(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

Http2Client::Http2Client(Loop& loop, Connection connection, const PoolOptions& options)
    : loop_(loop),
      connection_(std::move(connection)),
      options_(options),
      session_(connection_, *this),
      idle_timer_(loop.timers(), [this] { CloseIdle(); }),
      probe_timer_(loop.timers(), [this] { OnProbeTimer(); }) {}

Http2SessionPtr Http2Client::MakeSession() {
  static const Http2CallbacksPtr callbacks = MakeCallbacks();
  nghttp2_option* made = nullptr;
  CHECK(nghttp2_option_new(&made) == 0);
  const Http2OptionPtr option(made);
  nghttp2_option_set_no_auto_window_update(made, 1);  // a window opens when its bytes are read
  nghttp2_session* session = nullptr;
  CHECK(nghttp2_session_client_new2(&session, callbacks.get(), this, made) == 0);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, Http2Call::kWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(options_.head_bytes_max)}};
  CHECK(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, std::size(settings)) == 0);
  CHECK(nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow) == 0);
  return Http2SessionPtr(session);
}

void Http2Client::Start() {
  connection_.SetSendTimeout(kSendTimeout);
  session_.Start(MakeSession(), {});
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
  if (!std::exchange(call.touched_, true)) touched_.push_back(call.id_);
}

void Http2Client::Settle() {
  if (settling_ || session_.reading()) return;
  settling_ = true;
  if (session_.over() && !std::exchange(over_, true)) {
    for (const auto& [unused, call] : calls_) {
      if (call->closed_) continue;
      if (!call->ended_) call->failure_ = Failure();
      call->OnClosed(NGHTTP2_NO_ERROR);
      Touch(*call);
    }
  }
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    Http2Call* const call = Find(touched_[i]);
    if (call == nullptr) continue;
    call->touched_ = false;
    call->event_.Notify();  // may end it
  }
  touched_.clear();
  settling_ = false;
  if (!session_.over()) return;
  if (!over_) return Settle();
  if (calls_.empty() && !session_.sending()) connection_.Abort(Code::kCancelled);
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

// ---- called by the library

Http2CallbacksPtr Http2Client::MakeCallbacks() {
  nghttp2_session_callbacks* made = nullptr;
  CHECK(nghttp2_session_callbacks_new(&made) == 0);
  nghttp2_session_callbacks_set_on_header_callback(made, OnHeader);
  nghttp2_session_callbacks_set_on_invalid_header_callback(made, OnInvalidHeader);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, OnFrame);
  nghttp2_session_callbacks_set_on_frame_send_callback(made, OnFrameSent);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, OnData);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, OnClose);
  return Http2CallbacksPtr(made);
}

int Http2Client::OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                          std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                          std::uint8_t, void* self) {
  Http2Client& client = Self(self);
  Http2Call* const call = client.Find(frame->hd.stream_id);
  if (call == nullptr || call->head_) return 0;  // trailers are dropped
  call->head_text_.Add(View(name, name_size), View(value, value_size));
  return 0;
}

// Without this the library would leave the field out and let the rest pass.
int Http2Client::OnInvalidHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t*,
                                 std::size_t, const std::uint8_t*, std::size_t, std::uint8_t, void* self) {
  if (Http2Call* const call = Self(self).Find(frame->hd.stream_id)) call->malformed_ = true;
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int Http2Client::OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  Http2Client& client = Self(self);
  if (frame->hd.type == NGHTTP2_GOAWAY) {
    client.goaway_ = client.closing_ = true;
    if (frame->goaway.error_code == NGHTTP2_HTTP_1_1_REQUIRED) client.AskedForHttp11();
  }
  if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
    client.probing_ = false;
    client.failure_.reset();
    client.probe_timer_.Cancel();
    if (client.calls_.empty()) client.probe_timer_.SetAfter(client.options_.ping_after);
  }
  Http2Call* const call = client.Find(frame->hd.stream_id);
  if (call == nullptr) return 0;
  const bool ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (frame->hd.type == NGHTTP2_HEADERS) {
    call->OnHead(ended);
  } else if (frame->hd.type == NGHTTP2_DATA) {
    call->ended_ = ended;
  }
  client.Touch(*call);
  return 0;
}

int Http2Client::OnFrameSent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  Http2Client& client = Self(self);
  Http2Call* const call = client.Find(frame->hd.stream_id);
  if (call != nullptr && !call->sent_before_) call->sent_before_ = client.connection_.bytes_sent();
  return 0;
}

int Http2Client::OnData(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                        std::size_t size, void* self) {
  // The connection's window is always open: a call that is not read must not stop the others.
  nghttp2_session_consume_connection(session, size);
  Http2Client& client = Self(self);
  if (Http2Call* const call = client.Find(id)) {
    call->OnData(View(bytes, size));
    client.Touch(*call);
  }
  return 0;
}

int Http2Client::OnClose(nghttp2_session*, std::int32_t id, std::uint32_t error, void* self) {
  Http2Client& client = Self(self);
  if (error == NGHTTP2_REFUSED_STREAM) client.refusing_ = true;
  if (error == NGHTTP2_HTTP_1_1_REQUIRED) client.AskedForHttp11();
  if (Http2Call* const call = client.Find(id)) {
    if (client.goaway_ && error == NGHTTP2_REFUSED_STREAM) call->failure_ = client.Failure();
    call->OnClosed(error);
    client.Touch(*call);
  }
  return 0;
}

ssize_t Http2Client::OnTake(nghttp2_session*, std::int32_t id, std::uint8_t* room, std::size_t size,
                            std::uint32_t* flags, nghttp2_data_source*, void* self) {
  Http2Client& client = Self(self);
  Http2Call* const call = client.Find(id);
  if (call == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  client.Touch(*call);
  return call->Take({room, size}, *flags);
}

}  // namespace net
