#include "base/time_zone.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"

namespace base {
namespace {

using namespace std::chrono;

WallTime Utc(int y, unsigned m, unsigned d, int h = 0, int min = 0, int s = 0) {
  return sys_days(year(y) / month(m) / day(d)) + hours(h) + minutes(min) + seconds(s);
}

local_time<nanoseconds> Local(int y, unsigned m, unsigned d, int h = 0, int min = 0) {
  return local_time<nanoseconds>(Utc(y, m, d, h, min).time_since_epoch());
}

void PutNumber(std::string& out, std::int64_t value, int bytes) {
  for (int i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i));
}

struct Change {
  std::int64_t at;
  int kind;
};

// A compiled file, version 2, with the kinds `offsets`.
std::string Compiled(const std::vector<std::int64_t>& offsets, const std::vector<Change>& changes,
                     const std::string& footer) {
  std::string out;
  const auto header = [&](std::size_t change_count, std::size_t kind_count) {
    out += "TZif2" + std::string(15, '\0');
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{0}, std::size_t{0}, change_count, kind_count, std::size_t{4}})
      PutNumber(out, static_cast<std::int64_t>(count), 4);
  };
  header(0, 1);
  out += std::string(6, '\0') + "LMT" + '\0';
  header(changes.size(), offsets.size());
  for (const Change& change : changes) PutNumber(out, change.at, 8);
  for (const Change& change : changes) out += static_cast<char>(change.kind);
  for (const std::int64_t offset : offsets) {
    PutNumber(out, offset, 4);
    out += std::string(2, '\0');
  }
  out += std::string("LMT") + '\0' + "\n" + footer + "\n";
  return out;
}

std::string Berlin() {
  return Compiled({3600, 7200},
                  {{Utc(2020, 3, 29, 1).time_since_epoch() / seconds(1), 1},
                   {Utc(2020, 10, 25, 1).time_since_epoch() / seconds(1), 0}},
                  "CET-1CEST,M3.5.0,M10.5.0/3");
}

TimeZone Zone(const std::string& bytes) {
  auto zone = TimeZone::Parse("Test/Zone", bytes);
  EXPECT_TRUE(zone) << zone.error().detail;
  return zone.value_or(TimeZone());
}

TEST(TimeZoneTest, FixedOffsetsNeedNoDatabase) {
  for (const auto& [name, offset] : std::initializer_list<std::pair<const char*, seconds>>{
           {"UTC", 0s}, {"Z", 0s}, {"+08:00", 8h}, {"-03:30", -210min}, {"+0545", 345min}, {"+08", 8h}}) {
    const auto zone = TimeZone::Find(name, "/nowhere");
    ASSERT_TRUE(zone) << name;
    EXPECT_EQ(zone->OffsetAt(Utc(2026, 7, 1)), offset) << name;
    EXPECT_EQ(zone->name(), name);
  }
}

TEST(TimeZoneTest, WhatIsNoNameOfAZoneIsRefused) {
  for (const char* name :
       {"", "+8:00", "+25:00", "+08:60", "/etc/passwd", "../x", "a//b", "Asia/", "Asia/Sh anghai"}) {
    const auto zone = TimeZone::Find(name, "/nowhere");
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().code, Code::kInvalid) << name;
  }
}

TEST(TimeZoneTest, AMissingDatabaseSaysWhatToInstall) {
  const auto zone = TimeZone::Find("Asia/Shanghai", "/nowhere/zoneinfo");
  ASSERT_FALSE(zone);
  EXPECT_EQ(zone.error().code, Code::kUnavailable);
  EXPECT_NE(zone.error().detail.find("tzdata"), std::string::npos);
}

TEST(TimeZoneTest, ListedChangesHoldFromTheirSecondOn) {
  const TimeZone berlin = Zone(Berlin());
  EXPECT_EQ(berlin.OffsetAt(Utc(2020, 3, 29, 0, 59, 59)), 1h);
  EXPECT_EQ(berlin.OffsetAt(Utc(2020, 3, 29, 1)), 2h);
  EXPECT_EQ(berlin.OffsetAt(Utc(2020, 10, 25, 0, 59, 59)), 2h);
  EXPECT_EQ(berlin.OffsetAt(Utc(2020, 10, 25, 1)), 1h);
  EXPECT_EQ(berlin.OffsetAt(Utc(1900, 1, 1)), 1h);
}

