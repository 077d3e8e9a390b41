#include <array>
#include <atomic>
#include <future>
#include <string>

#include "net/http_server.h"
#include "net/server_fixture_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nhost: t\r\n\r\n";

// A handler's two places to stop at, passed by the test.
struct Gate {
  std::promise<void> reached;
  Event open;
};

class HttpStreamTest : public ServerFixture {
 protected:
  Task<void> Pause(Gate& gate) {
    gate.reached.set_value();
    co_await gate.open;
  }
  void Open(Gate& gate) {
    thread_.Do([&gate] { gate.open.Notify(); });
  }
  static void Wait(Gate& gate) { gate.reached.get_future().wait(); }
  Gate first_, second_;
};

TEST_F(HttpStreamTest, HeadNowFirstChunkLater) {
  Serve([this](Exchange& exchange) -> Task<void> {
    exchange.StartStream(200, "x-a: b\r\n");
    co_await exchange.FlushHead();
    co_await Pause(first_);
    const std::string_view pieces[] = {"data: ", "", "one\n\n"};
    co_await exchange.SendChunk(pieces);
    co_await exchange.SendChunk({});
    co_await Pause(second_);
    co_await exchange.EndStream();
  });
  RawSocket client = Dial();
  client.Send(kGet);
  const std::string head = client.ReadUntil("\r\n\r\n");
  EXPECT_NE(head.find("x-a: b\r\n"), std::string::npos);
  EXPECT_NE(head.find("transfer-encoding: chunked\r\n"), std::string::npos);
  Wait(first_);
  Open(first_);
  EXPECT_EQ(client.ReadUntil("one\n\n\r\n"), "b\r\ndata: one\n\n\r\n");
  Wait(second_);
  Open(second_);
  EXPECT_EQ(client.ReadUntil("0\r\n\r\n"), "0\r\n\r\n");
}

TEST_F(HttpStreamTest, HeadLeavesWithTheFirstChunkAndTheConnectionStays) {
  Serve([](Exchange& exchange) -> Task<void> {
    exchange.StartStream(200, "");
    for (const std::string_view text : {"one", "two"}) co_await exchange.SendChunk({&text, 1});
    co_await exchange.EndStream();
    EXPECT_EQ(exchange.body_bytes_sent(), exchange.request().method == "HEAD" ? 0u : 6u);
  });
  RawSocket client = Dial();
  for (int i = 0; i < 3; ++i) {
    client.Send(kGet);
    EXPECT_EQ(client.ReadAnswer().body, "onetwo");
  }
  client.Send("HEAD / HTTP/1.1\r\nhost: t\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer(false).status, 200);
  client.Send("GET / HTTP/1.0\r\n\r\n");
  const auto old = client.ReadAnswer();
  EXPECT_EQ(old.head.find("transfer-encoding"), std::string::npos);
  EXPECT_EQ(old.body, "onetwo");  // ends with the connection
}

TEST_F(HttpStreamTest, StreamThatIsNotEndedIsCut) {
  Serve([](Exchange& exchange) -> Task<void> {
    exchange.StartStream(200, "");
    const std::string_view text = "one";
    co_await exchange.SendChunk({&text, 1});
  });
  RawSocket client = Dial();
  client.Send(kGet);
  const std::string all = client.ReadToEnd();
  EXPECT_TRUE(all.ends_with("3\r\none\r\n")) << all;
}

TEST_F(HttpStreamTest, ClientThatReadsNothingHoldsTheSenderAndIsCutInTheEnd) {
  std::promise<std::pair<std::uint64_t, Code>> ended;
  Serve(
      [&](Exchange& exchange) -> Task<void> {
        exchange.StartStream(200, "");
        const std::string text(16 * base::KiB, 'x');
        const std::string_view piece = text;
        std::uint64_t accepted = 0;
        while (true) {
          const auto sent = co_await exchange.SendChunk({&piece, 1});
          if (!sent) {
            ended.set_value({accepted, sent.error().code});
            co_return;
          }
          accepted += text.size();
        }
      },
      {.write_idle_timeout = 50ms});
  RawSocket client = Dial(8 * base::KiB);
  client.Send(kGet);
  const auto [accepted, why] = ended.get_future().get();
  EXPECT_EQ(why, Code::kTimeout);
  EXPECT_LT(accepted, 6 * base::MiB);  // what the two sockets hold, nothing of ours
  RecordProperty("bytes_accepted", static_cast<int>(accepted));
}

TEST_F(HttpStreamTest, SlowClientGetsEverything) {
  constexpr std::size_t kChunks = 600;
  Serve([](Exchange& exchange) -> Task<void> {
    exchange.StartStream(200, "");
    for (std::size_t i = 0; i < kChunks; ++i) {
      const std::string text(20'000 + i, static_cast<char>('a' + i % 26));
      const std::string_view pieces[] = {std::string_view(text).substr(0, 7),
                                         std::string_view(text).substr(7)};
      if (!co_await exchange.SendChunk(pieces)) co_return;
    }
    co_await exchange.EndStream();
  });
  RawSocket client = Dial(8 * base::KiB);
  client.Send(kGet);
  const std::string body = client.ReadAnswer().body;
  std::size_t at = 0;
  for (std::size_t i = 0; i < kChunks; ++i) {
    ASSERT_EQ(body.compare(at, 20'000 + i, std::string(20'000 + i, static_cast<char>('a' + i % 26))), 0) << i;
    at += 20'000 + i;
  }
  EXPECT_EQ(body.size(), at);
}

TEST_F(HttpStreamTest, ManyPiecesGoOutInOneChunk) {
  Serve([](Exchange& exchange) -> Task<void> {
    exchange.StartStream(200, "");
    std::vector<std::string> texts;
    for (int i = 0; i < 1000; ++i) texts.push_back(std::to_string(i));
    const std::vector<std::string_view> pieces(texts.begin(), texts.end());
    co_await exchange.SendChunk(pieces);
    co_await exchange.EndStream();
  });
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += std::to_string(i);
  EXPECT_EQ(Ask(kGet).body, expected);
}

TEST_F(HttpStreamTest, HangUpWhileTheSenderWaitsEndsIt) {
  std::promise<bool> sent_all;
  std::promise<void> begun;
  Serve([&](Exchange& exchange) -> Task<void> {
    exchange.StartStream(200, "");
    co_await exchange.FlushHead();
    begun.set_value();
    const std::string text(64 * base::MiB, 'x');
    const std::string_view piece = text;
    sent_all.set_value((co_await exchange.SendChunk({&piece, 1})).has_value());
  });
  RawSocket client = Dial();
  client.Send(kGet);
  begun.get_future().wait();
  client.ReadUntil("\r\n\r\n");
  client.Close();
  EXPECT_FALSE(sent_all.get_future().get());
}

// ---- going down

TEST_F(HttpStreamTest, DrainClosesIdleAndLetsActiveFinish) {
  Serve([this](Exchange& exchange) -> Task<void> {
    if (exchange.request().path == "/stream") {
      exchange.StartStream(200, "");
      co_await exchange.FlushHead();
      co_await Pause(first_);
      const std::string_view text = "last words";
      co_await exchange.SendChunk({&text, 1});
      co_await exchange.EndStream();
    } else {
      co_await exchange.Reply(200, "", "hello");
    }
  });
  RawSocket idle = Dial();
  idle.Send(kGet);
  EXPECT_EQ(idle.ReadAnswer().body, "hello");
  RawSocket active = Dial();
  active.Send("GET /stream HTTP/1.1\r\nhost: t\r\n\r\n");
  Wait(first_);
  EXPECT_EQ(server_->exchanges(), 1u);
  server_->Drain();
  EXPECT_EQ(idle.ReadToEnd(), "");
  thread_.Do([] {});
  EXPECT_LT(Dial().fd(), 0) << "still listening";
  Open(first_);
  EXPECT_EQ(active.ReadAnswer().body, "last words");
  EXPECT_EQ(active.ReadToEnd(), "");
  EXPECT_FALSE(active.was_reset());
  thread_.Until([this] { return server_->connections() == 0; });
  EXPECT_EQ(server_->exchanges(), 0u);
}

TEST_F(HttpStreamTest, ConnectionMadeJustBeforeADrainMayAskOnce) {
  Serve(Echo);
  RawSocket fresh = Dial();
  thread_.Until([this] { return server_->connections() == 1; });
  server_->Drain();
  thread_.Do([] {});
  fresh.Send(kGet);
  const auto answer = fresh.ReadAnswer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.head.find("connection: close\r\n"), std::string::npos);
  EXPECT_EQ(fresh.ReadToEnd(), "");
}

