#pragma once

// For tests of this room: a name server of their own.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/guarded.h"
#include "net/address.h"

namespace net {

// A name server on loopback that knows what it is told. It answers nothing about names that are `silent`.
class NameServer {
 public:
  struct Entry {
    std::vector<std::string> addresses{};  // IPv4 and IPv6 literals
    std::uint32_t ttl = 60;
    bool silent = false;
  };

  NameServer() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    CHECK(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    own_ = address;
    thread_ = std::jthread([this] { Run(); });
  }
  ~NameServer() {
    sendto(fd_, "", 0, 0, reinterpret_cast<const sockaddr*>(&own_), sizeof own_);  // an empty one ends it
    thread_.join();
    close(fd_);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(ntohs(own_.sin_port)); }
  void Know(const std::string& name, const Entry& entry) {
    known_.With([&](auto& known) { known[name] = entry; });
  }
  int Asked(const std::string& name) {  // for IPv4 addresses
    return asked_.With([&](auto& asked) { return asked[name]; });
  }

 private:
  static constexpr std::uint16_t kA = 1;
  static constexpr std::uint16_t kAaaa = 28;

  void Run() {
    char bytes[2048];
    while (true) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t count = recvfrom(fd_, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (count <= 0) return;
      const std::string answer = Answer(std::string(bytes, static_cast<std::size_t>(count)));
      if (!answer.empty())
        sendto(fd_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }
  }

  static void Number(std::string& out, std::uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> 8 * i));
  }

  std::string Answer(const std::string& question) {
    std::size_t at = 12;
    std::string name;
    while (question[at] != 0) {
      const auto length = static_cast<std::size_t>(question[at]);
      name += (name.empty() ? "" : ".") + question.substr(at + 1, length);
      at += length + 1;
    }
    const std::uint16_t type = static_cast<unsigned char>(question[at + 2]);
    if (type == kA) asked_.With([&](auto& asked) { ++asked[name]; });
    const auto entry = known_.With([&](auto& known) {
      const auto found = known.find(name);
      return found == known.end() ? std::nullopt : std::optional<Entry>(found->second);
    });
    if (entry && entry->silent) return {};
    std::string records;
    std::uint32_t count = 0;
    for (const std::string& literal : entry ? entry->addresses : std::vector<std::string>()) {
      const Address address = *ParseAddress(literal, 0);
      if (address.v6 != (type == kAaaa)) continue;
      const std::size_t size = address.v6 ? 16 : 4;
      Number(records, 0xc00c, 2);  // the name of the question
      Number(records, type, 2);
      Number(records, 1, 2);
      Number(records, entry->ttl, 4);
      Number(records, static_cast<std::uint32_t>(size), 2);
      records.append(reinterpret_cast<const char*>(address.bytes.data()), size);
      ++count;
    }
    std::string answer = question.substr(0, 2);
    Number(answer, entry ? 0x8180 : 0x8183, 2);  // no such name
    Number(answer, 1, 2);
    Number(answer, count, 2);
    Number(answer, 0, 4);
    return answer + question.substr(12, at + 5 - 12) + records;
  }

  const int fd_;
  sockaddr_in own_{};
  base::Guarded<std::map<std::string, Entry>> known_;
  base::Guarded<std::map<std::string, int>> asked_;
  std::jthread thread_;
};

}  // namespace net
