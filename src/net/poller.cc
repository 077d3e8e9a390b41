#include "base/check.h"
#include "net/poller_internal.h"

namespace net {

Poller::Poller(boost::asio::io_context& context)
    : epoll_(context.get_executor(), epoll_create1(EPOLL_CLOEXEC)) {
  Wait();
}

bool Poller::Add(int socket, Client& client) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &client;
  return epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0;
}

void Poller::Remove(int socket, Client& client) {
  epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (std::size_t i = next_; i < count_; ++i) {
    if (events_[i].data.ptr == &client) events_[i].data.ptr = nullptr;
  }
}

void Poller::Wait() {
  epoll_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                    [this](const boost::system::error_code& error) {
                      CHECK(!error);  // or every connection of the loop would be deaf
                      Dispatch();
                      Wait();  // looks again first, so nothing that came meanwhile is missed
                    });
}

void Poller::Dispatch() {
  const int count = epoll_wait(epoll_.native_handle(), events_.data(), kBatch, 0);
  count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (next_ = 0; next_ < count_;) {
    const epoll_event event = events_[next_++];
    if (event.data.ptr != nullptr) static_cast<Client*>(event.data.ptr)->OnReady(event.events);
  }
}

}  // namespace net
