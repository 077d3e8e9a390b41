#include "upstream/model_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "upstream/played_provider_for_test.h"

namespace upstream {
namespace {

using namespace std::chrono_literals;

constexpr ModelList::Age kAny{.names = 1h, .failure = 1h};
constexpr ModelList::Age kNow{.names = 0ns, .failure = 0ns};

ModelNames Listing(std::vector<std::string> ids) {
  return ModelNames(std::move(ids), base::MonoTime());
}

TEST(ModelNamesTest, NamesAreThoseThatAreListed) {
  const ModelNames names = Listing({"gpt-5-mini", "gpt-5"});
  EXPECT_TRUE(names.Has("gpt-5"));
  EXPECT_TRUE(names.Has("gpt-5-mini"));
  EXPECT_FALSE(names.Has("gpt-5-min"));
  EXPECT_FALSE(names.Has("gpt"));
  EXPECT_EQ(names.ids(), (std::vector<std::string>{"gpt-5-mini", "gpt-5"}));
}

TEST(ModelNamesTest, DatedNameIsKnownWithoutItsDate) {
  const ModelNames names =
      Listing({"claude-sonnet-4-20250514", "gpt-5-2025-08-07", "claude-3-5-haiku-20241022"});
  EXPECT_TRUE(names.Has("claude-sonnet-4"));
  EXPECT_TRUE(names.Has("claude-sonnet-4-0"));
  EXPECT_TRUE(names.Has("claude-3-5-haiku-latest"));
  EXPECT_TRUE(names.Has("gpt-5"));
  EXPECT_FALSE(names.Has("claude-sonnet"));
  EXPECT_FALSE(names.Has("claude-sonnet-4-1"));
}

TEST(ModelNamesTest, WhatNobodyAskedForAndWhatFailedIsNotKnown) {
  EXPECT_FALSE(ModelNames().known());
  const ModelNames failed(base::Fail(base::Code::kUnavailable, "it is down"), base::MonoTime());
  EXPECT_FALSE(failed.known());
  EXPECT_EQ(failed.missing(), "it is down");
}

class ModelListTest : public PlayedProvider {
 protected:
  // Answers every question with these, after having counted it.
  void Answer(int status, std::string body) {
    Play([=, this](net::Exchange& exchange) -> net::Task<void> {
      ++asked_;
      path_ = exchange.request().target;
      [[maybe_unused]] const auto sent = co_await exchange.Reply(status, "", body);
    });
  }
  std::shared_ptr<const ModelNames> Get(ModelList::Age age) {
    using Names = std::shared_ptr<const ModelNames>;
    return thread_.Await<Names>([&] {
      return provider_->model_list().Get(provider_, pools_->For(provider_), thread_.loop(), cancel_, age);
    });
  }
  net::Task<void> GetInto(int& got) {
    const auto names = co_await provider_->model_list().Get(provider_, pools_->For(provider_), thread_.loop(),
                                                            cancel_, kAny);
    got += names->known() ? 1 : 0;
  }

