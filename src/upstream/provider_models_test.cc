#include <string>

#include "upstream/provider_fixture_internal.h"

namespace upstream {
namespace {

using namespace std::chrono_literals;
using base::Code;

using ProviderModelsTest = ProviderTest;

TEST_F(ProviderModelsTest, ModelThatIsRefusedUnderAKeyIsAskedUnderTheNextAndOthersAsBefore) {
  settings_.in_flight_max = 10;
  provider().ModelRefused(0, "m");
  EXPECT_EQ(alarms_,
            std::vector<std::string>{"key 1 of provider p is put aside for model m for 5 minutes: it "
                                     "may not use it (status 403)"});
  EXPECT_EQ(EnterFor("m")->place->key(), 1u);
  EXPECT_EQ(EnterFor("other")->place->key(), 0u);
  Advance(5min - 1ms);
  EXPECT_EQ(EnterFor("m")->place->key(), 1u);
  Advance(1ms);
  EXPECT_EQ(EnterFor("m")->place->key(), 0u);
}

TEST_F(ProviderModelsTest, ModelThatNoKeyMayUseIsDeniedAndOthersAreWell) {
  OneKey();
  settings_.in_flight_max = 10;
  provider().ModelRefused(0, "m");
  provider().ModelRefused(0, "m");
  EXPECT_EQ(alarms_.size(), 1u);
  EXPECT_EQ(provider().Ailment("m"), "no key of p may use this model");
  EXPECT_EQ(EnterFor("m")->error, Code::kDenied);
  EXPECT_EQ(provider().Ailment("other"), "");
  EXPECT_TRUE(EnterFor("other")->place);
  provider().BringBackKeys();
  EXPECT_EQ(provider().Ailment("m"), "");
}

TEST_F(ProviderModelsTest, LimitedModelRestsAloneUnderItsKey) {
  OneKey();
  settings_.in_flight_max = 10;
  provider().ModelLimited(0, "m", 20s);
  EXPECT_EQ(provider().Ailment("m"), "p asked for fewer requests");
  EXPECT_EQ(provider().WaitForLimit("m"), 20s);
  EXPECT_EQ(EnterFor("m")->error, Code::kUnavailable);
  EXPECT_EQ(provider().Ailment("other"), "");
  EXPECT_EQ(provider().WaitForLimit("other"), std::nullopt);
  EXPECT_TRUE(EnterFor("other")->place);
  Advance(20s);
  EXPECT_TRUE(EnterFor("m")->place);
}

TEST_F(ProviderModelsTest, KeyRestsWhenSeveralModelsOfItAreLimitedUntilTheFirstComesBack) {
  OneKey();
  settings_.in_flight_max = 10;
  provider().ModelLimited(0, "a", 4s);
  provider().ModelLimited(0, "b", 3s);
  provider().ModelLimited(0, "b", 3s);
  EXPECT_TRUE(EnterFor("other")->place);
  provider().ModelLimited(0, "c", 2s);
  EXPECT_EQ(EnterFor("other")->error, Code::kUnavailable);
  EXPECT_EQ(provider().WaitForLimit("other"), 2s);
  Advance(2s);
  EXPECT_TRUE(EnterFor("other")->place);
  EXPECT_TRUE(EnterFor("c")->place);
  EXPECT_EQ(EnterFor("b")->error, Code::kUnavailable);
}

TEST_F(ProviderModelsTest, ModelsThatAreRefusedDoNotLetTheirKeyRest) {
  OneKey();
  settings_.in_flight_max = 1000;
  for (int i = 0; i < 100; ++i) provider().ModelRefused(0, "invented-" + std::to_string(i));
  EXPECT_EQ(provider().Ailment("other"), "");
  EXPECT_TRUE(EnterFor("other")->place);
}

TEST_F(ProviderModelsTest, KeyRemembersSoManyModelsAndForgetsThoseThatComeBackFirst) {
  OneKey();
  settings_.in_flight_max = 1000;
  provider().ModelLimited(0, "limited", 10s);
  for (std::size_t i = 1; i < Provider::kModelsMax; ++i) provider().ModelRefused(0, std::to_string(i));
  EXPECT_EQ(EnterFor("limited")->error, Code::kUnavailable);
  EXPECT_EQ(EnterFor("1")->error, Code::kDenied);
  provider().ModelRefused(0, "one more");
  EXPECT_TRUE(EnterFor("limited")->place);
  EXPECT_EQ(EnterFor("1")->error, Code::kDenied);
  EXPECT_EQ(EnterFor("one more")->error, Code::kDenied);
}

TEST_F(ProviderModelsTest, NamesUpToAFairLengthAreRemembered) {
  OneKey();
  const std::string longest(Provider::kModelBytesMax, 'm');
  provider().ModelRefused(0, longest);
  EXPECT_EQ(EnterFor(longest)->error, Code::kDenied);
  provider().ModelRefused(0, longest + "m");
  EXPECT_TRUE(EnterFor(longest + "m")->place);
}

TEST_F(ProviderModelsTest, WhoWaitsForAModelThatRestsIsPassedByOthersAndServedWhenItComesBack) {
  OneKey();
  const auto holder = EnterFor("m");
  const auto rests = EnterFor("m");
  const auto other = Enter(second_, "other");
  provider().ModelLimited(0, "m", 2s);
  Leave(holder);
  EXPECT_TRUE(Waits(rests) && other->place);
  Leave(other);
  const auto newcomer = EnterFor("other");
  EXPECT_TRUE(newcomer->place);
  Leave(newcomer);
  EXPECT_TRUE(Waits(rests));
  Advance(2020ms);
  EXPECT_TRUE(rests->place);
}

TEST_F(ProviderModelsTest, WhoWaitsForAModelIsRefusedWithItsLastKeyAndOthersWaitOn) {
  OneKey();
  const auto holder = EnterFor("m");
  const auto denied = EnterFor("m");
  const auto other = EnterFor("other");
  provider().ModelRefused(0, "m");
  Settle();
  EXPECT_EQ(denied->error, Code::kDenied);
  EXPECT_TRUE(Waits(other));
  Leave(holder);
  EXPECT_TRUE(other->place);
}

}  // namespace
}  // namespace upstream
