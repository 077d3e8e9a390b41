// Where nghttp2 calls back: its functions and pointers become the methods of an Http2Session::Owner.

#include "base/check.h"
#include "net/http2_session_internal.h"

namespace net {
namespace {

constexpr std::uint64_t kResetsOfTheLibrary = 1'000'000;  // more than a server's own budget lets pass
constexpr std::size_t kAcksMax = 100;  // answers to pings and settings that wait to be sent

Http2Session::Owner& OwnerOf(void* data) {
  return *static_cast<Http2Session::Owner*>(data);
}

std::string_view View(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

int Answer(bool fine) {
  return fine ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* owner) {
  return Answer(OwnerOf(owner).OnBlock(*frame));
}

int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
             const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* owner) {
  return Answer(OwnerOf(owner).OnField(*frame, View(name, name_size), View(value, value_size)));
}

// Without this the library would leave the field out and let the rest pass.
int OnInvalidHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t*, std::size_t,
                    const std::uint8_t*, std::size_t, std::uint8_t, void* owner) {
  OwnerOf(owner).OnForbiddenField(*frame);
  return Answer(false);
}

int OnInvalidFrame(nghttp2_session*, const nghttp2_frame* frame, int, void* owner) {
  OwnerOf(owner).OnForbiddenFrame(*frame);
  return Answer(true);
}

int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* owner) {
  OwnerOf(owner).OnFrame(*frame);
  return Answer(true);
}

int OnFrameSent(nghttp2_session*, const nghttp2_frame* frame, void* owner) {
  OwnerOf(owner).OnFrameSent(*frame);
  return Answer(true);
}

// The connection's window is always open: one stream that is not read must not stop the others. What a stream
// may send unread is bounded by its own.
int OnData(nghttp2_session* session, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
           std::size_t size, void* owner) {
  nghttp2_session_consume_connection(session, size);
  OwnerOf(owner).OnData(stream, View(bytes, size));
  return Answer(true);
}

int OnClose(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* owner) {
  OwnerOf(owner).OnClose(stream, error);
  return Answer(true);
}

ssize_t OnTake(nghttp2_session*, std::int32_t stream, std::uint8_t* room, std::size_t size,
               std::uint32_t* flags, nghttp2_data_source*, void* owner) {
  return OwnerOf(owner).OnTake(stream, {room, size}, *flags);
}

Http2CallbacksPtr MakeCallbacks() {
  nghttp2_session_callbacks* made = nullptr;
  CHECK(nghttp2_session_callbacks_new(&made) == 0);
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, OnBeginHeaders);
  nghttp2_session_callbacks_set_on_header_callback(made, OnHeader);
  nghttp2_session_callbacks_set_on_invalid_header_callback(made, OnInvalidHeader);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, OnInvalidFrame);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, OnFrame);
  nghttp2_session_callbacks_set_on_frame_send_callback(made, OnFrameSent);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, OnData);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, OnClose);
  return Http2CallbacksPtr(made);
}

Http2OptionPtr MakeOptions() {
  nghttp2_option* made = nullptr;
  CHECK(nghttp2_option_new(&made) == 0);
  nghttp2_option_set_no_auto_window_update(made, 1);  // a window opens when its bytes are read
  nghttp2_option_set_stream_reset_rate_limit(made, kResetsOfTheLibrary, kResetsOfTheLibrary);
  nghttp2_option_set_max_outbound_ack(made, kAcksMax);
  return Http2OptionPtr(made);
}

}  // namespace

Http2SessionPtr Http2Session::Make(Role role, Owner& owner) {
  static const Http2CallbacksPtr callbacks = MakeCallbacks();
  const Http2OptionPtr options = MakeOptions();
  nghttp2_session* session = nullptr;
  const int made = role == Role::kServer
                       ? nghttp2_session_server_new2(&session, callbacks.get(), &owner, options.get())
                       : nghttp2_session_client_new2(&session, callbacks.get(), &owner, options.get());
  CHECK(made == 0);
  return Http2SessionPtr(session);
}

nghttp2_data_provider Http2Session::Provider() {
  nghttp2_data_provider provider{};
  provider.read_callback = OnTake;
  return provider;
}

}  // namespace net