TEST_F(HttpStreamTest, GiveUpFiresEveryExchange) {
  constexpr int kClients = 30;
  std::atomic<int> waiting = 0;
  std::atomic<int> given_up = 0;
  Serve([&](Exchange& exchange) -> Task<void> {
    Cancelled cancelled(exchange.cancel());
    ++waiting;
    if (co_await cancelled.Wait() == Code::kUnavailable) ++given_up;
    co_await exchange.Reply(503, "", "");
  });
  std::vector<RawSocket> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(Dial());
    clients.back().Send(kGet);
  }
  thread_.Until([&] { return waiting == kClients; });
  server_->Drain();
  server_->GiveUp();
  for (RawSocket& client : clients) EXPECT_EQ(client.ReadAnswer().status, 503);
  EXPECT_EQ(given_up, kClients);
}

TEST_F(HttpStreamTest, GiveUpGoesOnWhenOneExchangeEndsOthers) {
  constexpr std::size_t kClients = 9;
  std::vector<Cancel*> waiting;
  std::atomic<std::size_t> arrived = 0;
  Serve([&](Exchange& exchange) -> Task<void> {
    Cancelled cancelled(exchange.cancel());
    waiting.push_back(&exchange.cancel());
    arrived = waiting.size();
    co_await cancelled.Wait();
    std::erase(waiting, &exchange.cancel());
    for (int i = 0; i < 3 && !waiting.empty(); ++i) waiting[waiting.size() / 2]->Fire(Code::kUnavailable);
    exchange.CloseAfter();
    co_await exchange.Reply(503, "", "");
  });
  std::vector<RawSocket> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(Dial());
    clients.back().Send(kGet);
  }
  thread_.Until([&] { return arrived == kClients; });
  server_->GiveUp();
  for (RawSocket& client : clients) EXPECT_EQ(client.ReadAnswer().status, 503);
  thread_.Until([&] { return server_->exchanges() == 0; });
}

TEST_F(HttpStreamTest, AbortAllCutsWhatIsLeft) {
  Serve([this](Exchange& exchange) -> Task<void> {
    exchange.StartStream(200, "");
    co_await exchange.FlushHead();
    Cancelled cancelled(exchange.cancel());
    first_.reached.set_value();
    co_await cancelled.Wait();
    co_await exchange.EndStream();
  });
  RawSocket client = Dial();
  client.Send(kGet);
  Wait(first_);
  server_->AbortAll();
  client.ReadUntil("\r\n\r\n");
  EXPECT_EQ(client.ReadToEnd(), "");
  thread_.Until([this] { return server_->connections() == 0; });
}

}  // namespace
}  // namespace net
