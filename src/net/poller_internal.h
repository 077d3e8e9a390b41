#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>

#include "net/descriptor_internal.h"

namespace net {

// Says when a descriptor may be read or written again: the one place where a loop waits. Edge-triggered, so
// that a socket which a receive has emptied is neither asked again nor told twice. Belongs to one loop.
class Poller {
 public:
  // What is told. A client that is added must be removed before it goes or closes its descriptor.
  class Client {
   public:
    // `events` as in epoll(7): whatever is ready since the last time, EPOLLIN, EPOLLOUT, EPOLLRDHUP,
    // EPOLLHUP, EPOLLERR. The first Wait after Add tells the state.
    virtual void OnReady(unsigned events) = 0;

   protected:
    ~Client() = default;
  };

  Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // False when the system refuses.
  bool Add(int descriptor, Client& client);
  void Remove(int descriptor, Client& client);

  // Waits until something is ready and tells it.
  void Wait() { Tell(-1); }
  // Tells what is ready by now; false when nothing is.
  bool Look() { return Tell(0); }

 private:
  static constexpr std::size_t kBatch = 64;

  bool Tell(int timeout_ms);

  const Descriptor epoll_;
  std::array<epoll_event, kBatch> events_;
  std::size_t next_ = 0;  // of events_, the first that has not been told
  std::size_t count_ = 0;
};

}  // namespace net
