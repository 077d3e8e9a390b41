// Weeks of traffic against budgets of every kind of scope and window, on a fake clock: windows turn, clocks
// change, prices have peaks, calls are retried, hedged, aborted and cut off, limits change, processes end in
// order and by crashes. After every event no strict limit is passed; what is reserved is what calls under way
// have reserved; what is settled is what the ledger says.

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <string_view>

#include "base/time_text.h"
#include "simulation/budget_world.h"

namespace simulation {
namespace {

constexpr int kWeeks = 3;

// SLUICE_SEEDS=50 plays so many instead of a few.
std::uint64_t Seeds() {
  const char* const text = std::getenv("SLUICE_SEEDS");
  std::uint64_t seeds = 3;
  if (text != nullptr) (void)std::from_chars(text, text + std::string_view(text).size(), seeds);
  return seeds;
}

void Print(std::uint64_t seed, const BudgetTally& tally) {
  std::vector<double> unused = tally.unused;
  std::sort(unused.begin(), unused.end());
  std::cout << "seed " << seed << ": " << kWeeks << " weeks, " << tally.events << " events, "
            << tally.requests << " requests, " << tally.granted << " calls granted (" << tally.lowered
            << " lowered, " << tally.waited << " after a wait, " << tally.hedged << " hedges), "
            << tally.denied << " refused, " << tally.gave_up << " gave up waiting, " << tally.retried
            << " retried, " << tally.aborted << " aborted, " << tally.crossed_a_price
            << " across a change of price, " << tally.windows_turned << " windows turned, " << tally.restarts
            << " restarts, " << tally.crashes << " crashes with " << tally.cut_off << " calls cut off, "
            << tally.reloads << " reloads, " << tally.raises << " raises, " << tally.ledger_checks
            << " comparisons with the whole ledger\n";
  if (unused.empty()) return;
  const double sum = std::accumulate(unused.begin(), unused.end(), 0.0);
  std::cout << "  unused of a budget in the " << unused.size() << " windows in which it refused a call: mean "
            << 100 * sum / static_cast<double>(unused.size()) << " %, median "
            << 100 * unused[unused.size() / 2] << " %, 90th percentile "
            << 100 * unused[unused.size() * 9 / 10] << " %\n";
}

class BudgetSimulation : public testing::TestWithParam<std::uint64_t> {};

TEST_P(BudgetSimulation, NoLimitIsPassedAndTheLedgerSaysWhatTheBudgetsSay) {
  // In turn over weeks in which clocks go back, in which some go forward and a quarter ends, and in which a
  // month does.
  constexpr std::string_view kStarts[] = {"2026-10-12T00:00:00Z", "2026-09-14T00:00:00Z",
                                          "2026-11-16T00:00:00Z"};
  const base::WallTime start = base::ParseTime(kStarts[GetParam() % std::size(kStarts)]).value();
  BudgetWorld world(GetParam(), start);
  world.Run(start + std::chrono::hours(24 * 7 * kWeeks));
  const BudgetTally& tally = world.tally();
  Print(GetParam(), tally);
  for (const std::string& fault : world.faults()) ADD_FAILURE() << "seed " << GetParam() << ", " << fault;
  // The weeks had something of everything.
  for (const std::uint64_t count :
       {tally.granted, tally.lowered, tally.waited, tally.gave_up, tally.denied, tally.retried, tally.hedged,
        tally.aborted, tally.crossed_a_price, tally.windows_turned, tally.restarts, tally.crashes,
        tally.cut_off, tally.reloads, tally.raises}) {
    EXPECT_GT(count, 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BudgetSimulation, testing::Range<std::uint64_t>(1, 1 + Seeds()));

}  // namespace
}  // namespace simulation
