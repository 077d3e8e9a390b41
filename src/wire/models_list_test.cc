#include "wire/models_list.h"

#include <gtest/gtest.h>

namespace wire {
namespace {

using Ids = std::vector<std::string>;

TEST(ModelsListTest, AListThatWeWroteIsReadBack) {
  const ModelEntry models[] = {{.id = "a", .owned_by = "x"}, {.id = "b/c", .owned_by = "y"}};
  for (const chat::Dialect dialect : {chat::Dialect::kOpenai, chat::Dialect::kAnthropic}) {
    const auto ids = ReadModelIds(WriteModelsList(dialect, models));
    ASSERT_TRUE(ids);
    EXPECT_EQ(*ids, (Ids{"a", "b/c"}));
  }
}

TEST(ModelsListTest, UnknownMembersAreNoObstacle) {
  const auto ids = ReadModelIds(R"({"x":[{"id":"no"}],"data":[{"k":{"id":"no"},"id":"yes"},7,{}],"y":null})");
  ASSERT_TRUE(ids);
  EXPECT_EQ(*ids, Ids{"yes"});
}

TEST(ModelsListTest, WhatIsNoListIsAnError) {
  for (const char* body : {"", "[]", "{}", R"({"data":{}})", R"({"data":[{"id":"a"})", "<html>"}) {
    EXPECT_FALSE(ReadModelIds(body)) << body;
  }
}

}  // namespace
}  // namespace wire
