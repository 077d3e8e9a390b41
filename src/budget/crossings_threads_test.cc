#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <map>
#include <thread>
#include <vector>

#include "budget/crossings.h"
#include "config/reader.h"

namespace budget {
namespace {

// Threads that settle note in any order what they have seen.
TEST(CrossingsThreadsTest, EachStepOfEachAccountIsToldOnce) {
  const auto read = config::ReadText(
      "providers: { d: { dialect: deepseek, key: k } }\n"
      "budgets:\n  - { scope: team/*, limit: 10000 USD, window: month, steps: [{ at: 50%, block: true }, { "
      "at: "
      "90%, block: true }] }\n",
      "f", [](std::string_view) { return std::nullopt; });
  ASSERT_TRUE(read);
  const ScopeHash hash;
  const auto policy = Policy::Compile(**read, hash);
  const BudgetRule& rule = policy->budgets().at(0);
  const Span span = rule.terms.window.At(base::WallTime(std::chrono::seconds(1'795'392'000)));

  base::Guarded<std::map<std::string, int>> told;
  Crossings crossings([&told](const Crossing& crossing) {
    told.With([&](auto& count) {
      ++count[crossing.scope + (crossing.taken ? " +" : " -") + config::Print(crossing.at)];
    });
  });
  const std::vector<std::string> teams = {"a", "b", "c"};
  std::array<std::atomic<int>, 3> settled{};
  std::latch begin(4);
  {
    std::vector<std::jthread> threads;
    for (int number = 0; number < 4; ++number) {
      threads.emplace_back([&] {
        begin.arrive_and_wait();
        for (std::size_t i = 0; i < 7'500; ++i) {
          const std::size_t team = i % teams.size();
          const int now = settled[team].fetch_add(1) + 1;
          crossings.Note({.rule = &rule,
                          .value_hash = hash(teams[team]),
                          .value = teams[team],
                          .view = {.settled = static_cast<base::Int128>(now) * base::kPico,
                                   .reserved = 0,
                                   .limit = rule.terms.limit.pico,
                                   .span = span},
                          .forecast = {}});
        }
      });
    }
  }
  told.With([&](const std::map<std::string, int>& count) {
    EXPECT_EQ(count, (std::map<std::string, int>{{"team/a +50%", 1},
                                                 {"team/a +90%", 1},
                                                 {"team/b +50%", 1},
                                                 {"team/b +90%", 1},
                                                 {"team/c +50%", 1},
                                                 {"team/c +90%", 1}}));
  });
}

}  // namespace
}  // namespace budget
