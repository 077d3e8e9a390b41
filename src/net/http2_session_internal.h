#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

// What both roles of HTTP/2 share: carries bytes between a connection and nghttp2, which knows the frames,
// and tells its owner what the library says. While the library is at work the owner only notes what has
// happened and touches the streams that it has happened to; they are attended to afterwards.
//
// At most kOutMax bytes and one frame are taken from the library ahead of what the socket takes, so that data
// waits where it came from. Belongs to the loop of its connection, which outlives it.
class Http2Session {
 public:
  class Owner {
   public:
    // ---- told by the library, in http2_callbacks.cc

    // A block of header fields begins; false resets its stream.
    virtual bool OnBlock(const nghttp2_frame&) { return true; }
    // One of its fields; false resets the stream.
    virtual bool OnField(const nghttp2_frame& frame, std::string_view name, std::string_view value) = 0;
    // A field that RFC 9113 forbids: the stream is reset.
    virtual void OnForbiddenField(const nghttp2_frame& frame) = 0;
    // A frame that RFC 9113 forbids: the stream is reset, or the connection about to end.
    virtual void OnForbiddenFrame(const nghttp2_frame&) {}
    virtual void OnFrame(const nghttp2_frame& frame) = 0;  // has come; data of DATA went before
    virtual void OnFrameSent(const nghttp2_frame&) {}
    virtual void OnData(std::int32_t stream, std::string_view bytes) = 0;
    virtual void OnClose(std::int32_t stream, std::uint32_t error) = 0;
    // As nghttp2's read callback: fills `room` with what the stream has to send.
    virtual ssize_t OnTake(std::int32_t stream, std::span<std::uint8_t> room, std::uint32_t& flags) = 0;

    // ---- afterwards

    // The session is over: touches every stream that does not know yet. Called once.
    virtual void OnOver() = 0;
    // A stream that was touched, if it is still there; may end it.
    virtual void Attend(std::int32_t stream) = 0;
    // The session is over, every stream has been attended to, and nothing is being sent or read. Called at
    // least once. May drop the owner where Keep holds it.
    virtual void OnSettled() = 0;
    // Keeps the owner while something of it is under way; null where somebody else sees to that.
    virtual std::shared_ptr<void> Keep() { return nullptr; }

   protected:
    ~Owner() = default;
  };

  enum class Role : unsigned char { kServer, kClient };

  static constexpr std::size_t kOutMax = 64 * base::KiB;

  Http2Session(Connection& connection, Owner& owner) : connection_(connection), owner_(owner) {}
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // Begins: our settings and the connection's own window go with the next Flush. `received` are bytes that
  // came before.
  void Start(Role role, std::span<const nghttp2_settings_entry> settings, std::int32_t window,
             std::string_view received);

  // Puts a stream on the list of what is to be attended to, once; `touched` is its mark that it is there,
  // which Attend takes away.
  void Touch(std::int32_t stream, bool& touched);
  // Attends to what was touched, unless the library is at work or this is under way already.
  void Settle();
  // The rest of Settle alone, for an owner whose last stream has gone.
  void EndIfOver();

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

  // For the library: asks Owner::OnTake.
  static nghttp2_data_provider Provider();

 private:
  static Http2SessionPtr Make(Role role, Owner& owner);
  void OnBytes();
  void Feed(std::string_view bytes);
  bool Collect();
  Task<void> Pump();
  void OnEnd();
  void Lose();

  Connection& connection_;
  Owner& owner_;
  Http2SessionPtr session_;
  std::string out_;                    // frames on their way to the socket
  std::vector<std::int32_t> touched_;  // streams that something has happened to
  bool settling_ = false;
  bool told_ = false;     // the owner knows that it is over
  bool reading_ = false;  // bytes are being handed to the library
  bool pumping_ = false;
  bool lost_ = false;
  bool ended_in_order_ = false;
};

// Ends a stream with an error code; the library says so to the peer unless the stream is closed.
void Http2Reset(Http2Session& session, std::int32_t stream, std::uint32_t error);

}  // namespace net
