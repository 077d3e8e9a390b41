#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/http2_head_internal.h"
#include "net/http2_pieces_internal.h"
#include "net/http2_session_internal.h"
#include "net/http_client.h"

namespace net {

class Http2Client;

// One request on a connection of HTTP/2, and its answer. Dropping it before the answer's end resets the
// stream and leaves the others alone. At most one coroutine waits on it at a time.
class Http2Call {
 public:
  // Bytes of an answer that may have come unread: a relay whose own client is slow, and a whole answer that
  // is read into memory of the caller's anyway.
  static constexpr std::int32_t kWindow = 128 * base::KiB;
  static constexpr std::int32_t kWholeWindow = 1 * base::MiB;

  Http2Call(std::shared_ptr<Http2Client> client, const CallTimeouts& timeouts);
  ~Http2Call();
  Http2Call(const Http2Call&) = delete;
  Http2Call& operator=(const Http2Call&) = delete;

  // As Call::Send. Errors also as those of Call.
  Task<base::Result<void>> Send(std::string_view method, std::span<const std::string_view> message,
                                ResponseHead& head);
  Call::Progress progress() const;

  base::Result<std::optional<std::string_view>> TryRead();
  Task<base::Result<std::string_view>> Read();
  base::Result<bool> TryReadAll(base::Buffer& out, std::uint64_t bytes_max);
  Task<base::Result<void>> ReadAll(base::Buffer& out, std::uint64_t bytes_max);
  bool done() const { return ended_ && unread_.empty(); }
  void SetPatience(std::chrono::nanoseconds limit) { patience_ = limit; }
  const std::shared_ptr<SharedFailure>& shared_failure() const { return failure_; }

  // Ends what is waited for with this reason.
  void Stop(base::Code why);

 private:
  friend class Http2Client;
  // What the library tells.
  void OnHead(bool ended);
  void OnData(std::string_view bytes);
  void OnClosed(std::uint32_t error);
  ssize_t Take(std::span<std::uint8_t> room, std::uint32_t& flags);

  base::Result<void> Submit(std::string_view method, std::span<const std::string_view> message);
  base::Error Failure() const;
  bool failed() const { return stopped_ || closed_ || timed_out_ || malformed_; }
  void Expire();
  void Reopen(std::size_t count);  // the window, for what has been read

  const std::shared_ptr<Http2Client> client_;
  const CallTimeouts timeouts_;
  std::int32_t id_ = 0;    // 0: no stream has been opened
  bool bodiless_ = false;  // an answer to HEAD

  Http2Pieces pieces_;                        // of the body
  bool sent_ = false;                         // the whole request has gone
  bool held_back_ = false;                    // the rest is not wanted any more
  bool progressed_ = false;                   // since it was last looked at
  std::optional<std::uint64_t> sent_before_;  // bytes on the connection when the request began to go

  Http2HeadText head_text_;
  std::optional<base::Result<ResponseHead>> head_;
  int interim_ = 0;
  std::int32_t window_ = kWindow;
  base::Buffer unread_;
  base::Buffer lent_;   // what the last TryRead gave out
  bool ended_ = false;  // the answer is complete

  std::chrono::nanoseconds patience_{0};
  Event event_;
  Timer timer_;
  bool timed_out_ = false;
  bool closed_ = false;  // the stream is
  std::uint32_t error_ = NGHTTP2_NO_ERROR;
  std::shared_ptr<SharedFailure> failure_;  // of the connection, once that may be why this one failed
  bool malformed_ = false;
  bool touched_ = false;  // is in the connection's list of what to look at
  std::optional<base::Code> stopped_;
};

// A connection to an origin that speaks HTTP/2, shared by the calls of one loop. While it is idle it is asked
// now and then whether it still lives, as it is after a call that timed out; without an answer it is closed.
// One that refuses a stream takes no more until it has answered another.
class Http2Client final : public std::enable_shared_from_this<Http2Client>, Http2Session::Owner {
 public:
  static constexpr std::uint32_t kStreamsMax = 100;  // fewer where the server says so

  Http2Client(Loop& loop, Connection connection, const PoolOptions& options);

  void Start();

  // Whether one more call can be made now.
  bool HasRoom() const;
  bool usable() const;
  bool used() const { return used_; }  // has carried a call
  // When the server asked for HTTP/1.1 instead, if it has.
  std::optional<base::MonoTime> http11_asked() const { return http11_asked_; }

  void Close();  // now, whatever is under way

 private:
  friend class Http2Call;
  bool OnField(const nghttp2_frame& frame, std::string_view name, std::string_view value) override;
  void OnForbiddenField(const nghttp2_frame& frame) override;
  void OnFrame(const nghttp2_frame& frame) override;
  void OnFrameSent(const nghttp2_frame& frame) override;
  void OnData(std::int32_t stream, std::string_view bytes) override;
  void OnClose(std::int32_t stream, std::uint32_t error) override;
  ssize_t OnTake(std::int32_t stream, std::span<std::uint8_t> room, std::uint32_t& flags) override;
  void OnOver() override;
  void Attend(std::int32_t stream) override;
  void OnSettled() override;
  std::shared_ptr<void> Keep() override { return shared_from_this(); }

  void CloseIdle();
  void Probe();
  void OnProbeTimer();
  void AskedForHttp11();
  const std::shared_ptr<SharedFailure>& Failure();
  void Join(Http2Call& call);
  void Leave(Http2Call& call);
  void Touch(Http2Call& call);
  Http2Call* Find(std::int32_t id);

  Loop& loop_;
  Connection connection_;
  const PoolOptions options_;
  Http2Session session_;
  std::unordered_map<std::int32_t, Http2Call*> calls_;
  bool used_ = false;
  bool closing_ = false;   // it takes no more calls
  bool refusing_ = false;  // it has refused a stream and answered none since
  bool goaway_ = false;    // the server's has come
  bool probing_ = false;   // the answer to a ping is waited for
  std::optional<base::MonoTime> http11_asked_;
  std::shared_ptr<SharedFailure>
      failure_;  // that it has, or has been suspected of since its last sign of life
  Timer idle_timer_;
  Timer probe_timer_;
};

}  // namespace net
