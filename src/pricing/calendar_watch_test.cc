#include "pricing/calendar_watch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pricing/priced_for_test.h"

namespace pricing {
namespace {

using namespace std::chrono_literals;

TEST(CalendarWatchTest, TellsWhenABookIsPutInForceAndEachDay) {
  base::FakeClock clock(At("2026-10-31T12:00:00Z"));
  std::vector<std::string> told;
  CalendarWatch watch(clock, [&told](const std::string& sentence) { told.push_back(sentence); });
  watch.Look();
  EXPECT_TRUE(told.empty()) << "there is nothing in force yet";
  config::Settings settings;
  settings.providers["seek"].prices = "deepseek";
  const auto book = ShippedBook(settings);
  watch.Use(book, std::make_shared<const config::Settings>(settings));
  EXPECT_TRUE(told.empty()) << "more than sixty days are left";
  clock.Advance(24h);
  watch.Look();
  EXPECT_TRUE(told.empty());
  clock.Advance(24h);
  watch.Look();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("no calendar of 2027"), std::string::npos) << told[0];
  clock.Advance(23h);
  watch.Look();
  EXPECT_EQ(told.size(), 1U) << "not twice a day";
  watch.Use(book);
  EXPECT_EQ(told.size(), 2U) << "but whenever prices are put in force";
  clock.Advance(24h);
  watch.Look();
  EXPECT_EQ(told.size(), 3U);
}

}  // namespace
}  // namespace pricing
