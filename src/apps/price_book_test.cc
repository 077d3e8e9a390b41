#include "apps/price_book.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pricing/priced_for_test.h"

namespace apps {
namespace {

TEST(UnpricedModelsTest, ARegionThatNoCatalogueKnowsIsToldWithThoseThereAre) {
  config::Settings settings;
  settings.providers["europe"].prices = "openai";
  settings.providers["europe"].region = "eu";
  EXPECT_EQ(UnpricedModels(*pricing::ShippedBook(settings), settings, pricing::At("2026-11-30")),
            std::vector<std::string>());
  settings.providers["europe"].region = "mars";
  EXPECT_EQ(UnpricedModels(*pricing::ShippedBook(settings), settings, pricing::At("2026-11-30")),
            (std::vector<std::string>{"No catalogue knows a region mars of europe, so that it has no prices; "
                                      "write one of those that are known: region: eu, us."}));
}

}  // namespace
}  // namespace apps
