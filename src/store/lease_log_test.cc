#include "store/lease_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/directory_for_test.h"
#include "store/played_disk_for_test.h"
#include "store/row_for_test.h"

namespace store {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class LeaseLogTest : public testing::Test {
 protected:
  LeaseLogTest() { Start(); }

  // A process ends, whatever it was doing, and the next one begins.
  void Start() {
    log_.reset();
    journal_.reset();
    journal_ = Journal::Open(directory_.path(), clock_, disk_,
                             {.segment_bytes = base::MiB, .wait = [](std::stop_token) { return false; }})
                   .value();
    log_ = LeaseLog::Open(
               *journal_, clock_, disk_,
               {.segment_bytes = kSegment,
                .note = [this](std::string_view event, std::string_view) { told_.emplace_back(event); }})
               .value();
  }

  LeaseRecord Lease(std::string_view id) const {
    LeaseRecord lease;
    lease.request_id = id;
    lease.started = clock_.WallNow();
    lease.amount = {.pico = 1'000, .currency = base::Currency::kUsd};
    return lease;
  }
  base::Result<LeaseTicket> TryAppend(const LeaseRecord& lease) {
    LeaseGroup alone;
    alone.Add(lease);
    return log_->Append(alone);
  }
  LeaseTicket Append(std::string_view id) { return TryAppend(Lease(id)).value(); }
  Names Left() {
    Names names;
    for (const LeftLease& lease : log_->TakeLeft()) names.emplace_back(lease.record().request_id);
    return names;
  }
  std::vector<fs::path> Files() const {
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator(directory_.path() / "leases"))
      files.push_back(file.path());
    std::sort(files.begin(), files.end());
    return files;
  }
  // Leases that end at once, until another segment has begun.
  void FillSegment() {
    const std::uint64_t before = Append("filler").segment;
    LeaseTicket last{.segment = before, .ordinal = 0};
    while (last.segment == before) {
      last = Append("filler");
      log_->Close(last);
    }
  }

  static constexpr std::uint64_t kSegment = 64 * 1024;

