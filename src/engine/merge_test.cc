#include "engine/merge.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/tiny_vocabulary_for_test.h"

namespace engine {
namespace {

std::vector<std::uint32_t> Search(const Vocabulary& vocabulary, std::string_view piece) {
  Merger merger(vocabulary);
  const auto tokens = merger.Tokens(piece);
  return {tokens.begin(), tokens.end()};
}

class MergeSeedTest : public ::testing::TestWithParam<std::uint64_t> {};

// Vocabularies that are learnt from few letters have tokens that overlap in every way.
TEST_P(MergeSeedTest, TheRowIsWhatMergingPairByPairMakes) {
  base::Random random(GetParam());
  std::string text;
  for (int i = 0; i < 500; ++i) text.push_back(static_cast<char>('a' + random.Below(2 + GetParam() % 3)));
  const TinyVocabulary tiny(text, 100);
  const auto vocabulary = Vocabulary::Parse(tiny.File(Cutting::kCl100k));
  ASSERT_TRUE(vocabulary) << vocabulary.error().detail;
  for (int i = 0; i < 300; ++i) {
    std::string piece(1 + random.Below(60), 'a');
    for (char& c : piece) c = static_cast<char>('a' + random.Below(2 + GetParam() % 3));
    ASSERT_EQ(Search(*vocabulary, piece), tiny.Merge(piece)) << piece;
  }
}

TEST_P(MergeSeedTest, AnyBytesHaveARow) {
  base::Random random(GetParam());
  const TinyVocabulary tiny(kTinyText, 150);
  const auto vocabulary = Vocabulary::Parse(tiny.File(Cutting::kO200k));
  ASSERT_TRUE(vocabulary) << vocabulary.error().detail;
  for (int i = 0; i < 100; ++i) {
    std::string piece;
    while (piece.size() < 40) {
      if (random.Below(3) == 0) piece.push_back(static_cast<char>(random.Below(256)));
      piece += tiny.tokens()[random.Below(tiny.tokens().size())];
    }
    ASSERT_EQ(Search(*vocabulary, piece), tiny.Merge(piece));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, MergeSeedTest, ::testing::Range<std::uint64_t>(1, 9));

TEST(MergeTest, ARunOfOneLetterIsAsItsMergesAreHoweverLong) {
  const TinyVocabulary tiny(std::string(64, 'a'), 5);
  const auto vocabulary = Vocabulary::Parse(tiny.File(Cutting::kCl100k));
  ASSERT_TRUE(vocabulary);
  for (std::size_t length = 1; length < 200; ++length) {
    const std::string run(length, 'a');
    ASSERT_EQ(Search(*vocabulary, run), tiny.Merge(run)) << length;
  }
  // Millions of them: merging pair by pair would take hours.
  const std::size_t longest = tiny.tokens().back().size();
  EXPECT_EQ(Search(*vocabulary, std::string(longest * 100'000, 'a')).size(), 100'000u);
}

}  // namespace
}  // namespace engine
