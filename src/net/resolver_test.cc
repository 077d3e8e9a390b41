#include "net/resolver.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/guarded.h"
#include "net/loop_thread_for_test.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;
using base::Result;

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

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() { thread_.Start(); }
  ~ResolverTest() override { resolver_.reset(); }

  Resolver& resolver() {
    if (!resolver_) resolver_.emplace(clock_, ResolverOptions{server_.address(), 20ms, 2});
    return *resolver_;
  }

  Result<std::vector<Address>> Ask(const std::string& host, std::uint16_t port = 443) {
    Resolver& asked = resolver();
    return thread_.Await<Result<std::vector<Address>>>(
        [&] { return asked.Resolve(thread_.loop(), host, port, cancel_); });
  }
  // The addresses as text in the order of their text, or the error.
  std::string Answer(const std::string& host) {
    const auto addresses = Ask(host);
    if (!addresses) return std::string(base::Name(addresses.error().code));
    std::vector<std::string> texts;
    for (const Address& address : *addresses) texts.push_back(address.ToString());
    std::sort(texts.begin(), texts.end());
    std::string text;
    for (const std::string& one : texts) text += (text.empty() ? "" : " ") + one;
    return text;
  }

  base::FakeClock clock_;
  NameServer server_;
  LoopThread thread_;
  Cancel cancel_;
  std::optional<Resolver> resolver_;
};

TEST_F(ResolverTest, LiteralsAreAnsweredAtOnce) {
  EXPECT_EQ(Answer("10.1.2.3"), "10.1.2.3:443");
  EXPECT_EQ(Answer("2001:db8::1"), "[2001:db8::1]:443");
  EXPECT_EQ(Answer("[::1]"), "[::1]:443");
  EXPECT_EQ(server_.Asked("10.1.2.3"), 0);
}

TEST_F(ResolverTest, LocalhostIsLoopbackAndNobodyIsAsked) {
  for (const std::string name : {"localhost", "LOCALHOST", "api.localhost", "a.b.LocalHost"}) {
    EXPECT_EQ(Answer(name), "127.0.0.1:443 [::1]:443") << name;
  }
  EXPECT_EQ(Ask("localhost")->front().ToString(), "127.0.0.1:443");
  EXPECT_EQ(server_.Asked("api.localhost"), 0);
}

TEST_F(ResolverTest, NameHasItsAddressesOfBothKinds) {
  server_.Know("api.test", {.addresses = {"10.0.0.1", "10.0.0.2", "2001:db8::7"}});
  EXPECT_EQ(Answer("api.test"), "10.0.0.1:443 10.0.0.2:443 [2001:db8::7]:443");
}

TEST_F(ResolverTest, PortIsTheAskers) {
  server_.Know("api.test", {.addresses = {"10.0.0.1"}});
  EXPECT_EQ(Ask("api.test", 80)->front().port, 80);
  EXPECT_EQ(Ask("api.test", 8443)->front().port, 8443);
  EXPECT_EQ(server_.Asked("api.test"), 1);
}

TEST_F(ResolverTest, AnswerIsKeptForItsTimeToLive) {
  server_.Know("api.test", {.addresses = {"10.0.0.1"}, .ttl = 30});
  EXPECT_EQ(Answer("api.test"), "10.0.0.1:443");
  server_.Know("api.test", {.addresses = {"10.0.0.2"}, .ttl = 30});
  clock_.Advance(29s);
  EXPECT_EQ(Answer("API.Test"), "10.0.0.1:443");
  clock_.Advance(1s);
  EXPECT_EQ(Answer("api.test"), "10.0.0.2:443");
  EXPECT_EQ(server_.Asked("api.test"), 2);
}