  const TemporaryDirectory directory_;
  base::FakeClock clock_;
  PlayedDisk disk_;
  Names told_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<LeaseLog> log_;
};

TEST_F(LeaseLogTest, ALeaseWithoutAnEndIsLeftWithAllThatItSaid) {
  const std::string_view tags[] = {"app=checkout", "env=prod"};
  LeaseRecord lease = Lease("req_1");
  lease.org = "acme";
  lease.team = "support";
  lease.project = "web";
  lease.key_id = "key_1";
  lease.user = "ann";
  lease.session = std::string_view("run\0 7", 6);
  lease.provider = "deepseek";
  lease.model = "deepseek/deepseek-flash";
  lease.asked_model = "assistant";
  lease.tags = tags;
  lease.amount.pico = base::Int128{1} << 90;
  ASSERT_TRUE(TryAppend(lease));
  Start();
  const std::vector<LeftLease> left = log_->TakeLeft();
  ASSERT_EQ(left.size(), 1U);
  const LeaseRecord read = left[0].record();
  EXPECT_FALSE(left[0].unsettled());
  EXPECT_EQ(read.request_id, "req_1");
  EXPECT_EQ(read.started, lease.started);
  EXPECT_EQ(read.org, "acme");
  EXPECT_EQ(read.team, "support");
  EXPECT_EQ(read.project, "web");
  EXPECT_EQ(read.key_id, "key_1");
  EXPECT_EQ(read.user, "ann");
  EXPECT_EQ(read.session, lease.session);
  EXPECT_EQ(read.provider, "deepseek");
  EXPECT_EQ(read.model, "deepseek/deepseek-flash");
  EXPECT_EQ(read.asked_model, "assistant");
  EXPECT_TRUE(std::equal(read.tags.begin(), read.tags.end(), std::begin(tags), std::end(tags)));
  EXPECT_TRUE(read.amount == lease.amount);
}

TEST_F(LeaseLogTest, AReleasedLeaseIsNotLeft) {
  const LeaseTicket ticket = Append("req_1");
  Append("req_2");
  EXPECT_TRUE(log_->Release(ticket));
  EXPECT_EQ(log_->counts().open, 1U);
  Start();
  EXPECT_EQ(Left(), Names{"req_2"});
}

TEST_F(LeaseLogTest, TheEndOfAClosedLeaseIsItsRow) {
  RowMaker rows(1);
  const LeaseTicket ticket = Append("req_1");
  const JournalPosition before = journal_->End();
  ASSERT_TRUE(journal_->Append(rows.Usual(clock_.WallNow())));
  log_->Close(ticket);
  EXPECT_EQ(log_->counts().open, 0U);
  Start();
  EXPECT_EQ(Left(), Names{"req_1"}) << "whoever starts looks for its row";
  EXPECT_LE(log_->LeftFrom(), before) << "where it is";
}

TEST_F(LeaseLogTest, WhatWasBeingWrittenAtTheEndIsNotLeft) {
  Append("req_1");
  Append("req_2");
  const fs::path file = Files().front();
  fs::resize_file(file, fs::file_size(file) - 9);
  Start();
  EXPECT_EQ(Left(), Names{"req_1"});
  EXPECT_EQ(told_, Names{});
}

TEST_F(LeaseLogTest, DamageIsToldAndWhatStandsBehindItIsRead) {
  Append("req_1");
  Append("req_2");
  const fs::path file = Files().front();
  std::string bytes = ReadFile(file);
  bytes[80] = static_cast<char>(bytes[80] ^ 1);
  WriteFile(file, bytes);
  Start();
  EXPECT_EQ(Left(), Names{"req_2"});
  EXPECT_EQ(told_, Names{"leases_damaged"});
}

TEST_F(LeaseLogTest, AFileThatCannotBeReadIsNotPassedOver) {
  Append("req_1");
  const fs::path file = Files().front();
  std::string bytes = ReadFile(file);
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  WriteFile(file, bytes);
  log_.reset();
  const auto opened = LeaseLog::Open(*journal_, clock_, disk_, {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Code::kIo);
}

TEST_F(LeaseLogTest, WhatIsLeftIsWrittenDownAgainOnce) {
  Append("req_1");
  Start();
  auto left = log_->TakeLeft();
  ASSERT_EQ(left.size(), 1U);
  const LeaseTicket again = log_->AppendUnsettled(left[0]).value();
  Start();  // before the old segment was dropped
  left = log_->TakeLeft();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_TRUE(left[0].unsettled());
  EXPECT_EQ(left[0].ticket(), again);
  const LeaseTicket third = log_->AppendUnsettled(left[0]).value();
  log_->Drop(0);
  EXPECT_TRUE(log_->Release(third));
  Start();
  EXPECT_EQ(Left(), Names{});
}

TEST_F(LeaseLogTest, SegmentsWhoseLeasesHaveEndedAreDroppedFromTheOldest) {
  FillSegment();  // leaves its first lease open
  Append("open");
  FillSegment();
  const std::uint64_t needed = log_->FirstNeeded();
  EXPECT_EQ(needed, 1U);
  log_->Drop(needed);
  EXPECT_EQ(log_->counts().segments, 3U);
  log_->Close({.segment = 1, .ordinal = 1});
  EXPECT_EQ(log_->FirstNeeded(), 2U);
  log_->Drop(2);
  EXPECT_EQ(Files().size(), 2U);
  Start();
  const Names left = Left();
  EXPECT_EQ(std::count(left.begin(), left.end(), "open"), 1);
}

TEST_F(LeaseLogTest, ALongCallDoesNotKeepTheSegmentsBehindIt) {
  const LeaseTicket first = Append("long");
  const LeaseTicket second = Append("longer");
  for (std::size_t i = 0; i <= LeaseLog::kSegmentsMany; ++i) FillSegment();
  log_->Carry(1'000);
  EXPECT_GT(log_->FirstNeeded(), 1U);
  log_->Drop(log_->FirstNeeded());
  EXPECT_TRUE(log_->Release(first));
  Start();
  Names left = Left();
  left.erase(std::remove(left.begin(), left.end(), "filler"), left.end());
  EXPECT_EQ(left, Names{"longer"});
  EXPECT_EQ(second.segment, 1U);
}

TEST_F(LeaseLogTest, AFullDiskIsToldAndALeaseIsTakenWhenThereIsRoomAgain) {
  disk_.write_error = ENOSPC;
  const auto refused = TryAppend(Lease("req_1"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::kIo);
  disk_.write_error = 0;
  Append("req_2");
  Start();
  EXPECT_EQ(Left(), Names{"req_2"});
}

TEST_F(LeaseLogTest, AGroupIsOneWriteAndEachOfItEndsForItself) {
  LeaseGroup group;
  for (const char* id : {"req_1", "req_2", "req_3"}) group.Add(Lease(id));
  const int before = disk_.writes;
  const LeaseTicket first = log_->Append(group).value();
  EXPECT_EQ(disk_.writes, before + 1);
  EXPECT_EQ(log_->counts().open, 3U);
  EXPECT_TRUE(log_->Release({.segment = first.segment, .ordinal = first.ordinal + 1}));
  group.Clear();
  group.Add(Lease("req_4"));
  ASSERT_TRUE(log_->Append(group));
  Start();
  EXPECT_EQ(Left(), (Names{"req_1", "req_3", "req_4"}));
}

TEST_F(LeaseLogTest, AGroupThatIsFullStandsInOneSegment) {
  const LeaseTicket before = Append("before");
  LeaseTicket first = before;
  LeaseGroup group;
  std::uint32_t leases = 0;
  while (first.segment == before.segment) {
    group.Clear();
    for (leases = 0; group.HasRoom(); ++leases) group.Add(Lease("req"));
    first = log_->Append(group).value();
  }
  EXPECT_GT(leases, 100U);
  EXPECT_EQ(first.ordinal, 1U);
  for (std::uint32_t i = 0; i < leases; ++i) {
    EXPECT_TRUE(log_->Release({.segment = first.segment, .ordinal = first.ordinal + i}));
  }
}

TEST_F(LeaseLogTest, OfAGroupThatArrivedInPartNothingIsFound) {
  Append("before");
  LeaseGroup group;
  for (const char* id : {"req_1", "req_2", "req_3", "req_4"}) group.Add(Lease(id));
  disk_.write_error = EIO;
  EXPECT_FALSE(log_->Append(group));
  disk_.write_error = 0;
  Append("behind");
  Start();
  EXPECT_EQ(Left(), (Names{"before", "behind"}));
}

TEST_F(LeaseLogTest, ASyncMakesTheNextSegmentAhead) {
  ASSERT_TRUE(log_->Sync());
  EXPECT_EQ(Files().size(), 2U);
  const int before = disk_.syncs;
  ASSERT_TRUE(log_->Sync());
  EXPECT_EQ(disk_.syncs, before) << "nothing was written";
  FillSegment();
  ASSERT_TRUE(log_->Sync());
  EXPECT_EQ(Files().size(), 3U);
}

TEST_F(LeaseLogTest, ManyThreadsPromiseAndEndAtOnce) {
  std::atomic<bool> done{false};
  std::jthread keeper([&] {
    while (!done) {
      EXPECT_TRUE(log_->Sync());
      log_->Carry(16);
      log_->Drop(log_->FirstNeeded());
    }
  });
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([this, i] {
        const LeaseTicket kept = Append("kept" + std::to_string(i));
        for (int k = 0; k < 3'000; ++k) {
          const LeaseTicket ticket = Append("req");
          if (k % 2 == 0) {
            EXPECT_TRUE(log_->Release(ticket));
          } else {
            log_->Close(ticket);
          }
        }
        if (i % 2 == 0) {
          EXPECT_TRUE(log_->Release(kept));
        }
      });
    }
  }
  done = true;
  keeper.join();
  EXPECT_EQ(log_->counts().open, 2U);
  EXPECT_LE(log_->counts().segments, 3 * LeaseLog::kSegmentsMany);
  Start();
  Names left = Left();
  left.erase(std::remove(left.begin(), left.end(), "req"), left.end());
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (Names{"kept1", "kept3"}));
}

}  // namespace
}  // namespace store
