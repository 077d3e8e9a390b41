#include "store/disk.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include "store/directory_for_test.h"
#include "store/journal.h"
#include "store/journal_reader.h"
#include "store/row_for_test.h"
#include "store/turnstile_for_test.h"

namespace store {
namespace {

class DiskTest : public testing::Test {
 protected:
  ~DiskTest() override { close(descriptor_); }

  struct stat Look() const {
    struct stat file {};
    EXPECT_EQ(fstat(descriptor_, &file), 0);
    return file;
  }

  const TemporaryDirectory directory_;
  const int descriptor_ = open((directory_.path() / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  SystemDisk disk_;
};

TEST_F(DiskTest, ReservedSpaceIsTakenAndTheSizeStays) {
  ASSERT_EQ(disk_.Reserve(descriptor_, 1 << 20), 0);
  EXPECT_EQ(Look().st_size, 0);
  EXPECT_GE(Look().st_blocks * 512, 1 << 20);
  ASSERT_EQ(disk_.Reserve(descriptor_, 1 << 20), 0) << "again";
}

TEST_F(DiskTest, MoreSpaceThanThereIsIsRefusedAndNoneIsTaken) {
  EXPECT_EQ(disk_.Reserve(descriptor_, std::uint64_t{1} << 60), ENOSPC);
  EXPECT_EQ(Look().st_blocks, 0);
}

TEST_F(DiskTest, WritesAllOfItWhereItIsTold) {
  ASSERT_EQ(disk_.Write(descriptor_, "row", 5), 0);
  EXPECT_EQ(disk_.Sync(descriptor_), 0);
  EXPECT_EQ(ReadFile(directory_.path() / "file"), std::string(5, '\0') + "row");
  EXPECT_EQ(disk_.Write(-1, "row", 0), EBADF);
  EXPECT_EQ(disk_.Sync(-1), EBADF);
}

// The largest size that this process may give to a file, while this lives: then the system cuts a write
// short.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~SizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*const handler_)(int);
};

TEST_F(DiskTest, RowsThatTheSystemCutsShortAreErrorsAndTheOthersAreWhole) {
  const base::SystemClock clock;
  RowMaker rows(41);
  std::vector<std::string> ids;
  Turnstile rounds;  // none, or its thread would make one segment after the other for what did not fit
  const auto journal =
      Journal::Open(directory_.path(), clock, disk_, {.segment_bytes = base::MiB, .wait = rounds.Wait()});
  ASSERT_TRUE(journal);
  const auto append = [&] {
    const LedgerRow& row = rows.Usual(clock.WallNow());
    const bool done = (*journal)->Append(row).has_value();
    if (done) ids.emplace_back(row.request_id);
    return done;
  };
  int failed = 0;
  {
    const SizeLimit limit(100'000);
    for (int i = 0; i < 1'000; ++i) failed += append() ? 0 : 1;
  }
  EXPECT_GT(failed, 0);
  EXPECT_GT(ids.size(), 250u) << "those before the limit";
  EXPECT_EQ((*journal)->Counts().lost, static_cast<std::uint64_t>(failed));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(append());
  std::vector<std::string> read;
  JournalReader reader(directory_.path());
  for (auto record = reader.Next(); record && *record != nullptr; record = reader.Next()) {
    if ((*record)->row != nullptr) read.emplace_back((*record)->row->request_id);
  }
  EXPECT_EQ(read, ids);
}

}  // namespace
}  // namespace store