TEST_F(ResolverTest, TimeToLiveIsBetweenASecondAndFiveMinutes) {
  server_.Know("short.test", {.addresses = {"10.0.0.1"}, .ttl = 0});
  server_.Know("long.test", {.addresses = {"10.0.0.2"}, .ttl = 86'400});
  for (const auto& [name, kept] : {std::pair("short.test", 1s), std::pair("long.test", 300s)}) {
    Answer(name);
    clock_.Advance(kept - 1ms);
    Answer(name);
    EXPECT_EQ(server_.Asked(name), 1) << name;
    clock_.Advance(1ms);
    Answer(name);
    EXPECT_EQ(server_.Asked(name), 2) << name;
  }
}

TEST_F(ResolverTest, NameThatDoesNotExistIsUnreachableAndAskedAgainAfterASecond) {
  EXPECT_EQ(Answer("nobody.test"), base::Name(Code::kUnreachable));
  clock_.Advance(999ms);
  EXPECT_EQ(Answer("nobody.test"), base::Name(Code::kUnreachable));
  EXPECT_EQ(server_.Asked("nobody.test"), 1);
  server_.Know("nobody.test", {.addresses = {"10.0.0.1"}});
  clock_.Advance(1ms);
  EXPECT_EQ(Answer("nobody.test"), "10.0.0.1:443");
  EXPECT_NE(Ask("gone.test").error().detail.find("gone.test"), std::string::npos);
}

TEST_F(ResolverTest, NameWithoutAddressesIsUnreachable) {
  server_.Know("empty.test", {});
  EXPECT_EQ(Answer("empty.test"), base::Name(Code::kUnreachable));
}

TEST_F(ResolverTest, WhatIsNoNameIsUnreachable) {
  for (const std::string& name : {std::string(""), std::string("a..b"), std::string(300, 'x')}) {
    EXPECT_EQ(Answer(name), base::Name(Code::kUnreachable)) << name;
  }
}

TEST_F(ResolverTest, ServerThatSaysNothingIsGivenUpOn) {
  server_.Know("silent.test", {.silent = true});
  EXPECT_EQ(Answer("silent.test"), base::Name(Code::kUnreachable));
  EXPECT_EQ(server_.Asked("silent.test"), 2);  // as often as there are tries
}

TEST_F(ResolverTest, EqualQuestionsAtTheSameTimeAreAskedOnce) {
  server_.Know("api.test", {.addresses = {"10.0.0.1"}});
  Resolver& asked = resolver();
  int answered = 0;
  const auto ask = [&]() -> Task<void> {
    const auto addresses = co_await asked.Resolve(thread_.loop(), "api.test", 443, cancel_);
    EXPECT_TRUE(addresses.has_value());
    ++answered;
  };
  thread_.Do([&] {
    for (int i = 0; i < 50; ++i) Spawn(ask());
  });
  thread_.Until([&] { return answered == 50; });
  EXPECT_EQ(server_.Asked("api.test"), 1);
}

TEST_F(ResolverTest, CancelEndsWaitingForTheName) {
  server_.Know("silent.test", {.silent = true});
  resolver_.emplace(clock_, ResolverOptions{server_.address(), 60s, 1});
  std::optional<Code> code;
  const auto ask = [&]() -> Task<void> {
    const auto addresses = co_await resolver_->Resolve(thread_.loop(), "silent.test", 443, cancel_);
    code = addresses ? Code::kInvalid : addresses.error().code;
  };
  thread_.Do([&] { Spawn(ask()); });
  thread_.Do([&] { cancel_.Fire(Code::kUnavailable); });
  EXPECT_EQ(code, Code::kUnavailable);
}

TEST_F(ResolverTest, CancelThatCameFirstDoesNotWait) {
  server_.Know("silent.test", {.silent = true});
  resolver_.emplace(clock_, ResolverOptions{server_.address(), 60s, 1});
  thread_.Do([&] { cancel_.Fire(Code::kCancelled); });
  EXPECT_EQ(Answer("silent.test"), base::Name(Code::kCancelled));
}

TEST_F(ResolverTest, ManyNamesAreForgottenAndStillAnswered) {
  for (int i = 0; i < 1100; ++i) {
    const std::string name = "n" + std::to_string(i) + ".test";
    server_.Know(name, {.addresses = {"10.0.0.1"}});
    ASSERT_EQ(Answer(name), "10.0.0.1:443") << i;
  }
}

}  // namespace
}  // namespace net
