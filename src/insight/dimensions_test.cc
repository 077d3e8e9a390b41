#include "insight/dimensions.h"

#include <gtest/gtest.h>

namespace insight {
namespace {

TEST(DimensionsTest, WhatIsNoFilterIsRefused) {
  for (const char* text : {"team", "tema=x", "hour=9", "=x", ""}) EXPECT_FALSE(ParseFilter(text)) << text;
}

TEST(DimensionsTest, AValueThatNothingCanHaveIsRefusedWithThoseThereAre) {
  for (const char* text : {"status=502", "status=5xx|6xx", "rung=purple", "rung=", "stream=yes",
                           "operation=chats", "currency=dollars", "usage_source=guessed"}) {
    EXPECT_FALSE(ParseFilter(text)) << text;
  }
  for (const char* text : {"status=5xx|none", "rung=strong|rules", "stream=true", "operation=count_tokens",
                           "currency=USD", "currency=", "team=5", "usage_source=counted|none"}) {
    EXPECT_TRUE(ParseFilter(text)) << text;
  }
  EXPECT_EQ(ParseFilter("rung=purple").error().detail,
            "'purple' is no rung; there are rules, exact, semantic, student, local, cheap, strong");
}

TEST(DimensionsTest, DimensionsHaveShortNamesAndComeOnce) {
  const auto dimensions = ParseDimensions("key,asked,hour,tag:env");
  ASSERT_TRUE(dimensions) << dimensions.error().detail;
  EXPECT_EQ(store::Name((*dimensions)[0]), "key_id");
  EXPECT_EQ(store::Name((*dimensions)[1]), "asked_model");
  EXPECT_TRUE(ParseDimensions("")->empty());
  for (const char* list : {"team,team", "key,key_id", "team,", ","})
    EXPECT_FALSE(ParseDimensions(list)) << list;
}

}  // namespace
}  // namespace insight
