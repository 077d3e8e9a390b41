#include "sim/route.h"

#include <gtest/gtest.h>

#include <string>

namespace sim {
namespace {

TEST(RouteTest, EachPathIsServedWithAndWithoutItsVersion) {
  for (const char* prefix : {"", "/v1"}) {
    const std::string before = prefix;
    EXPECT_EQ(RouteOf("POST", before + "/chat/completions").endpoint, Endpoint::kChat);
    EXPECT_EQ(RouteOf("POST", before + "/messages").endpoint, Endpoint::kMessages);
    EXPECT_EQ(RouteOf("POST", before + "/messages/count_tokens").endpoint, Endpoint::kCountTokens);
    EXPECT_EQ(RouteOf("GET", before + "/models").endpoint, Endpoint::kModels);
    EXPECT_EQ(RouteOf("HEAD", before + "/models/a/b").model, "a/b");
  }
}

TEST(RouteTest, OtherMethodsAndPathsAreNothing) {
  for (const char* path : {"/v1/messages/", "/v1/message", "/", "", "/v2/messages", "/v1/v1/messages"}) {
    EXPECT_EQ(RouteOf("POST", path).endpoint, Endpoint::kNone) << path;
  }
  EXPECT_EQ(RouteOf("GET", "/v1/messages").endpoint, Endpoint::kNone);
  EXPECT_EQ(RouteOf("POST", "/v1/models").endpoint, Endpoint::kNone);
}

TEST(RouteTest, APrefixHasOnlyItsOwnPaths) {
  EXPECT_TRUE(RouteOf("POST", "/beta/completions").beta);
  EXPECT_EQ(RouteOf("POST", "/beta/v1/messages").endpoint, Endpoint::kNone);
  EXPECT_TRUE(RouteOf("POST", "/anthropic/v1/messages").anthropic);
  EXPECT_EQ(RouteOf("POST", "/anthropic/messages/count_tokens").endpoint, Endpoint::kCountTokens);
  EXPECT_EQ(RouteOf("GET", "/anthropic/v1/models").endpoint, Endpoint::kModels);
  EXPECT_EQ(RouteOf("POST", "/anthropic/v1/chat/completions").endpoint, Endpoint::kNone);
}

}  // namespace
}  // namespace sim
