// Days of mixed traffic through a gateway whose providers bill: what its ledger says was spent is, to the
// last pico-unit, what they say is owed. Only of answers whose usage nobody told (a caller hung up, a
// provider broke off or kept it to itself) the two can differ; by how much is printed. A stream of Messages
// tells what it read at its beginning: that is compared also where it was broken off.

#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/random.h"
#include "base/time_text.h"
#include "simulation/callers.h"
#include "simulation/played_world.h"

namespace simulation {
namespace {

constexpr std::size_t kQuestionsEach = 60;

// Instants around which prices change, in their order.
constexpr std::string_view kInstants[] = {
    "2026-09-10T03:59:59Z",       // before V4.1
    "2026-09-10T04:00:00Z",       //
    "2026-10-01T10:00:00+08:00",  // a holiday in what would be peak hours
    "2026-10-06T23:59:59Z",       // the last second before Sonnet 5.5's cache became cheaper
    "2026-10-07T00:00:00Z",       //
    "2026-11-23T08:59:59+08:00",  // a Monday before the peak
    "2026-11-23T09:00:00+08:00",  //
    "2026-11-23T11:59:59+08:00",  //
    "2026-11-23T12:00:00+08:00",  // noon is cheap
    "2026-11-23T14:00:00+08:00",  //
    "2026-11-23T18:00:00+08:00",  // the peak is over
    "2026-11-28T10:00:00+08:00",  // a Saturday
};

base::WallTime At(std::string_view text) {
  return base::ParseTime(text).value();
}

std::string Print(const Amounts& amounts) {
  std::string text;
  for (const auto& [label, pico] : amounts) text += "  " + label + ": " + base::PrintPico(pico) + "\n";
  return text;
}

Amounts Total(const Amounts& amounts) {
  Amounts total;
  for (const auto& [label, pico] : amounts) total[label.substr(label.size() - 3)] += pico;
  return total;
}

Amounts Sum(Amounts amounts, const Amounts& others) {
  for (const auto& [label, pico] : others) amounts[label] += pico;
  return amounts;
}

// Which questions the two sides tell apart, for who has to find out why.
std::string Differences(const std::vector<Answered>& answers, const Spent& spent,
                        const PlayedProviders& providers) {
  std::string text;
  std::map<std::size_t, Amounts> billed = providers.BilledByQuestion();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto request = spent.requests.find(answers[i].request_id);
    const Amounts told = request == spent.requests.end() ? Amounts() : request->second.told;
    if (told == billed[i + 1]) continue;
    text += "question " + std::to_string(i + 1) + ", " + answers[i].request_id + ", the ledger:\n" +
            Print(told) + "the providers:\n" + Print(billed[i + 1]);
  }
  return text;
}

class DayTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  DayTest()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   ("sluice-day-" + base::Hex(base::SecureRandomBytes(8)))) {
    clock_.Tell(At(kInstants[0]), 0);
  }
  ~DayTest() override { std::filesystem::remove_all(directory_); }

  const base::SystemClock machine_;
  sim::ToldClock clock_{machine_};
  const std::filesystem::path directory_;
};

TEST_P(DayTest, TheLedgerSaysWhatTheProvidersSay) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  Curiosity curiosity(GetParam());
  PlayedProviders providers(clock_);
  store::SystemDisk disk;
  PlayedGateway gateway(clock_, providers, directory_, disk, {.segment_bytes = base::MiB});
  Callers callers(clock_, gateway.address());

  for (std::size_t i = 0; i < std::size(kInstants); ++i) {
    clock_.Tell(At(kInstants[i]), 0);
    std::vector<Question> questions;
    for (std::size_t k = 0; k < kQuestionsEach; ++k) questions.push_back(curiosity.Next());
    questions.push_back(curiosity.Slow("slow", Manner::kHangUp, 8000));
    questions.push_back(curiosity.Slow("slow-cn", Manner::kHangUp, 8000));
    questions.push_back(curiosity.Slow("heard-out", Manner::kHangUp, 100));
    questions.push_back(curiosity.Slow("strong", Manner::kListen, 400));
    questions.back().fields = "x-sim-fault: tokens=400; error_event=200\r\n";
    questions.push_back(curiosity.Whole("hasty"));
    // Begun at this instant and ended at the next.
    questions.push_back(curiosity.Slow("slow", Manner::kLinger, 60));
    questions.push_back(curiosity.Slow("slow-cn", Manner::kLinger, 60));
    callers.Ask(questions);
    callers.AwaitAll();
    if (i + 1 < std::size(kInstants)) clock_.Tell(At(kInstants[i + 1]), 0);
    callers.Release();
    callers.Until([&] { return gateway.idle() && providers.idle(); });
  }
  const std::vector<Answered> answers = callers.answers();
  gateway.Shut();

  const Spent spent = ReadJournal(directory_);
  const Amounts billed = providers.Owed("billed");
  EXPECT_EQ(spent.told, billed) << Differences(answers, spent, providers);
  EXPECT_EQ(spent.unknown, providers.RequestsOf("unpriced"));
  EXPECT_GT(spent.lost, 0U);
  EXPECT_LE(spent.lost, providers.RequestsOf("untold") + providers.RequestsOf("aborted"));
  EXPECT_EQ(spent.inconsistent, 0U);
  EXPECT_EQ(spent.damaged, 0U);
  EXPECT_EQ(spent.counted_twice, 0U);
  EXPECT_EQ(spent.not_heard_out, 0U);

  std::size_t whole = 0;
  for (const Answered& answer : answers) {
    if (answer.status == 200) ++whole;
    const auto request = spent.requests.find(answer.request_id);
    ASSERT_NE(request, spent.requests.end()) << answer.request_id;
    EXPECT_EQ(request->second.rows, 1U) << answer.request_id;
  }
  EXPECT_EQ(spent.rows, answers.size()) << "a row that nobody asked for";
  // The day had something of everything.
  EXPECT_GT(whole, answers.size() * 8 / 10);
  EXPECT_GT(spent.failed_attempts_paid, 0U);
  EXPECT_GT(spent.timed_out, 0U);
  EXPECT_GE(spent.aborted, 2 * std::size(kInstants));
  EXPECT_GT(spent.drained, 0U);
  EXPECT_GE(spent.broken_off, std::size(kInstants) / 2);
  EXPECT_GE(billed.size(), 6U);

  const Amounts owed_unseen = Sum(providers.Owed("untold"), providers.Owed("aborted"));
  std::cout << answers.size() << " requests, " << whole << " answered, " << spent.rows << " rows, "
            << spent.failed_attempts_paid << " failed attempts paid for, " << spent.aborted << " aborted, "
            << spent.drained << " heard out, " << spent.timed_out << " timed out, " << spent.broken_off
            << " streams of Messages broken off behind their beginning\nthe ledger:\n"
            << Print(Total(spent.told)) << "the providers:\n"
            << Print(Total(billed)) << "what was never told, as counted:\n"
            << Print(Total(spent.counted)) << "and as charged (" << providers.RequestsOf("untold")
            << " untold, " << providers.RequestsOf("aborted") << " aborted):\n"
            << Print(Total(owed_unseen));
}

INSTANTIATE_TEST_SUITE_P(Seeds, DayTest, testing::Values(20261123, 4711, 88));

}  // namespace
}  // namespace simulation
