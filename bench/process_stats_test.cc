#include "bench/process_stats.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace bench {
namespace {

// A child that waits until its end of a pipe is closed.
class Child {
 public:
  Child() {
    EXPECT_EQ(pipe(pipe_.data()), 0);
    pid_ = fork();
    if (pid_ == 0) {
      close(pipe_[1]);
      char byte = 0;
      [[maybe_unused]] const ssize_t n = read(pipe_[0], &byte, 1);
      _exit(0);
    }
    close(pipe_[0]);
  }
  ~Child() {
    close(pipe_[1]);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  std::array<int, 2> pipe_{};
  pid_t pid_ = 0;
};

TEST(ProcessStatsTest, TreeBeginsWithTheRootAndHoldsTheChildren) {
  const Child child;
  const std::vector<pid_t> tree = ProcessTree(getpid());
  ASSERT_GE(tree.size(), 2u);
  EXPECT_EQ(tree.front(), getpid());
  EXPECT_NE(std::find(tree.begin(), tree.end(), child.pid()), tree.end());
}

TEST(ProcessStatsTest, CpuTimeGrowsWithWork) {
  const std::uint64_t before = CpuNanoseconds(getpid());
  volatile std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < 20'000'000; ++i) sum = sum + i;
  EXPECT_GT(CpuNanoseconds(getpid()), before + 1'000'000);
}

TEST(ProcessStatsTest, MemoryCountsWhatIsTouchedAndPeakIsNeverBelow) {
  const Memory before = MemoryOf(getpid());
  std::vector<char> block(32 << 20, 'x');
  const Memory after = MemoryOf(getpid());
  EXPECT_GE(after.rss_kb, before.rss_kb + 30 * 1024);
  EXPECT_GE(after.peak_kb, after.rss_kb);
  EXPECT_EQ(block.back(), 'x');
}

TEST(ProcessStatsTest, ProcessThatIsGoneCostsNothing) {
  pid_t pid = 0;
  {
    const Child child;
    pid = child.pid();
  }
  EXPECT_TRUE(ProcessTree(pid).empty());
  EXPECT_EQ(CpuNanoseconds(pid), 0u);
  EXPECT_EQ(MemoryOf(pid).rss_kb, 0u);
}

TEST(ProcessStatsTest, MachineHasBeenBusySinceBoot) {
  EXPECT_GT(MachineBusyNanoseconds(), 0u);
}

}  // namespace
}  // namespace bench
