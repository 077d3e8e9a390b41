#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace net {

// Says when a socket may be read or written again. One per loop: an edge-triggered epoll of its own, which
// the loop's context waits for as a whole. Asio's own waits would cost each message a receive that finds
// nothing, because Asio cannot know that a receive which did not fill its buffer has emptied the socket.
class Poller {
 public:
  // What is told. A client that is added must be removed before it goes or closes its socket.
  class Client {
   public:
    // `events` as in epoll(7): whatever is ready since the last time, EPOLLIN, EPOLLOUT, EPOLLRDHUP,
    // EPOLLHUP, EPOLLERR. The loop's next turn after Add tells the state.
    virtual void OnReady(unsigned events) = 0;

   protected:
    ~Client() = default;
  };

  explicit Poller(boost::asio::io_context& context);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // False when the system refuses.
  bool Add(int socket, Client& client);
  void Remove(int socket, Client& client);

 private:
  static constexpr std::size_t kBatch = 64;

  void Wait();
  void Dispatch();

  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> epoll_;
  std::array<epoll_event, kBatch> events_;
  std::size_t next_ = 0;  // of events_, the first that has not been told
  std::size_t count_ = 0;
};

}  // namespace net
