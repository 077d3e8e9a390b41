#include "sim/response_store.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

std::shared_ptr<const ResponseItem> Item(const std::string& id, std::size_t tokens = 1) {
  ResponseItem item{.id = id};
  item.tokens.resize(tokens);
  return std::make_shared<const ResponseItem>(std::move(item));
}

TEST(ResponseStoreTest, AConversationAndItsItemsAreFoundByTheirIds) {
  ResponseStore store;
  store.Keep("r1", {Item("a"), Item(""), Item("b")});
  ASSERT_NE(store.Find("r1"), nullptr);
  EXPECT_EQ(store.Find("r1")->size(), 3u);
  EXPECT_EQ(store.FindItem("b")->id, "b");
  EXPECT_EQ(store.Find("r2"), nullptr);
  EXPECT_EQ(store.FindItem("c"), nullptr);
  EXPECT_EQ(store.FindItem(""), nullptr);
}

TEST(ResponseStoreTest, TheOldestGoesFirstAndItsItemsWithItUnlessALaterOneHasThem) {
  ResponseStore store({.responses_max = 2, .tokens_max = 100});
  const auto shared = Item("shared");
  store.Keep("r1", {shared, Item("a")});
  store.Keep("r2", {shared, Item("b")});
  store.Keep("r3", {Item("c")});
  EXPECT_EQ(store.Find("r1"), nullptr);
  EXPECT_EQ(store.FindItem("a"), nullptr);
  EXPECT_NE(store.FindItem("shared"), nullptr);
  EXPECT_NE(store.Find("r2"), nullptr);
}

TEST(ResponseStoreTest, TokensAreBoundedToo) {
  ResponseStore store({.responses_max = 10, .tokens_max = 10});
  store.Keep("r1", {Item("a", 4)});
  store.Keep("r2", {Item("b", 4)});
  EXPECT_NE(store.Find("r1"), nullptr);
  store.Keep("r3", {Item("c", 4)});
  EXPECT_EQ(store.Find("r1"), nullptr);
  store.Keep("r4", {Item("d", 10)});
  EXPECT_EQ(store.Find("r4"), nullptr) << "one that is larger than all that may be kept";
}

TEST(ResponseStoreTest, OfTheSameAnswerTheLastOneIsKept) {
  ResponseStore store({.responses_max = 2, .tokens_max = 100});
  store.Keep("r1", {Item("a"), Item("b")});
  store.Keep("r1", {Item("a")});
  store.Keep("r2", {Item("c")});
  ASSERT_NE(store.Find("r1"), nullptr);
  EXPECT_EQ(store.Find("r1")->size(), 1u);
  EXPECT_NE(store.FindItem("a"), nullptr);
  EXPECT_EQ(store.FindItem("b"), nullptr);
  store.Clear();
  EXPECT_EQ(store.Find("r1"), nullptr);
  EXPECT_EQ(store.FindItem("a"), nullptr);
}

}  // namespace
}  // namespace sim
