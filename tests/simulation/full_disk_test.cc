// A gateway whose disk is full and has space again: what clients are answered, and what of it has a row.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/encoding.h"
#include "base/random.h"
#include "simulation/callers.h"
#include "simulation/played_world.h"
#include "store/played_disk_for_test.h"

namespace simulation {
namespace {

using namespace std::chrono_literals;

class FullDiskTest : public testing::Test {
 protected:
  FullDiskTest()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   ("sluice-full-" + base::Hex(base::SecureRandomBytes(8)))) {}
  ~FullDiskTest() override { std::filesystem::remove_all(directory_); }

  void Start(store::WhenFull when_full) {
    gateway_.emplace(
        clock_, providers_, directory_, disk_,
        store::JournalOptions{.segment_bytes = base::MiB, .sync_interval = 1ms, .when_full = when_full});
    callers_.emplace(clock_, gateway_->address());
  }
  // One request with a row of several kilobytes: what its client is answered.
  int Ask() {
    Question question;
    question.path = "/v1/chat/completions";
    question.body = R"({"model":"thinker","messages":[{"role":"user","content":"Question 1: why?"}]})";
    question.fields = "content-type: application/json\r\nx-sluice-tags: ";
    for (int i = 0; i < 16; ++i)
      question.fields += (i > 0 ? ",tag-" : "tag-") + std::to_string(i) + "=" + std::string(200, 'x');
    question.fields += "\r\n";
    callers_->Ask({question});
    callers_->AwaitAll();
    return callers_->answers().back().status;
  }
  std::size_t answered() {
    std::size_t whole = 0;
    for (const Answered& answer : callers_->answers()) whole += answer.status == 200;
    return whole;
  }
  std::size_t Rows() {
    callers_.reset();
    gateway_->Shut();
    const Spent spent = ReadJournal(directory_);
    EXPECT_EQ(spent.damaged, 0U);
    return spent.rows;
  }

  const base::SystemClock clock_;
  const std::filesystem::path directory_;
  store::PlayedDisk disk_;
  PlayedProviders providers_{clock_};
  std::optional<PlayedGateway> gateway_;
  std::optional<Callers> callers_;
};

constexpr int kMoreThanFit = 2'000;

TEST_F(FullDiskTest, RefusesWhileTheRowsOfRequestsInFlightStillFitAndGoesOnWhenThereIsSpace) {
  Start(store::WhenFull::kRefuse);
  ASSERT_EQ(Ask(), 200);
  disk_.full_beyond = base::MiB;
  disk_.full = true;
  int status = 200;
  for (int i = 0; i < kMoreThanFit && status == 200; ++i) status = Ask();
  EXPECT_EQ(status, 503);
  EXPECT_EQ(gateway_->journal().Counts().lost, 0U);
  disk_.full = false;
  callers_->Until([&] { return gateway_->journal().CanTakeMore(); });
  EXPECT_EQ(Ask(), 200);
  const std::size_t whole = answered();
  EXPECT_EQ(Rows(), whole);
}

TEST_F(FullDiskTest, GoesOnWithoutRowsWhereItIsToldToAndCountsThem) {
  Start(store::WhenFull::kContinue);
  ASSERT_EQ(Ask(), 200);
  disk_.full_beyond = 64 * base::KiB;
  disk_.full = true;
  for (int i = 0; i < kMoreThanFit && gateway_->journal().Counts().lost < 3; ++i) ASSERT_EQ(Ask(), 200);
  const std::uint64_t lost = gateway_->journal().Counts().lost;
  EXPECT_EQ(lost, 3U);
  disk_.full = false;
  EXPECT_EQ(Ask(), 200);
  const std::size_t whole = answered();
  EXPECT_EQ(Rows() + lost, whole);
}

}  // namespace
}  // namespace simulation
