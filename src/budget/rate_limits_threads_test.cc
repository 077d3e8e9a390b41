#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "base/random.h"
#include "budget/rate_limits.h"

namespace budget {
namespace {

using namespace std::chrono_literals;

// A time that never moves far enough for anything to leave: what passes is exactly the limit.
TEST(RateLimitsThreadsTest, ThreadsTogetherPassExactlyWhatIsAllowed) {
  constexpr std::uint64_t kMost = 700;
  RateLimits limits;
  const LimitTerms requests{.id = 1, .kind = LimitKind::kRequests, .most = kMost, .per = 1h};
  const LimitTerms tokens{.id = 2, .kind = LimitKind::kTokens, .most = 100'000'000, .per = 1h};
  const LimitTerms in_flight{.id = 3, .kind = LimitKind::kInFlight, .most = 3};
  std::atomic<std::uint64_t> passed{0}, inside{0}, most_inside{0};
  std::latch begin(4);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t number = 0; number < 4; ++number) {
      threads.emplace_back([&, number] {
        base::Random random(number + 1);
        begin.arrive_and_wait();
        for (int i = 0; i < 2'000; ++i) {
          const base::MonoTime now(2h + std::chrono::nanoseconds(i * 1'000));
          const std::uint64_t own = 100 + random.Below(8);
          const std::array demands = {
              LimitDemand{.key = {1, 7}, .terms = &requests},
              LimitDemand{.key = {2, own}, .terms = &tokens, .value = {}, .amount = 50},
              LimitDemand{.key = {3, 7}, .terms = &in_flight}};
          auto pass = limits.Enter(demands, now);
          if (!pass) continue;
          passed.fetch_add(1);
          const std::uint64_t here = inside.fetch_add(1) + 1;
          std::uint64_t most = most_inside.load();
          while (most < here && !most_inside.compare_exchange_weak(most, here)) {
          }
          inside.fetch_sub(1);
          pass->Settle(random.Below(50));
        }
      });
    }
  }
  EXPECT_EQ(passed.load(), kMost);
  EXPECT_LE(most_inside.load(), 3u);
  EXPECT_EQ(limits.counts().accounts, 10u);
}

}  // namespace
}  // namespace budget
