#include "translate/effort.h"

#include <gtest/gtest.h>

namespace translate {
namespace {

TEST(EffortTest, AWordBecomesTokensAndTheTokensTheWordAgain) {
  for (const std::string_view word : {"low", "medium", "high"}) {
    const auto budget = BudgetOf({word});
    ASSERT_TRUE(budget);
    EXPECT_EQ(EffortOf(*budget), word);
  }
}

TEST(EffortTest, WordsThatNotEveryModelKnowsHaveTokensButAreNotMadeOfThem) {
  EXPECT_EQ(BudgetOf({"none"}), 0);
  EXPECT_EQ(BudgetOf({"minimal"}), 1024);
  EXPECT_EQ(BudgetOf({"xhigh"}), 32768);
  EXPECT_EQ(BudgetOf({"max"}), 65536);
  EXPECT_EQ(EffortOf(1024), "low");
  EXPECT_EQ(EffortOf(65536), "high");
}

TEST(EffortTest, AnUnknownWordHasNoTokens) {
  EXPECT_FALSE(BudgetOf({"hard"}));
  EXPECT_FALSE(BudgetOf({}));
}

}  // namespace
}  // namespace translate
