#include <cerrno>

#include "base/check.h"
#include "net/poller_internal.h"

namespace net {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  CHECK(epoll_);
}

bool Poller::Add(int descriptor, Client& client) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &client;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Poller::Remove(int descriptor, Client& client) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
  for (std::size_t i = next_; i < count_; ++i) {
    if (events_[i].data.ptr == &client) events_[i].data.ptr = nullptr;
  }
}

bool Poller::Tell(int timeout_ms) {
  const int count = epoll_wait(epoll_.get(), events_.data(), kBatch, timeout_ms);
  CHECK(count >= 0 || errno == EINTR);  // or every connection of the loop would be deaf
  count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (next_ = 0; next_ < count_;) {
    const epoll_event event = events_[next_++];
    if (event.data.ptr != nullptr) static_cast<Client*>(event.data.ptr)->OnReady(event.events);
  }
  return count > 0;
}

}  // namespace net
