#include <string>

#include "upstream/provider_fixture_internal.h"

namespace upstream {
namespace {

using namespace std::chrono_literals;
using base::Code;

// ---- places and the line

TEST_F(ProviderTest, KeyWithTheFewestRequestsIsTaken) {
  settings_.in_flight_max = 3;
  const auto a = Enter();
  const auto b = Enter();
  EXPECT_EQ(a->place->key(), 0u);
  EXPECT_EQ(b->place->key(), 1u);
  const auto c = Enter();
  EXPECT_EQ(c->place->key(), 0u);
  Leave(a);
  Leave(c);
  EXPECT_EQ(Enter()->place->key(), 0u);
  EXPECT_EQ(provider().Secret(0), "key-a");
  EXPECT_EQ(provider().Secret(1), "key-b");
}

TEST_F(ProviderTest, ProviderWithoutKeysHasOnePlaceToCountAndNoSecret) {
  settings_.keys.clear();
  const auto a = Enter();
  EXPECT_EQ(a->place->key(), 0u);
  EXPECT_EQ(provider().Secret(0), "");
  EXPECT_TRUE(Waits(Enter()));
}

TEST_F(ProviderTest, PlaceMovesAndIsGivenBackOnce) {
  const auto a = Enter();
  EXPECT_EQ(InFlight(), 1);
  Do(first_, [&] {
    Place moved = std::move(*a->place);
    Place again;
    again = std::move(moved);
    a->place.emplace(std::move(again));
  });
  EXPECT_EQ(InFlight(), 1);
  Leave(a);
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(ProviderTest, LineIsServedInOrderAcrossLoops) {
  OneKey();
  const auto holder = Enter();
  const auto a = Enter(first_);
  const auto b = Enter(second_);
  const auto c = Enter(first_);
  EXPECT_EQ(Waiting(), 3);
  Leave(holder);
  EXPECT_TRUE(a->place && Waits(b) && Waits(c));
  Leave(a);
  EXPECT_TRUE(b->place && Waits(c));
  Leave(b);
  EXPECT_TRUE(c->place);
  EXPECT_EQ(Waiting(), 0);
  EXPECT_EQ(InFlight(), 1);
  Leave(c);
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(ProviderTest, FullLineRefusesAtOnce) {
  OneKey();
  settings_.queue_max = 2;
  const auto holder = Enter();
  const auto a = Enter();
  const auto b = Enter();
  const auto refused = Enter();
  EXPECT_EQ(refused->error, Code::kUnavailable);
  EXPECT_TRUE(Waits(a) && Waits(b));
}

TEST_F(ProviderTest, NoLineMeansNoWaiting) {
  OneKey();
  settings_.queue_max = 0;
  const auto holder = Enter();
  EXPECT_EQ(Enter()->error, Code::kUnavailable);
}

TEST_F(ProviderTest, WaitingEndsAfterTheQueueTimeout) {
  OneKey();
  settings_.queue_timeout = 2s;
  const auto holder = Enter();
  const auto a = Enter();
  Advance(1s);
  const auto b = Enter();
  Advance(990ms);
  EXPECT_TRUE(Waits(a));
  Advance(20ms);
  EXPECT_EQ(a->error, Code::kTimeout);
  EXPECT_TRUE(Waits(b));
  Leave(holder);
  EXPECT_TRUE(b->place);  // who gave up is no longer in line
}

TEST_F(ProviderTest, CancelEndsWaitingWithItsReason) {
  OneKey();
  const auto holder = Enter();
  const auto a = Enter();
  const auto b = Enter();
  Cancel(a, Code::kUnavailable);
  EXPECT_EQ(a->error, Code::kUnavailable);
  Leave(holder);
  EXPECT_TRUE(b->place);
}

TEST_F(ProviderTest, CancelThatCameFirstTakesNoPlace) {
  auto visit = std::make_shared<Visit>();
  visit->loop = &first_;
  visit->cancel.Fire(Code::kCancelled);
  provider();
  Do(first_, [&] { net::Spawn(Run(visit)); });
  EXPECT_EQ(visit->error, Code::kCancelled);
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(ProviderTest, PlaceOfOneThatIsCancelledAsItIsGrantedGoesToTheNext) {
  OneKey();
  const auto holder = Enter();
  const auto a = Enter();
  const auto b = Enter(second_);
  Do(first_, [&] {
    holder->place.reset();  // grants it to `a`, which learns of it only after this
    a->cancel.Fire(Code::kCancelled);
  });
  Settle();
  EXPECT_EQ(a->error, Code::kCancelled);
  EXPECT_TRUE(b->place);
  EXPECT_EQ(InFlight(), 1);
}

TEST_F(ProviderTest, TimeoutThatComesTogetherWithThePlaceTakesThePlace) {
  OneKey();
  settings_.queue_timeout = 1s;
  const auto holder = Enter();
  const auto a = Enter();
  Do(first_, [&] {
    holder->place.reset();
    clock_.Advance(2s);
    first_.timers().Advance();
  });
  Settle();
  EXPECT_TRUE(a->place);
}

TEST_F(ProviderTest, ManyVisitsOnTwoLoopsNeverExceedTheLimit) {
  settings_.in_flight_max = 3;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> done{0};
  constexpr int kEach = 400;
  const auto visit = [&](net::Loop& loop) -> net::Task<void> {
    net::Cancel cancel;
    auto place = co_await provider_->Enter("m", loop, cancel);
    EXPECT_TRUE(place.has_value());
    const int now = ++inside;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
    net::Event turn;
    loop.Post([&turn] { turn.Notify(); });
    co_await turn;
    --inside;
    ++done;
  };
  provider();
  for (int i = 0; i < kEach; ++i) {
    for (net::Loop* loop : {&first_, &second_}) loop->Post([&, loop] { net::Spawn(visit(*loop)); });
  }
  while (done < 2 * kEach) Settle();
  EXPECT_LE(most, 6);
  EXPECT_EQ(InFlight(), 0);
  EXPECT_EQ(Waiting(), 0);
}

// ---- keys

TEST_F(ProviderTest, RefusedKeyIsPutAsideForFiveMinutesThenProbedOnce) {
  settings_.in_flight_max = 10;
  provider().KeyRefused(0, 401);
  EXPECT_EQ(alarms_.size(), 1u);
  EXPECT_EQ(Enter()->place->key(), 1u);
  EXPECT_EQ(Enter()->place->key(), 1u);
  EXPECT_EQ(provider().Ailment("m"), "");
  Advance(5min - 1ms);
  EXPECT_EQ(Enter()->place->key(), 1u);
  Advance(1ms);
  const auto probe = Enter();
  EXPECT_EQ(probe->place->key(), 0u);
  EXPECT_EQ(Enter()->place->key(), 1u);  // one probe only
  provider().CallWorked(0);
  EXPECT_EQ(Enter()->place->key(), 0u);
}

TEST_F(ProviderTest, ProbeThatIsRefusedPutsTheKeyAsideAgain) {
  settings_.in_flight_max = 10;
  provider().KeyRefused(0, 402);
  Advance(5min);
  const auto probe = Enter();
  EXPECT_EQ(probe->place->key(), 0u);
  provider().KeyRefused(0, 402);
  Leave(probe);
  EXPECT_EQ(alarms_.size(), 2u);
  EXPECT_EQ(Enter()->place->key(), 1u);
  Advance(5min);
  EXPECT_EQ(Enter()->place->key(), 0u);
}

TEST_F(ProviderTest, ProbeThatSaysNothingAboutTheKeyIsFollowedByAnother) {
  settings_.in_flight_max = 10;
  provider().KeyRefused(0, 403);
  Advance(5min);
  const auto probe = Enter();
  provider().CallFailed();
  Leave(probe);
  EXPECT_EQ(Enter()->place->key(), 0u);
  EXPECT_EQ(Enter()->place->key(), 1u);
}

TEST_F(ProviderTest, CallsUnderWayWithARefusedKeyAlarmOnceAndProveNothing) {
  settings_.in_flight_max = 10;
  provider().KeyRefused(0, 401);
  Advance(1min);
  provider().KeyRefused(0, 401);  // began before the first refusal
  provider().CallWorked(0);       // so did this
  EXPECT_EQ(alarms_.size(), 1u);
  Advance(4min);
  EXPECT_EQ(Enter()->place->key(), 0u);
  EXPECT_EQ(Enter()->place->key(), 1u);
}

TEST_F(ProviderTest, KeyIsQuestionedFromTimeToTime) {
  EXPECT_TRUE(provider().TakeQuestion(0));
  EXPECT_FALSE(provider().TakeQuestion(0));
  EXPECT_TRUE(provider().TakeQuestion(1));
  clock_.Advance(30s);
  EXPECT_TRUE(provider().TakeQuestion(0));
}

TEST_F(ProviderTest, AlarmNamesTheKeyByItsNumber) {
  provider().KeyRefused(1, 402);
  ASSERT_EQ(alarms_.size(), 1u);
  EXPECT_NE(alarms_[0].find("key 2 of provider p"), std::string::npos);
  EXPECT_NE(alarms_[0].find("402"), std::string::npos);
  EXPECT_EQ(alarms_[0].find("key-b"), std::string::npos);
}

TEST_F(ProviderTest, NoKeyLeftIsAnAilmentAndRefusesAtOnce) {
  provider().KeyRefused(0, 401);
  EXPECT_EQ(provider().Ailment("m"), "");
  provider().KeyRefused(1, 401);
  EXPECT_EQ(provider().Ailment("m"), "no key of p is accepted");
  EXPECT_EQ(Enter()->error, Code::kDenied);
  EXPECT_EQ(provider().WaitForLimit("m"), std::nullopt);
  provider().BringBackKeys();
  EXPECT_EQ(provider().Ailment("m"), "");
  EXPECT_TRUE(Enter()->place);
}

TEST_F(ProviderTest, LineIsRefusedWhenTheLastKeyIs) {
  const auto a = Enter();
  const auto b = Enter();
  const auto waiting = Enter(second_);
  provider().KeyRefused(0, 401);
  Settle();
  EXPECT_TRUE(Waits(waiting));
  provider().KeyRefused(1, 401);
  Settle();
  EXPECT_EQ(waiting->error, Code::kDenied);
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(ProviderTest, LimitedKeyRestsForAsLongAsItAskedFor) {
  settings_.in_flight_max = 10;
  provider().KeyLimited(0, 3s);
  EXPECT_EQ(Enter()->place->key(), 1u);
  EXPECT_EQ(Enter()->place->key(), 1u);
  EXPECT_EQ(provider().Ailment("m"), "");
  EXPECT_EQ(provider().WaitForLimit("m"), std::nullopt);  // the other key may be used
  provider().KeyLimited(1, 2s);
  EXPECT_EQ(provider().WaitForLimit("m"), 2s);
  EXPECT_EQ(provider().Ailment("m"), "p asked for fewer requests");
  EXPECT_EQ(Enter()->error, Code::kUnavailable);
  Advance(2s);
  EXPECT_EQ(Enter()->place->key(), 1u);
  Advance(1s);
  EXPECT_EQ(Enter()->place->key(), 0u);
  EXPECT_EQ(provider().WaitForLimit("m"), std::nullopt);
}

TEST_F(ProviderTest, LimitHasADefaultAndABound) {
  OneKey();
  provider().KeyLimited(0, std::nullopt);
  EXPECT_EQ(provider().WaitForLimit("m"), 1s);
  provider().KeyLimited(0, 1h);
  EXPECT_EQ(provider().WaitForLimit("m"), 1min);
  provider().KeyLimited(0, 1s);  // an earlier end does not shorten it
  EXPECT_EQ(provider().WaitForLimit("m"), 1min);
}

TEST_F(ProviderTest, KeyThatComesBackWakesTheLineThoughNobodyLeaves) {
  OneKey();
  const auto holder = Enter();
  const auto a = Enter();
  const auto b = Enter(second_);
  provider().KeyLimited(0, 2s);
  Leave(holder);  // the key rests, so nobody can have its place
  EXPECT_TRUE(Waits(a) && Waits(b));
  Advance(1990ms);
  EXPECT_TRUE(Waits(a));
  Advance(30ms);
  EXPECT_TRUE(a->place && Waits(b));
  Leave(a);
  EXPECT_TRUE(b->place);
}

TEST_F(ProviderTest, NextInLineWatchesWhenTheFirstHasGone) {
  OneKey();
  const auto holder = Enter();
  const auto a = Enter();
  const auto b = Enter(second_);
  provider().KeyLimited(0, 2s);
  Leave(holder);
  Cancel(a);
  Advance(2020ms);
  EXPECT_TRUE(b->place);
}

TEST_F(ProviderTest, LimitThatGrowsIsWatchedToItsEnd) {
  OneKey();
  const auto holder = Enter();
  const auto a = Enter();
  provider().KeyLimited(0, 1s);
  provider().KeyLimited(0, 3s);
  Leave(holder);
  Advance(1020ms);
  EXPECT_TRUE(Waits(a));
  Advance(2000ms);
  EXPECT_TRUE(a->place);
}

TEST_F(ProviderTest, ProbedKeyServesTheLineWhenItsFiveMinutesAreOver) {
  settings_.queue_timeout = 10min;
  const auto a = Enter();
  const auto b = Enter();
  provider().KeyRefused(0, 401);
  Leave(a);
  const auto waiting = Enter(second_);
  EXPECT_TRUE(Waits(waiting));
  Advance(5min + 20ms);
  ASSERT_TRUE(waiting->place);
  EXPECT_EQ(waiting->place->key(), 0u);
}

TEST_F(ProviderTest, KeyThatProvesGoodServesTheLineAtOnce) {
  OneKey();
  settings_.in_flight_max = 3;
  provider().KeyRefused(0, 401);
  Advance(5min);
  const auto probe = Enter();
  const auto a = Enter();
  const auto b = Enter(second_);
  EXPECT_TRUE(probe->place && Waits(a) && Waits(b));
  provider().CallWorked(0);
  Settle();
  EXPECT_TRUE(a->place && b->place);
}

TEST_F(ProviderTest, ReloadServesTheLineWithTheKeysItBringsBack) {
  const auto a = Enter();
  const auto b = Enter();
  provider().KeyRefused(0, 401);
  Leave(a);
  const auto waiting = Enter();
  EXPECT_TRUE(Waits(waiting));
  provider().BringBackKeys();
  Settle();
  EXPECT_TRUE(waiting->place);
}

// ---- health

TEST_F(ProviderTest, FiveFailuresInARowRestTheProvider) {
  for (int i = 0; i < 4; ++i) provider().CallFailed();
  EXPECT_EQ(provider().Ailment("m"), "");
  provider().CallFailed();
  EXPECT_EQ(provider().Ailment("m"), "the last calls to p failed");
  EXPECT_EQ(alarms_.size(), 1u);
  EXPECT_TRUE(Enter()->place);  // it may still be asked when nobody else can be
  Advance(5s);
  EXPECT_EQ(provider().Ailment("m"), "");
}

TEST_F(ProviderTest, RestGrowsWithEveryFailureBehindItUpToAMinute) {
  for (int i = 0; i < 4; ++i) provider().CallFailed();
  for (const auto rest : {5s, 10s, 20s, 40s, 60s, 60s, 60s, 60s, 60s, 60s, 60s}) {
    provider().CallFailed();
    Advance(rest - 1ms);
    EXPECT_NE(provider().Ailment("m"), "") << rest.count();
    Advance(1ms);
    EXPECT_EQ(provider().Ailment("m"), "") << rest.count();
  }
}

TEST_F(ProviderTest, FailuresThatComeInDuringTheRestDoNotLengthenTheNext) {
  for (int i = 0; i < 100; ++i) provider().CallFailed();
  EXPECT_EQ(alarms_.size(), 1u);
  Advance(5s);
  provider().CallFailed();
  Advance(10s);
  EXPECT_EQ(provider().Ailment("m"), "");
}

TEST_F(ProviderTest, OneSuccessClears) {
  for (int i = 0; i < 5; ++i) provider().CallFailed();
  provider().CallWorked(0);
  EXPECT_EQ(provider().Ailment("m"), "");
  for (int i = 0; i < 4; ++i) provider().CallFailed();
  EXPECT_EQ(provider().Ailment("m"), "");
  provider().CallFailed();
  EXPECT_NE(provider().Ailment("m"), "");
  Advance(5s);  // and not 10
  EXPECT_EQ(provider().Ailment("m"), "");
}

}  // namespace
}  // namespace upstream
