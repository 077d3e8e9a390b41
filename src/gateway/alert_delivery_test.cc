#include "gateway/alert_delivery.h"

#include <gtest/gtest.h>

#include "gateway/hook_for_test.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

class AlertDeliveryTest : public HookTest {
 protected:
  void Start(AlertDeliveryOptions options = {.first_pause = 1ms, .longest_pause = 5ms}) {
    options.note = [this](std::string_view event, const std::string& sentence) {
      notes_.push_back(std::string(event) + " " + sentence);
    };
    options.on_change = [this] { ++changes_; };
    options.delivered = &delivered_;
    options.dropped = &dropped_;
    thread_.Do([&] { delivery_.emplace(thread_.loop(), courier_, options); });
  }
  ~AlertDeliveryTest() override {
    Stop();
    thread_.Do([this] { delivery_.reset(); });
    EndServer();
  }

  void Stop() {
    thread_.Await<bool>([this]() -> net::Task<bool> {
      co_await delivery_->Stop();
      co_return true;
    });
  }
  void Add(const std::string& id, const std::string& url) {
    thread_.Do(
        [&] { delivery_->Add({.id = id, .url = url, .body = "{" + id + "}", .signature = "sha256=ab"}); });
  }
  void Until(const std::function<bool()>& condition) { thread_.Until(condition); }

  HookCourier courier_{thread_.loop(), resolver_};
  std::optional<AlertDelivery> delivery_;
  telemetry::Counter delivered_;
  telemetry::Counter dropped_;
  std::vector<std::string> notes_;
  int changes_ = 0;
};

TEST_F(AlertDeliveryTest, AnAlertIsPostedWithItsSignature) {
  Start();
  Add("a", Url("/x/y?token=z"));
  const std::vector<Posted> posted = Await(1);
  EXPECT_EQ(posted[0].target, "/x/y?token=z");
  EXPECT_EQ(posted[0].signature, "sha256=ab");
  EXPECT_EQ(posted[0].body, "{a}");
  Until([this] { return delivered_.Value() == 1; });
  thread_.Do([this] {
    EXPECT_TRUE(delivery_->pending().empty());
    EXPECT_EQ(changes_, 1);
  });
}

TEST_F(AlertDeliveryTest, WhatFailsIsTriedAgainWithTheSameId) {
  Start();
  thread_.Do([this] { statuses_ = {503, 429, 500}; });
  Add("a", Url(""));
  const std::vector<Posted> posted = Await(4);
  for (const Posted& one : posted) EXPECT_EQ(one.body, "{a}");
  Until([this] { return delivered_.Value() == 1; });
  thread_.Do([this] {
    ASSERT_EQ(notes_.size(), 1u);  // of the first time
    EXPECT_NE(notes_[0].find("alert_delayed the alert a to http://127.0.0.1:"), std::string::npos)
        << notes_[0];
    EXPECT_NE(notes_[0].find("status 503"), std::string::npos) << notes_[0];
  });
}

TEST_F(AlertDeliveryTest, OneThatIsRefusedForGoodIsDroppedWithANote) {
  Start();
  thread_.Do([this] { statuses_ = {404}; });
  Add("a", Url("/secret"));
  Add("b", Url("/x"));
  Until([this] { return delivered_.Value() == 1; });
  thread_.Do([this] {
    EXPECT_EQ(dropped_.Value(), 1u);
    ASSERT_EQ(notes_.size(), 1u);
    EXPECT_NE(notes_[0].find("alert_dropped the alert a to http://127.0.0.1:"), std::string::npos)
        << notes_[0];
    EXPECT_EQ(notes_[0].find("secret"), std::string::npos);
  });
}

TEST_F(AlertDeliveryTest, NobodyThereIsTriedAgainUntilItIsGivenUp) {
  Start({.first_pause = 1ms, .longest_pause = 1ms, .give_up_after = 20ms});
  Add("a", "http://127.0.0.1:1/");
  Until([this] { return dropped_.Value() == 1; });
  Add("b", Url("/"));
  Await(1);
}

TEST_F(AlertDeliveryTest, OneMoreThanFitsIsDropped) {
  Start({.waiting_max = 2, .first_pause = 1h, .longest_pause = 1h});
  thread_.Do([this] { statuses_ = {503, 503}; });
  Add("a", Url("/"));
  Add("b", Url("/"));
  Await(2);
  Until([this] { return delivery_->pending().size() == 2; });
  Add("c", Url("/"));
  thread_.Do([this] {
    EXPECT_EQ(dropped_.Value(), 1u);
    EXPECT_EQ(delivery_->pending().size(), 2u);
  });
}

TEST_F(AlertDeliveryTest, AStopKeepsWhatIsPending) {
  Start({.first_pause = 1h, .longest_pause = 1h});
  thread_.Do([this] { statuses_ = {503}; });
  Add("a", Url("/"));
  Await(1);
  Stop();
  thread_.Do([this] {
    ASSERT_EQ(delivery_->pending().size(), 1u);
    EXPECT_EQ(delivery_->pending()[0].id, "a");
  });
}

}  // namespace
}  // namespace gateway
