#pragma once

// For tests of this room: plain blocking sockets on loopback that say exactly what they are told to. A wait
// that would last longer than ten seconds ends as if the peer had closed.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace net {

class RawSocket {
 public:
  static RawSocket ConnectTo(std::uint16_t port, int receive_buffer = 0);
  explicit RawSocket(int fd) : fd_(fd) {}
  RawSocket(RawSocket&& other) noexcept;
  RawSocket& operator=(RawSocket&& other) noexcept;
  ~RawSocket() { Close(); }

  bool Send(std::string_view bytes);  // false when the peer is gone
  std::string ReadSome();             // empty at the end
  std::string ReadUntil(std::string_view marker);
  std::string ReadExactly(std::size_t count);
  std::string ReadToEnd();

  struct Answer {
    int status = 0;  // 0: none came
    std::string head;
    std::string body;
  };
  Answer ReadAnswer(bool has_body = true);

  void FinishSending();
  void Close();
  void Reset();  // closes with RST
  bool was_reset() const { return was_reset_; }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  std::string ahead_;  // read and not yet asked for
  bool was_reset_ = false;
};

class RawListener {
 public:
  RawListener();
  ~RawListener();
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  RawSocket Accept();
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

}  // namespace net
