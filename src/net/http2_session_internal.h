#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <string>
#include <string_view>

#include "net/connection.h"
#include "net/task.h"

namespace net {

struct Http2Free {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  void operator()(nghttp2_session_callbacks* callbacks) const { nghttp2_session_callbacks_del(callbacks); }
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};
using Http2SessionPtr = std::unique_ptr<nghttp2_session, Http2Free>;
using Http2CallbacksPtr = std::unique_ptr<nghttp2_session_callbacks, Http2Free>;
using Http2OptionPtr = std::unique_ptr<nghttp2_option, Http2Free>;

// What both roles of HTTP/2 share: carries bytes between a connection and nghttp2, which knows the frames.
// The library's callbacks only note what has happened; the owner acts on it in Settle, outside of them.
//
// At most kOutMax bytes and one frame are taken from the library ahead of what the socket takes, so that data
// waits where it came from. Belongs to the loop of its connection, which outlives it.
class Http2Session {
 public:
  class Owner {
   public:
    // Something may have happened: after bytes were read, after frames have gone, or when the connection is
    // lost. May drop the owner where Keep holds it.
    virtual void Settle() = 0;
    // Keeps the owner while something of it is under way; null where somebody else sees to that.
    virtual std::shared_ptr<void> Keep() { return nullptr; }

   protected:
    ~Owner() = default;
  };

  static constexpr std::size_t kOutMax = 64 * base::KiB;

  Http2Session(Connection& connection, Owner& owner) : connection_(connection), owner_(owner) {}
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // Begins with a session that has its settings queued; `received` are bytes that came before.
  void Start(Http2SessionPtr session, std::string_view received);

  // Sends what the library has to say, now or when what is being sent has gone.
  void Flush();

  // Says goodbye with an error code of RFC 9113 section 7; nothing that comes afterwards counts.
  void Terminate(std::uint32_t error);

  nghttp2_session* raw() const { return session_.get(); }
  bool lost() const { return lost_; }  // by an error or the peer's end; nothing can be sent any more
  bool ended_in_order() const { return ended_in_order_; }  // the peer finished, and nothing had failed before
  // The library has nothing to read or say any more, after a goodbye of either side, or the connection is
  // lost.
  bool over() const;
  bool sending() const { return pumping_; }  // must be over before this is destroyed
  bool reading() const { return reading_; }  // bytes are being handed to the library

 private:
  void OnBytes();
  void Feed(std::string_view bytes);
  bool Collect();
  Task<void> Pump();
  void OnEnd();
  void Lose();

  Connection& connection_;
  Owner& owner_;
  Http2SessionPtr session_;
  std::string out_;  // frames on their way to the socket
  bool reading_ = false;
  bool pumping_ = false;
  bool lost_ = false;
  bool ended_in_order_ = false;
};

// Ends a stream with an error code; the library says so to the peer unless the stream is closed.
void Http2Reset(Http2Session& session, std::int32_t stream, std::uint32_t error);

}  // namespace net