TEST(TimeZoneTest, YearsBehindTheListFollowTheLastLine) {
  const TimeZone berlin = Zone(Berlin());
  EXPECT_EQ(berlin.OffsetAt(Utc(2026, 3, 29, 0, 59, 59)), 1h);
  EXPECT_EQ(berlin.OffsetAt(Utc(2026, 3, 29, 1)), 2h);
  EXPECT_EQ(berlin.OffsetAt(Utc(2026, 10, 25, 0, 59, 59)), 2h);
  EXPECT_EQ(berlin.OffsetAt(Utc(2026, 10, 25, 1)), 1h);
}

TEST(TimeZoneTest, SummerInTheSouthSpansTheNewYear) {
  const TimeZone sydney = Zone(Compiled({36000}, {}, "AEST-10AEDT,M10.1.0,M4.1.0/3"));
  EXPECT_EQ(sydney.OffsetAt(Utc(2026, 1, 1)), 11h);
  EXPECT_EQ(sydney.OffsetAt(Utc(2026, 7, 1)), 10h);
  EXPECT_EQ(sydney.OffsetAt(Utc(2026, 4, 4, 15, 59, 59)), 11h);
  EXPECT_EQ(sydney.OffsetAt(Utc(2026, 4, 4, 16)), 10h);
}

TEST(TimeZoneTest, DaysOfTheYearAreCountedBothWays) {
  // J60 is the first of March in every year, 60 counts from 0 and February's 29th.
  const TimeZone julian = Zone(Compiled({0}, {}, "AAA0BBB,J60/0,J61/0"));
  EXPECT_EQ(julian.OffsetAt(Utc(2028, 3, 1)), 1h);
  EXPECT_EQ(julian.OffsetAt(Utc(2028, 2, 29, 12)), 0h);
  const TimeZone counted = Zone(Compiled({0}, {}, "AAA0BBB,59/0,60/0"));
  EXPECT_EQ(counted.OffsetAt(Utc(2028, 2, 29, 12)), 1h);
  EXPECT_EQ(counted.OffsetAt(Utc(2026, 3, 1)), 1h);
}

TEST(TimeZoneTest, LocalTimesGoThereAndBack) {
  const TimeZone berlin = Zone(Berlin());
  EXPECT_EQ(berlin.ToLocal(Utc(2026, 7, 1, 22)), Local(2026, 7, 2));
  EXPECT_EQ(berlin.ToInstant(Local(2026, 7, 2)), Utc(2026, 7, 1, 22));
  EXPECT_EQ(berlin.ToInstant(Local(2026, 12, 1)), Utc(2026, 11, 30, 23));
}

TEST(TimeZoneTest, OfATimeThatIsShownTwiceTheFirstCounts) {
  EXPECT_EQ(Zone(Berlin()).ToInstant(Local(2026, 10, 25, 2, 30)), Utc(2026, 10, 25, 0, 30));
}

TEST(TimeZoneTest, ATimeThatIsSkippedIsTheInstantOfTheChange) {
  EXPECT_EQ(Zone(Berlin()).ToInstant(Local(2026, 3, 29, 2, 30)), Utc(2026, 3, 29, 1));
}

TEST(TimeZoneTest, DamagedFilesAreRefused) {
  const std::string good = Berlin();
  for (std::size_t size = 0; size < good.size() - 28; ++size) {
    EXPECT_FALSE(TimeZone::Parse("x", std::string_view(good).substr(0, size))) << size;
  }
  EXPECT_FALSE(TimeZone::Parse("x", Compiled({3600}, {{10, 1}}, "CET-1")));           // kind 1 is not there
  EXPECT_FALSE(TimeZone::Parse("x", Compiled({3600}, {{10, 0}, {10, 0}}, "CET-1")));  // not in order
  EXPECT_FALSE(TimeZone::Parse("x", Compiled({200'000}, {}, "CET-1")));
  for (const char* footer : {"C-1", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0", "CET-1CEST,M1.1.0",
                             "CET-1x", "<CET", "<+00>30"})
    EXPECT_FALSE(TimeZone::Parse("x", Compiled({3600}, {}, footer))) << footer;
}

}  // namespace
}  // namespace base
