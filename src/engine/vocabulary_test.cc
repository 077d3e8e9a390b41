#include "engine/vocabulary.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "engine/tiny_vocabulary_for_test.h"

namespace engine {
namespace {

TEST(VocabularyTest, TokensKeepTheirBytesAndTheirNumbers) {
  const TinyVocabulary tiny(kTinyText, 100);
  const auto vocabulary = Vocabulary::Parse(tiny.File(Cutting::kDeepSeek, kComposesFlag));
  ASSERT_TRUE(vocabulary) << vocabulary.error().detail;
  EXPECT_EQ(vocabulary->cutting(), Cutting::kDeepSeek);
  EXPECT_TRUE(vocabulary->composes());
  ASSERT_EQ(vocabulary->size(), tiny.tokens().size());
  for (TokenId id = 0; id < vocabulary->size(); ++id) {
    EXPECT_EQ(vocabulary->Bytes(id), tiny.tokens()[id]);
    EXPECT_EQ(vocabulary->Number(id), id);
    EXPECT_EQ(vocabulary->Longest(tiny.tokens()[id]), id);
  }
}

TEST(VocabularyTest, ShorterTokensEndInTheByte) {
  const TinyVocabulary tiny(kTinyText, 100);
  const auto vocabulary = Vocabulary::Parse(tiny.File(Cutting::kCl100k));
  ASSERT_TRUE(vocabulary);
  for (TokenId id = 0; id < vocabulary->size(); ++id) {
    TokenId last = id;
    while (vocabulary->Shorter(last) != Vocabulary::kNone) {
      const TokenId shorter = vocabulary->Shorter(last);
      ASSERT_LT(vocabulary->Bytes(shorter).size(), vocabulary->Bytes(last).size());
      ASSERT_TRUE(vocabulary->Bytes(id).starts_with(vocabulary->Bytes(shorter)));
      last = shorter;
    }
    EXPECT_EQ(vocabulary->Bytes(last).size(), 1u);
  }
}

TEST(VocabularyTest, AFileThatIsCutOrChangedIsRefused) {
  const TinyVocabulary tiny(kTinyText, 20);
  const std::string file = tiny.File(Cutting::kCl100k, 0, {{"<end>", 300, false}});
  ASSERT_TRUE(Vocabulary::Parse(file));
  base::Random random(7);
  for (std::size_t size = 0; size < file.size(); size += 1 + random.Below(20)) {
    const auto cut = Vocabulary::Parse(file.substr(0, size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code, base::Code::kInvalid);
  }
  for (int i = 0; i < 300; ++i) {
    std::string changed = file;
    changed[random.Below(file.size())] ^= static_cast<char>(1 + random.Below(255));
    ASSERT_FALSE(Vocabulary::Parse(changed));
  }
  EXPECT_FALSE(Vocabulary::Parse(file + "x"));
}

// What the check sum lets pass is still looked at: tokens that no merging makes would be looked for in vain.
TEST(VocabularyTest, AFileThatMeansNothingIsRefused) {
  const TinyVocabulary tiny(kTinyText, 20);
  const std::string file = tiny.File(Cutting::kCl100k);
  base::Random random(11);
  int refused = 0;
  for (int i = 0; i < 2'000; ++i) {
    std::string body = file.substr(kVocabularyHeaderBytes);
    for (std::uint64_t left = 1 + random.Below(3); left > 0; --left) {
      body[random.Below(body.size())] = static_cast<char>(random.Below(256));
    }
    const std::size_t bytes = body.size() - 4 * tiny.tokens().size();
    const auto vocabulary = Vocabulary::Parse(tiny.Head(1, 0, bytes, 0, body) + body);
    if (!vocabulary) {
      ++refused;
      continue;
    }
    for (TokenId id = 0; id < vocabulary->size(); ++id) EXPECT_FALSE(vocabulary->Bytes(id).empty());
  }
  EXPECT_GT(refused, 1'000);
}

TEST(VocabularyTest, AFileOfAnotherKindSaysSo) {
  for (const std::string_view file : {"", "GGUF", "SLCTOKN2................................"}) {
    const auto vocabulary = Vocabulary::Parse(file);
    ASSERT_FALSE(vocabulary);
    EXPECT_NE(vocabulary.error().detail.find("make models"), std::string::npos);
  }
  const auto large = Vocabulary::Parse(std::string(Vocabulary::kFileBytesMax + 1, 'x'));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, base::Code::kTooLarge);
}

}  // namespace
}  // namespace engine
