#include "gateway/alert_post.h"

#include <gtest/gtest.h>

#include "gateway/hook_for_test.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

class AlertPostTest : public HookTest {
 protected:
  AlertPostTest() {
    smtp_.server = {.host = "127.0.0.1", .port = 1};
    smtp_.tls = config::MailSecurity::kNone;
    smtp_.from = "sluice@example.com";
    AlertDeliveryOptions options{.first_pause = 1h, .longest_pause = 1h};
    options.note = [this](std::string_view event, const std::string& sentence) {
      notes_.push_back(std::string(event) + " " + sentence);
    };
    thread_.Do([&] {
      post_.emplace(AlertPost::Parts{.loop = thread_.loop(),
                                     .resolver = resolver_,
                                     .registry = registry_of_post_,
                                     .smtp = [this] { return smtp_; }},
                    options);
    });
  }
  ~AlertPostTest() override {
    thread_.Await<bool>([this]() -> net::Task<bool> {
      co_await post_->Stop();
      co_return true;
    });
    thread_.Do([this] { post_.reset(); });
    EndServer();
  }

  void Add(const std::string& id, const std::string& url) {
    thread_.Do([&] { post_->Add({.id = id, .url = url, .body = "{" + id + "}", .signature = ""}); });
  }
  bool Counts(const std::string& line) {
    return registry_of_post_.Exposition().find("sluice_alerts_total" + line + "\n") != std::string::npos;
  }

  config::SmtpSettings smtp_;
  telemetry::Registry registry_of_post_;
  std::vector<std::string> notes_;
  std::optional<AlertPost> post_;
};

TEST_F(AlertPostTest, AMailServerThatIsNotThereHoldsUpNoHook) {
  Add("a", "mailto:ops@example.com");
  Add("b", Url("/x"));
  EXPECT_EQ(Await(1)[0].body, "{b}");
  thread_.Until([this] { return notes_.size() == 1; });
  EXPECT_NE(notes_[0].find("alert_delayed the alert a to ops@example.com is not delivered yet"),
            std::string::npos)
      << notes_[0];
  thread_.Until([this] { return Counts("{way=\"hook\",result=\"delivered\"} 1"); });
  EXPECT_TRUE(Counts("{way=\"mail\",result=\"dropped\"} 0"));
  thread_.Do([this] {
    ASSERT_EQ(post_->pending().size(), 1u);
    EXPECT_EQ(post_->pending()[0].id, "a");
  });
}

TEST_F(AlertPostTest, MailIsDroppedWhenTheConfigNamesNoServerAnyMore) {
  thread_.Do([this] { smtp_ = {}; });
  Add("a", "mailto:ops@example.com");
  thread_.Until([this] { return Counts("{way=\"mail\",result=\"dropped\"} 1"); });
  EXPECT_NE(
      notes_.at(0).find("alert_dropped the alert a to ops@example.com was not delivered: the config has no"),
      std::string::npos)
      << notes_[0];
}

TEST_F(AlertPostTest, WhatIsLeftFromAnotherTimeIsLookedAtAgain) {
  Add("a", "mailto:a@b.c,d@e.f");
  Add("b", "mailto:<a@b.c>");
  Add("c", "ftp://x");
  thread_.Until([this] { return notes_.size() == 3; });
  for (const std::string& note : notes_) EXPECT_TRUE(note.starts_with("alert_dropped")) << note;
}

}  // namespace
}  // namespace gateway
