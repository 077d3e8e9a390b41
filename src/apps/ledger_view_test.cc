#include "apps/ledger_view.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace apps {
namespace {

const base::WallTime kNow = base::ParseTime("2026-11-29T18:30:00Z").value();

base::Result<LedgerView> View(const std::vector<std::string>& given, const std::string& system_zone = "UTC") {
  const auto arguments =
      Arguments::Parse(given, LedgerViewOptions(), {.flags = {}, .repeatable = LedgerViewRepeatable()});
  EXPECT_TRUE(arguments) << arguments.error().detail;
  const config::Environment environment = [system_zone](std::string_view name) {
    return name == "TZ" ? std::optional(system_zone) : std::nullopt;
  };
  return ReadLedgerView(*arguments, environment, kNow);
}

TEST(LedgerViewTest, WithoutOptionsItIsEverythingOnTheMachinesClock) {
  const auto view = View({}, "+08:00");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->period, insight::Period{});
  EXPECT_TRUE(view->filters.empty());
  EXPECT_FALSE(view->conversion);
  EXPECT_EQ(view->zone.OffsetAt(kNow), std::chrono::hours(8));
  EXPECT_EQ(View({}, "no such zone")->zone.OffsetAt(kNow), std::chrono::seconds(0));
}

TEST(LedgerViewTest, TheNamedZoneDecidesAboutDaysAndHours) {
  const auto view = View({"--from", "today", "--timezone", "+08:00"}, "-05:00");
  ASSERT_TRUE(view) << view.error().detail;
  EXPECT_EQ(view->period.from, base::ParseTime("2026-11-30T00:00:00+08:00").value());
  EXPECT_EQ(view->Query().utc_offset(kNow), std::chrono::hours(8));
  EXPECT_FALSE(View({"--timezone", "Mars/Olympus"}));
}

TEST(LedgerViewTest, AValueThatNothingCanHaveIsRefusedInItsOwnOptionToo) {
  EXPECT_FALSE(View({"--rung", "purple"}));
}

TEST(LedgerViewTest, AFilterTakesItsValuesFromRepetitionOrFromOneText) {
  const auto view = View({"--team", "a", "--team", "b|c", "--where", "tag:app=x|y", "--where", "asked="});
  ASSERT_TRUE(view) << view.error().detail;
  ASSERT_EQ(view->filters.size(), 3u);
  EXPECT_EQ(store::Name(view->filters[0].dimension), "tag:app");
  EXPECT_EQ(view->filters[0].any_of, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(store::Name(view->filters[1].dimension), "asked_model");
  EXPECT_EQ(view->filters[1].any_of, std::vector<std::string>{""});
  EXPECT_EQ(store::Name(view->filters[2].dimension), "team");
  EXPECT_EQ(view->filters[2].any_of, (std::vector<std::string>{"a", "b|c"}));
}

}  // namespace
}  // namespace apps
