#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time_text.h"
#include "budget/books.h"
#include "budget/books_for_test.h"
#include "store/directory_for_test.h"
#include "store/journal_reader.h"

// Processes that reserve, promise and settle, and are killed at any moment: the next one knows of every call
// that may have been made, and has each row once.

namespace budget {
namespace {

const std::string kBudgets =
    "budgets:\n"
    "  - { scope: team/*, limit: 1000000 USD, window: month }\n";
constexpr std::int64_t kWorst = 1'000'000;

enum class Step : std::uint8_t { kPromised, kReleased, kSettled };
struct Told {
  std::uint64_t number;
  Step step;
};

std::int64_t CostOf(std::uint64_t number) {
  return static_cast<std::int64_t>(number * 7'919 % kWorst);
}

// Calls numbered from `first`, a few at once; each step is told through `pipe` when it is done. Checkpoints
// come all the time.
[[noreturn]] void SpendUntilKilled(const std::filesystem::path& directory, int pipe, std::uint64_t first) {
  base::FakeClock clock;
  store::SystemDisk disk;
  PlayedBooks played(directory, clock, disk, kBudgets);
  // Its thread writes one checkpoint after another.
  if (!played.Start({.checkpoint_every = std::chrono::milliseconds(0),
                     .wait = [](const std::stop_token& stop) { return !stop.stop_requested(); }})) {
    _exit(1);
  }
  const auto tell = [pipe](std::uint64_t number, Step step) {
    const Told told{number, step};
    if (write(pipe, &told, sizeof told) != sizeof told) _exit(1);
  };
  base::Random random(first);
  std::vector<std::pair<std::uint64_t, std::shared_ptr<PlayedBooks::UnderWay>>> under_way;
  for (std::uint64_t number = first;; ++number) {
    PlayedCall call;
    call.id = std::to_string(number);
    call.started = clock.WallNow();
    call.worst.pico = kWorst;
    auto one = played.Begin(std::move(call));
    if (one == nullptr) _exit(2);
    tell(number, Step::kPromised);
    under_way.emplace_back(number, std::move(one));
    while (under_way.size() > random.Below(6)) {
      std::swap(under_way[random.Below(under_way.size())], under_way.back());
      const auto [ended, call_under_way] = std::move(under_way.back());
      under_way.pop_back();
      if (ended % 5 == 0) {
        call_under_way->lease.Refund(clock.WallNow());
        call_under_way->promise.Release();
        tell(ended, Step::kReleased);
      } else {
        played.End(*call_under_way, CostOf(ended));
        tell(ended, Step::kSettled);
      }
    }
  }
}

// Kills a child that has told of `steps` steps, and adds all that it told to `last`.
void KillAfter(const std::filesystem::path& directory, std::uint64_t first, std::uint64_t steps,
               std::map<std::uint64_t, Step>& last) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) SpendUntilKilled(directory, ends[1], first);
  close(ends[1]);
  std::uint64_t count = 0;
  for (Told told{}; read(ends[0], &told, sizeof told) == sizeof told;) {
    last[told.number] = told.step;
    if (++count == steps) kill(child, SIGKILL);
  }
  close(ends[0]);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  ASSERT_GE(count, steps);
}

// The ids of all rows, each of which is there once.
std::set<std::uint64_t> Rows(const std::filesystem::path& directory) {
  std::set<std::uint64_t> rows;
  store::JournalReader reader(directory);
  for (;;) {
    const auto record = reader.Next();
    if (!record || *record == nullptr) return rows;
    if ((*record)->row == nullptr) continue;
    EXPECT_TRUE(rows.insert(std::stoull(std::string((*record)->row->request_id))).second);
  }
}

TEST(BooksKillTest, AKilledProcessForgetsNoPromiseAndCountsNoRowTwice) {
  constexpr int kKills = 25;  // --gtest_repeat=20 makes it hundreds, each at another moment
  static base::Random random(5);
  const store::TemporaryDirectory directory;
  std::map<std::uint64_t, Step> told;
  std::uint64_t next = 1;
  for (int i = 0; i < kKills; ++i) {
    KillAfter(directory.path(), next, 1 + random.Below(4'000), told);
    if (HasFatalFailure()) return;

    base::FakeClock clock;
    store::SystemDisk disk;
    PlayedBooks played(directory.path(), clock, disk, kBudgets);
    const auto started = played.Start();
    ASSERT_TRUE(started) << started.error().detail;
    const std::set<std::uint64_t> rows = Rows(directory.path());
    std::set<std::uint64_t> unsettled;
    for (const Books::Unsettled& one : played.books().ListUnsettled()) {
      unsettled.insert(std::stoull(one.request_id));
    }
    for (const auto& [number, step] : told) {
      if (step == Step::kSettled) {
        ASSERT_TRUE(rows.contains(number)) << number;
      }
      if (step == Step::kPromised && number % 5 != 0) {
        ASSERT_TRUE(rows.contains(number) || unsettled.contains(number)) << number << " is forgotten";
      }
      if (step != Step::kPromised) {
        ASSERT_FALSE(unsettled.contains(number)) << number << " has ended";
      }
    }
    base::Int128 expected = 0;
    for (const std::uint64_t number : rows) expected += CostOf(number);
    for (const std::uint64_t number : unsettled) {
      ASSERT_FALSE(rows.contains(number));
      expected += kWorst;
    }
    const AccountView view = played.Look(0, "support");
    ASSERT_TRUE(view.settled == expected) << base::PrintPico(view.settled - expected) << " after kill " << i;
    ASSERT_TRUE(view.reserved == 0);
    next = std::max(told.empty() ? 0 : told.rbegin()->first, unsettled.empty() ? 0 : *unsettled.rbegin()) + 1;
    next = std::max(next, rows.empty() ? 0 : *rows.rbegin() + 1);
  }
}

}  // namespace
}  // namespace budget
