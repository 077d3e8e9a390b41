#include "gateway/settlement.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>

#include "engine/tiny_vocabulary_for_test.h"
#include "gateway/counting_desk.h"
#include "gateway/settler.h"
#include "net/loop_thread_for_test.h"
#include "store/directory_for_test.h"

namespace gateway {
namespace {

using chat::UsageSource;

constexpr std::string_view kSentence = "the gateway answers the question ";

std::string TextOf(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += kSentence;
  return text;
}

// A request of deepseek/small whose answer broke off, a counter that knows that model's tokenizer, and a desk
// that counts with it.
class SettlementTest : public testing::Test {
 protected:
  static constexpr std::size_t kLong = 4 * engine::TokenCounter::kCountedBytesMax;

  SettlementTest()
      : counter_(FolderWithTokenizer(), [this](engine::Family, const base::Result<void>& result) {
          loaded_.set_value(result.has_value());
        }) {
    counter_.Prepare("deepseek", "small");
    CHECK(loaded_.get_future().get());
    record_.started = clock_.WallNow();
    record_.operation = record_.said_as = chat::Operation::kChat;
    record_.provider = "deepseek";
    record_.model = "small";
    record_.status = 200;
    record_.stream = true;
    record_.dispatched = record_.started;
    record_.attempts.push_back(
        {.provider = "deepseek", .model = "small", .status = 200, .said_as = chat::Operation::kChat});
    thread_.Start();
  }
  ~SettlementTest() override { thread_.Join(); }

  void Ask(const std::string& text) {
    body_ = R"({"model":"m","stream":true,"messages":[{"role":"user","content":")" + text + R"("}]})";
    request_ = *wire::ParseRequest(chat::Operation::kChat, body_);
    by_.request = &*request_;
  }
  void Deliver(const std::string& text) { settlement_.text().OnText(wire::TextKind::kContent, text); }
  bool CountsLong() { return settler_.CountsLong(record_, by_, settlement_.text()); }
  void Close() {
    thread_.Await<bool>([this]() -> net::Task<bool> {
      co_await settlement_.Close();
      co_return true;
    });
  }
  std::int64_t TokensOf(const std::string& text) const {
    return *counter_.CountWhole("deepseek", "small", text);
  }

  const store::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::promise<bool> loaded_;
  engine::TokenCounter counter_;
  net::LoopThread thread_{clock_};  // before the desk, which posts to it
  CountingDesk desk_{clock_, counter_};
  Settler settler_{
      {.loop = thread_.loop(), .clock = clock_, .journal = nullptr, .counter = counter_, .desk = &desk_}};
  SettledBy by_;
  RequestRecord record_;
  Settlement settlement_{&settler_, &by_, record_};
  std::string body_;
  std::optional<wire::RequestView> request_;

 private:
  std::string FolderWithTokenizer() const {
    std::ofstream(directory_.path() / "deepseek.tokens", std::ios::binary)
        << engine::TinyVocabulary(TextOf(200), 40).File(engine::Cutting::kDeepSeek);
    return directory_.path().string();
  }
};

TEST_F(SettlementTest, ALongAnswerThatNobodyToldTheTokensOfIsCountedToItsLastByte) {
  Ask(TextOf(kLong));
  Deliver(TextOf(kLong));
  EXPECT_TRUE(CountsLong());
  Close();
  EXPECT_EQ(record_.usage_source, UsageSource::kCounted);
  EXPECT_EQ(record_.usage->output, TokensOf(TextOf(kLong)));
  EXPECT_EQ(record_.usage->input,
            TokensOf(TextOf(kLong)) + engine::TokenCounter::Overhead("deepseek", "small", 1));
}

TEST_F(SettlementTest, WhereTheDeskHasNoRoomItIsEstimatedAndSaysSo) {
  Ask("short");
  Deliver(TextOf(kLong));
  std::promise<void> go_on;
  const std::shared_future<void> gone_on = go_on.get_future().share();
  std::atomic<std::size_t> ran{0};
  const auto occupy = [&]() -> net::Task<void> {
    std::function<void()> wait = [&gone_on] { gone_on.wait(); };
    const bool run = co_await desk_.Do(thread_.loop(), 1, std::move(wait));
    if (run) ++ran;
  };
  thread_.Do([&] {
    for (std::size_t i = 0; i < CountingDesk::kWaitingMax; ++i) net::Spawn(occupy());
  });
  EXPECT_TRUE(CountsLong());
  Close();
  go_on.set_value();
  thread_.Until([&] { return ran == CountingDesk::kWaitingMax; });
  EXPECT_EQ(record_.usage_source, UsageSource::kEstimated);
  const auto tokens = static_cast<double>(TokensOf(TextOf(kLong)));
  EXPECT_NEAR(static_cast<double>(record_.usage->output), tokens, 0.01 * tokens);
}

TEST_F(SettlementTest, TheDeskTakesNoMoreTextThanItCanCountInAMomentUnlessNobodyWaits) {
  std::promise<void> go_on;
  const std::shared_future<void> gone_on = go_on.get_future().share();
  std::vector<std::string> ran;
  const auto ask = [&](std::string name, std::uint64_t bytes) -> net::Task<void> {
    std::function<void()> wait = [&gone_on] { gone_on.wait(); };
    const bool run = co_await desk_.Do(thread_.loop(), bytes, std::move(wait));
    ran.push_back(name + (run ? " counted" : " refused"));
  };
  thread_.Do([&] {
    net::Spawn(ask("huge", 2 * CountingDesk::kWaitingBytesMax));
    net::Spawn(ask("one more", 1));
  });
  go_on.set_value();
  thread_.Until([&] { return ran.size() == 2; });
  thread_.Do([&] { net::Spawn(ask("later", CountingDesk::kWaitingBytesMax)); });
  thread_.Until([&] { return ran.size() == 3; });
  EXPECT_EQ(ran, (std::vector<std::string>{"one more refused", "huge counted", "later counted"}));
}

TEST_F(SettlementTest, WhatIsShortOrWasToldIsNotWaitedFor) {
  Ask("short");
  EXPECT_FALSE(CountsLong());
  Ask(TextOf(kLong));
  EXPECT_TRUE(CountsLong());
  Deliver(TextOf(kLong));
  record_.usage = chat::Usage{.input = 1, .output = 2};
  EXPECT_FALSE(CountsLong());
  // Messages tell their input first: only the answer is to be counted.
  record_.said_as = chat::Operation::kMessages;
  EXPECT_TRUE(CountsLong());
  Close();
  EXPECT_EQ(record_.usage->input, 1);
  EXPECT_EQ(record_.usage->output, TokensOf(TextOf(kLong)));
  EXPECT_EQ(record_.usage_source, UsageSource::kCounted);
}

}  // namespace
}  // namespace gateway
