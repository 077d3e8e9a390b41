#include "pricing/ending_calendars.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "pricing/catalogue_reader.h"
#include "pricing/priced_for_test.h"

namespace pricing {
namespace {

// A config with one provider of this name, whose prices are those of DeepSeek.
config::Settings With(const std::string& name) {
  config::Settings settings;
  settings.providers[name].prices = "deepseek";
  return settings;
}

std::vector<std::string> Told(const config::Settings& settings, std::string_view now) {
  return EndingCalendars(*ShippedBook(settings), settings, At(now));
}

TEST(EndingCalendarsTest, AreToldFromSixtyDaysBeforeTheirEnd) {
  const config::Settings settings = With("seek");
  EXPECT_EQ(Told(settings, "2026-11-01T16:00:00Z"), std::vector<std::string>());  // 60 days to the second
  const std::vector<std::string> told = Told(settings, "2026-11-01T16:00:01Z");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("seek cost is unknown from 2026-12-31T16:00:00Z on"), std::string::npos) << told[0];
  EXPECT_NE(told[0].find("no calendar of 2027"), std::string::npos) << told[0];
  EXPECT_NE(told[0].find("sluice prices import FILE"), std::string::npos) << told[0];
}

TEST(EndingCalendarsTest, AreToldAfterTheirEndAsWell) {
  const std::vector<std::string> told = Told(With("seek"), "2027-01-04T02:00:00Z");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("unknown now"), std::string::npos) << told[0];
}

TEST(EndingCalendarsTest, OfASimulatedProviderAreNobodysConcern) {
  config::Settings settings = With("seek");
  settings.providers["seek"].simulated = true;
  EXPECT_EQ(Told(settings, "2026-12-31T00:00:00Z"), std::vector<std::string>());
}

TEST(EndingCalendarsTest, AnImportedYearEndsTheWarning) {
  const config::Settings settings = With("seek");
  auto shipped = ShippedCatalogue();
  auto more = ReadYamlCatalogue("calendars: { cn: { years: { 2027: [01-01..01-03] } } }", "cn.yaml",
                                "import cn.yaml");
  ASSERT_TRUE(shipped && more);
  const auto book =
      Book::Make({.overrides = {}, .shipped = std::move(*shipped), .imports = {std::move(*more)}}, settings);
  ASSERT_TRUE(book);
  EXPECT_EQ(EndingCalendars(**book, settings, At("2026-12-31T00:00:00Z")), std::vector<std::string>());
  EXPECT_EQ(EndingCalendars(**book, settings, At("2027-12-30T00:00:00Z")).size(), 1U);
}

}  // namespace
}  // namespace pricing