  net::Cancel cancel_;
  int asked_ = 0;
  std::string path_;
};

TEST_F(ModelListTest, ListIsAskedForOnceAndKept) {
  settings_.base_url.path = "/v1";
  Answer(200, R"({"data":[{"id":"a"},{"id":"b"}]})");
  EXPECT_EQ(Get(kAny)->ids(), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(Get(kAny)->known());
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(path_, "/v1/models");
  EXPECT_TRUE(Get(kNow)->known());
  EXPECT_EQ(asked_, 2);
}

TEST_F(ModelListTest, ListThatCannotBeHadIsKnownToBeMissing) {
  Answer(500, "");
  EXPECT_EQ(Get(kAny)->missing(), "it answered with status 500");
  EXPECT_FALSE(Get(kAny)->known());
  EXPECT_EQ(asked_, 1);
}

TEST_F(ModelListTest, ListStaysWhenItCannotBeHadAgain) {
  bool down = false;
  Play([&](net::Exchange& exchange) -> net::Task<void> {
    ++asked_;
    [[maybe_unused]] const auto sent =
        co_await exchange.Reply(down ? 500 : 200, "", down ? "" : R"({"data":[{"id":"b"},{"id":"a"}]})");
  });
  EXPECT_TRUE(Get(kNow)->known());
  thread_.Do([&] { down = true; });
  for (int i = 0; i < 2; ++i) {
    const auto names = Get(kNow);
    EXPECT_FALSE(names->known());
    EXPECT_EQ(names->missing(), "it answered with status 500");
    EXPECT_EQ(names->ids(), (std::vector<std::string>{"b", "a"}));
    EXPECT_TRUE(names->Has("a"));
  }
  thread_.Do([&] { down = false; });
  EXPECT_TRUE(Get(kNow)->known());
  EXPECT_EQ(asked_, 4);
}

TEST_F(ModelListTest, ListThatIsNoneIsMissing) {
  Answer(200, "<html>");
  EXPECT_EQ(Get(kAny)->missing(), "its list of models cannot be read");
}

TEST_F(ModelListTest, NamesThatNobodyCouldAskForAreLeftOut) {
  Answer(200, R"({"data":[{"id":""},{"id":")" + std::string(257, 'x') + R"("},{"id":"a"}]})");
  EXPECT_EQ(Get(kAny)->ids(), std::vector<std::string>{"a"});
}

TEST_F(ModelListTest, KeyThatMayNotListIsNotPutAside) {
  Answer(403, R"({"error":{"message":"no"}})");
  EXPECT_FALSE(Get(kAny)->known());
  EXPECT_EQ(provider_->Ailment("m"), "");
}

TEST_F(ModelListTest, KeyThatIsRefusedIs) {
  Answer(401, R"({"error":{"message":"no"}})");
  EXPECT_FALSE(Get(kAny)->known());
  EXPECT_EQ(provider_->Ailment("m"), "no key of p is accepted");
}

TEST_F(ModelListTest, ManyThatNeedItAtOnceShareOneQuestion) {
  net::Event answer;
  Play([&](net::Exchange& exchange) -> net::Task<void> {
    ++asked_;
    co_await answer;
    [[maybe_unused]] const auto sent = co_await exchange.Reply(200, "", R"({"data":[{"id":"a"}]})");
  });
  int got = 0;
  thread_.Do([&] {
    for (int i = 0; i < 5; ++i) net::Spawn(GetInto(got));
  });
  thread_.Until([&] { return asked_ == 1; });
  thread_.Do([&] { answer.Notify(); });
  thread_.Until([&] { return got == 5; });
  EXPECT_EQ(asked_, 1);
}

TEST_F(ModelListTest, WhoeverWaitsAsksWhenTheFirstOneIsGone) {
  net::Event never;
  Play([&](net::Exchange& exchange) -> net::Task<void> {
    if (++asked_ == 1) {
      const net::Cancel::Hook gone(exchange.cancel(), [&never](base::Code) { never.Notify(); });
      co_await never;
      co_return;
    }
    [[maybe_unused]] const auto sent = co_await exchange.Reply(200, "", R"({"data":[{"id":"a"}]})");
  });
  int first = 0;
  int second = 0;
  net::Cancel others;
  thread_.Do([&] { net::Spawn(GetInto(first)); });
  thread_.Until([&] { return asked_ == 1; });
  const auto wait = [&]() -> net::Task<void> {
    const auto names =
        co_await provider_->model_list().Get(provider_, pools_->For(provider_), thread_.loop(), others, kAny);
    second = names->known() ? 1 : -1;
  };
  thread_.Do([&] {
    net::Spawn(wait());
    cancel_.Fire(base::Code::kCancelled);
  });
  thread_.Until([&] { return second != 0; });
  EXPECT_EQ(second, 1);
  EXPECT_EQ(first, 0);
}

}  // namespace
}  // namespace upstream
