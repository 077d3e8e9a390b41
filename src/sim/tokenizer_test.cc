#include "sim/tokenizer.h"

#include <gtest/gtest.h>

#include <string>

namespace sim {
namespace {

const std::string kMixed =
    "Hello, world! internationalization 1234567 == ====== a  b\n\n\n\tdef f(x):\n    return x "
    "\xE9\x87\x8F\xE5\xAD\x90\xE7\xBA\xA0\xE7\xBC\xA0\xEF\xBC\x8C caf\xC3\xA9 \xF0\x9F\x98\x80 \xFF\xFE end ";

TEST(TokenizerTest, TokensJoinedAreTheText) {
  std::string joined;
  for (const std::string_view token : SplitTokens(kMixed)) {
    EXPECT_FALSE(token.empty());
    joined += token;
  }
  EXPECT_EQ(joined, kMixed);
}

TEST(TokenizerTest, TheFirstTokensOfATextAreThoseTokensAgainWhereverItIsCut) {
  const auto tokens = SplitTokens(kMixed);
  for (std::size_t count = 0; count <= tokens.size(); ++count) {
    const std::string_view prefix = FirstTokens(kMixed, count);
    EXPECT_EQ(CountTokens(prefix), count);
    EXPECT_EQ(SplitTokens(prefix),
              std::vector(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count)));
  }
}

TEST(TokenizerTest, ATextSplitAnywhereStillHasAllItsBytes) {
  for (std::size_t at = 0; at <= kMixed.size(); ++at) {
    std::string joined;
    for (const std::string_view token : SplitTokens(std::string_view(kMixed).substr(0, at))) joined += token;
    for (const std::string_view token : SplitTokens(std::string_view(kMixed).substr(at))) joined += token;
    EXPECT_EQ(joined, kMixed);
  }
}

TEST(TokenizerTest, PiecesAreAboutAsLongAsThoseOfRealModels) {
  EXPECT_EQ(CountTokens(""), 0u);
  EXPECT_EQ(CountTokens("hello"), 1u);
  EXPECT_EQ(CountTokens("hello world"), 2u);
  EXPECT_EQ(CountTokens("internationalization"), 3u);
  EXPECT_EQ(CountTokens("1234567"), 3u);
  EXPECT_EQ(CountTokens("\xE4\xBD\xA0\xE5\xA5\xBD"), 1u);
  EXPECT_EQ(CountTokens("\xE4\xBD\xA0\xE5\xA5\xBD\xE5\x90\x97"), 2u);
}

}  // namespace
}  // namespace sim
