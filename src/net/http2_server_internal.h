#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/http2_budget_internal.h"
#include "net/http2_head_internal.h"
#include "net/http2_pieces_internal.h"
#include "net/http2_session_internal.h"
#include "net/http_server.h"
#include "net/http_server_internal.h"

namespace net {

class Http2Server;

// One request on a connection of HTTP/2, and its answer. Lives until its handler has ended and, where there
// is none yet, until the stream is closed. Belongs to its server.
class Http2Stream final : public ExchangeStream {
 public:
  // Unread body of a stream: what a client may send before anybody reads, and while a body is read.
  static constexpr std::int32_t kWindow = 65'535;
  static constexpr std::int32_t kReadingWindow = 1 * base::MiB;

  Http2Stream(Http2Server& server, std::int32_t id, std::size_t head_bytes_max);

  Task<base::Result<base::Buffer>> ReadBody(std::optional<base::MonoTime> deadline) override;
  void Begin(int status, std::string fields) override;
  Task<base::Result<void>> Send(std::span<const std::string_view> pieces, bool end) override;

  // What the library tells.
  void OnHead(bool ended);
  void OnData(std::string_view bytes);
  void OnEnd() { body_ended_ = true; }
  void OnClosed() { closed_ = true; }
  ssize_t Take(std::span<std::uint8_t> room, std::uint32_t& flags);

  // Outside of the library: what waits looks at how things are.
  void Wake();

  std::int32_t id() const { return id_; }
  bool head_complete() const { return head_complete_; }
  bool body_ended() const { return body_ended_; }  // all of it has come
  bool answered() const { return answered_; }      // up to its end
  bool closed() const { return closed_; }          // nothing can come or go any more
  Http2HeadText& head_text() { return head_text_; }

  RequestHead request;           // set before the handler runs
  Exchange* exchange = nullptr;  // while the handler runs
  bool served = false;           // a handler runs, or a refusal is sent
  bool touched = false;          // is in the server's list of what to look at

 private:
  bool sending() const { return !pieces_.empty() || end_unsent_; }
  void SubmitHead(bool more);
  void Expire();
  void GiveUpSending();
  base::Result<void> CheckBody() const;

  Http2Server& server_;
  const std::int32_t id_;
  Http2HeadText head_text_;
  bool head_complete_ = false;
  Event event_;

  base::Buffer body_;
  enum class Body : unsigned char { kWaits, kRead, kDropped };
  Body body_state_ = Body::kWaits;
  bool body_ended_ = false;
  bool body_late_ = false;
  bool closed_ = false;
  bool timed_out_ = false;  // the client took nothing for too long

  int status_ = 0;
  std::string fields_;  // of the answer, until its head has gone
  bool head_unsent_ = false;
  Http2Pieces pieces_;
  bool answered_ = false;
  bool end_unsent_ = false;  // behind them the answer ends
  bool deferred_ = false;    // the library waits to be told that there is more
  bool progressed_ = false;
  Timer body_timer_;
  Timer write_timer_;
};

// A connection that speaks HTTP/2, on the loop of its connection. As safe as the connections of HTTP/1.1 that
// it stands for: each stream has the timeouts that a connection has there, counts against connections_max,
// and waits for its own client's windows only. What costs a client next to nothing has a budget: resets, and
// frames that carry no message. Past one the connection ends with ENHANCE_YOUR_CALM.
class Http2Server final : Http2Session::Owner {
 public:
  Http2Server(ServerLoop& loop, Connection& connection, const ServerLimits& limits);

  // Serves until the connection is over and every handler has ended. `received` has come before.
  Task<void> Run(std::string_view received);

  // Says goodbye when the streams in progress have ended, now if there are none. The first call spares a
  // client that has had no request yet, the last does not.
  void Drain(bool last);
  void GiveUp();  // fires every exchange's cancel with kUnavailable

 private:
  friend class Http2Stream;
  static constexpr std::int64_t kFramesEarned = 4;  // cheap frames that a piece which has been taken pays for

  bool OnBlock(const nghttp2_frame& frame) override;
  bool OnField(const nghttp2_frame& frame, std::string_view name, std::string_view value) override;
  void OnForbiddenField(const nghttp2_frame& frame) override;
  void OnForbiddenFrame(const nghttp2_frame& frame) override;
  void OnFrame(const nghttp2_frame& frame) override;
  void OnData(std::int32_t id, std::string_view bytes) override;
  void OnClose(std::int32_t id, std::uint32_t error) override;
  ssize_t OnTake(std::int32_t id, std::span<std::uint8_t> room, std::uint32_t& flags) override;
  void OnOver() override;
  void Attend(std::int32_t id) override;
  void OnSettled() override;

  void Serve(Http2Stream& stream);
  Task<void> Handle(Http2Stream& stream);
  Task<void> Refuse(Http2Stream& stream, int status, base::Error error);
  void End(Http2Stream& stream, bool complete);
  void StopLingering();
  void NoteFrame(const nghttp2_frame& frame);
  void Touch(Http2Stream& stream);
  Http2Stream* Find(std::int32_t id);
  void Goodbye(std::uint32_t error);

  ServerLoop& loop_;
  Connection& connection_;
  const ServerLimits& limits_;
  Http2Session session_;
  std::unordered_map<std::int32_t, std::unique_ptr<Http2Stream>> streams_;
  std::size_t trailer_bytes_ = 0;  // of the block that is coming in
  struct Lingering {
    std::int32_t stream;
    base::MonoTime until;
  };
  std::deque<Lingering> lingering_;  // answered, while the client still sends
  bool greeted_ = false;             // the client's settings have come
  bool had_one_ = false;             // a request
  bool finished_ = false;            // and over_ is on its way
  Event over_;
  Http2Budget resets_;
  Http2Budget frames_;
  Timer idle_timer_;
  Timer head_timer_;
  Timer linger_timer_;
};

}  // namespace net
