#include "apps/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace apps {
namespace {

std::string Printed(const Table& table, Format format) {
  std::ostringstream out;
  table.Print(out, format);
  return out.str();
}

TEST(TableTest, FormatsAreKnownByName) {
  EXPECT_EQ(ParseFormat("table"), Format::kTable);
  EXPECT_EQ(ParseFormat("json"), Format::kJson);
  EXPECT_EQ(ParseFormat("csv"), Format::kCsv);
  EXPECT_EQ(ParseFormat("CSV"), std::nullopt);
  EXPECT_EQ(ParseFormat(""), std::nullopt);
}

TEST(TableTest, ColumnsArePaddedToTheirWidestCellExceptTheLast) {
  Table table({"id", "team", "state"});
  table.Add({"k1", "search", "active"});
  table.Add({"k123", "x", "revoked"});
  EXPECT_EQ(Printed(table, Format::kTable),
            "id    team    state\n"
            "k1    search  active\n"
            "k123  x       revoked\n");
}

TEST(TableTest, TableWithoutRowsIsItsHeader) {
  EXPECT_EQ(Printed(Table({"id", "team"}), Format::kTable), "id  team\n");
  EXPECT_EQ(Printed(Table({"id", "team"}), Format::kCsv), "id,team\n");
}

TEST(TableTest, CsvQuotesWhatNeedsIt) {
  Table table({"a", "b"});
  table.Add({"plain", ""});
  table.Add({"with,comma", "say \"hi\""});
  table.Add({"two\nlines", "carriage\rreturn"});
  EXPECT_EQ(Printed(table, Format::kCsv),
            "a,b\n"
            "plain,\n"
            "\"with,comma\",\"say \"\"hi\"\"\"\n"
            "\"two\nlines\",\"carriage\rreturn\"\n");
}

}  // namespace
}  // namespace apps
