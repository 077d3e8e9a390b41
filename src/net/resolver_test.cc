#include "net/resolver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "net/loop_thread_for_test.h"
#include "net/name_server_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;
using base::Result;

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
