#include "net/http_fetch.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "net/loop_thread_for_test.h"
#include "net/raw_socket_internal.h"

namespace net {
namespace {

using base::Code;

class HttpFetchTest : public testing::Test {
 protected:
  HttpFetchTest() {
    thread_.Start();
    thread_.Do([this] {
      auto options = PoolOptionsFor({.host = "127.0.0.1", .port = listener_.port(), .tls = false});
      pool_.emplace(thread_.loop(), resolver_, std::move(*options));
    });
  }
  ~HttpFetchTest() override {
    thread_.Do([this] { pool_.reset(); });
    thread_.Join();
  }

  std::future<base::Result<Fetched>> Start(Fetch fetch) {
    const auto promise = std::make_shared<std::promise<base::Result<Fetched>>>();
    thread_.loop().Post([this, fetch, promise] { Spawn(Run(fetch, promise)); });
    return promise->get_future();
  }
  Task<void> Run(Fetch fetch, std::shared_ptr<std::promise<base::Result<Fetched>>> promise) {
    auto result = co_await FetchWhole(*pool_, std::move(fetch), cancel_);
    promise->set_value(std::move(result));
  }

  LoopThread thread_;
  RawListener listener_;
  const base::SystemClock clock_;
  Resolver resolver_{clock_};
  Cancel cancel_;
  std::optional<Pool> pool_;
};

TEST_F(HttpFetchTest, ADocumentComesWhole) {
  Fetch fetch{.target = "/x?y=z"};
  fetch.fields.Add("accept", "application/json");
  auto result = Start(fetch);
  RawSocket peer = listener_.Accept();
  EXPECT_EQ(peer.ReadUntil("\r\n\r\n"),
            "GET /x?y=z HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(listener_.port()) +
                "\r\naccept: application/json\r\n\r\n");
  peer.Send("HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone");
  const auto fetched = result.get();
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->status, 404);
  EXPECT_EQ(fetched->body.view(), "none");
}

TEST_F(HttpFetchTest, ABodyIsPostedWithItsLengthAndTheConnectionIsKept) {
  std::optional<RawSocket> peer;
  for (const std::string body : {"", "some"}) {
    auto result = Start({.method = "POST", .body = body});
    if (!peer) peer.emplace(listener_.Accept());
    const std::string head = peer->ReadUntil("\r\n\r\n");
    EXPECT_TRUE(head.ends_with("content-length: " + std::to_string(body.size()) + "\r\n\r\n")) << head;
    EXPECT_EQ(peer->ReadExactly(body.size()), body);
    peer->Send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    EXPECT_EQ(result.get()->status, 200);
  }
}

TEST_F(HttpFetchTest, AnAnswerHasALargestSize) {
  for (const std::uint64_t most : {4, 3}) {
    auto result = Start({.answer_max = most});
    RawSocket peer = listener_.Accept();
    peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfour");
    const auto fetched = result.get();
    ASSERT_EQ(fetched.has_value(), most == 4);
    if (most == 3) {
      EXPECT_EQ(fetched.error().code, Code::kTooLarge);
    }
  }
}

TEST_F(HttpFetchTest, WhoWantsTheStatusAloneDoesNotWaitForTheBody) {
  auto result = Start({.method = "POST", .answer_max = 0});
  RawSocket peer = listener_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 202 Accepted\r\ncontent-length: 1000000\r\n\r\n");
  const auto fetched = result.get();
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->status, 202);
  EXPECT_EQ(peer.ReadToEnd(), "");
}

TEST_F(HttpFetchTest, AnEndInTheMiddleIsAnError) {
  auto result = Start({});
  RawSocket peer = listener_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfour");
  peer.Close();
  EXPECT_FALSE(result.get().has_value());
}

TEST_F(HttpFetchTest, ACommandWaitsForItsAnswerOnALoopOfItsOwn) {
  std::jthread server([this] {
    RawSocket peer = listener_.Accept();
    peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  });
  const auto fetched = FetchAndWait(
      *PoolOptionsFor({.host = "127.0.0.1", .port = listener_.port(), .tls = false}), {}, clock_);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->body.view(), "ok");
  EXPECT_FALSE(FetchAndWait(*PoolOptionsFor({.host = "127.0.0.1", .port = 1, .tls = false}), {}, clock_));
}

TEST(PoolOptionsForTest, AuthoritiesAreReadWhereTheyAreNeeded) {
  EXPECT_EQ(PoolOptionsFor({.host = "a", .port = 1, .tls = false}, "/nowhere")->tls, nullptr);
  EXPECT_NE(PoolOptionsFor({.host = "a", .port = 1, .tls = true})->tls, nullptr);
  EXPECT_FALSE(PoolOptionsFor({.host = "a", .port = 1, .tls = true}, "/nowhere"));
}

}  // namespace
}  // namespace net
