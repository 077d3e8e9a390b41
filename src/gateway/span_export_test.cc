#include "gateway/span_export.h"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "net/http_server.h"
#include "net/loop_thread_for_test.h"

namespace gateway {
namespace {

// A collector on the loop that also sends to it.
class SpanExportTest : public testing::Test {
 protected:
  SpanExportTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-spans-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    log_ = *telemetry::LineLog::ToFile(directory_ / "log");
    recorder_.emplace(clock_, registry_, *log_, &spans_);
    auto server = net::Server::Listen(thread_.loops(),
                                      {.address = *net::ParseAddress("127.0.0.1", 0),
                                       .limits = {},
                                       .tls = nullptr,
                                       .make_handler = [this](net::Loop&) -> net::Server::Handler {
                                         return [this](net::Exchange& exchange) { return Collect(exchange); };
                                       },
                                       .refuse = [](int, const base::Error&) { return net::Refusal{}; }});
    CHECK(server.has_value());
    collector_ = std::move(*server);
    thread_.Start();
  }
  ~SpanExportTest() override {
    thread_.Do([this] { exporter_.reset(); });
    collector_->Drain();
    collector_->AbortAll();
    thread_.Until([this] { return collector_->connections() == 0; });
    thread_.Join();
    std::filesystem::remove_all(directory_);
  }

  void Start(const std::string& path = "") {
    config::OtlpSettings settings;
    settings.endpoint =
        *config::Url::Parse("http://127.0.0.1:" + std::to_string(collector_->local().port) + path);
    settings.headers.emplace("x-team", config::Secret("search"));
    exporter_ = *SpanExport::Make(thread_.loop(), resolver_, settings, spans_, *recorder_, "1.2.3");
    exporter_->Start();
  }

  void Finish(int spans) {
    for (int i = 0; i < spans; ++i) {
      telemetry::GenAiSpan span;
      span.operation = "chat";
      span.request_model = "m";
      spans_.Push(std::move(span));
    }
  }

  std::string Log() {
    log_->Flush();
    std::ifstream file(directory_ / "log");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  static std::size_t Count(std::string_view text, std::string_view what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
    return count;
  }

  struct Batch {
    std::string path;
    std::string team;
    std::string body;
  };
  std::vector<Batch> batches_;  // in the order in which the collector had them
  int status_ = 200;            // what the collector answers

 private:
  net::Task<void> Collect(net::Exchange& exchange) {
    auto body = co_await exchange.ReadBody();
    const net::RequestHead& head = exchange.request();
    batches_.push_back({std::string(head.path), std::string(head.fields.Find("x-team").value_or("")),
                        std::string(body->view())});
    [[maybe_unused]] const auto sent = co_await exchange.Reply(status_, "", "{}");
  }

 protected:
  base::SystemClock clock_;
  std::filesystem::path directory_;
  telemetry::Registry registry_;
  std::unique_ptr<telemetry::LineLog> log_;
  telemetry::SpanBuffer spans_;
  std::optional<Recorder> recorder_;
  net::Resolver resolver_{clock_};
  net::LoopThread thread_;
  std::unique_ptr<net::Server> collector_;
  std::unique_ptr<SpanExport> exporter_;
};

TEST_F(SpanExportTest, WhatIsLeftAtTheEndLeavesInBatches) {
  Start();
  Finish(1300);
  exporter_->Stop();
  ASSERT_EQ(batches_.size(), 3u);
  EXPECT_EQ(Count(batches_[0].body, "\"spanId\""), 512u);
  EXPECT_EQ(Count(batches_[2].body, "\"spanId\""), 1300u - 2 * 512u);
  EXPECT_EQ(batches_[0].path, "/v1/traces");
  EXPECT_EQ(batches_[0].team, "search");
  EXPECT_NE(batches_[0].body.find("1.2.3"), std::string::npos);
  EXPECT_EQ(Log(), "");
}

TEST_F(SpanExportTest, PathOfTheSignalIsNotDoubled) {
  Start("/otlp/v1/traces");
  Finish(1);
  exporter_->Stop();
  ASSERT_EQ(batches_.size(), 1u);
  EXPECT_EQ(batches_[0].path, "/otlp/v1/traces");
}

TEST_F(SpanExportTest, NothingFinishedIsNothingSent) {
  Start();
  exporter_->Stop();
  EXPECT_TRUE(batches_.empty());
}

TEST_F(SpanExportTest, LastBatchThatIsRefusedIsDroppedWithANote) {
  status_ = 503;
  Start();
  Finish(1300);
  exporter_->Stop();
  EXPECT_EQ(batches_.size(), 1u);  // nor are the others sent to a collector that takes nothing
  EXPECT_EQ(Count(Log(), "dropped"), 1u);
  EXPECT_EQ(Count(Log(), "status 503"), 1u);
}

}  // namespace
}  // namespace gateway
