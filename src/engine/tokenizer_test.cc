#include "engine/tokenizer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "engine/model_family.h"
#include "engine/tiny_vocabulary_for_test.h"

namespace engine {
namespace {

using Numbers = std::vector<std::uint32_t>;

Tokenizer Tiny(Cutting cutting, std::uint32_t flags = 0, const std::vector<AddedToken>& added = {}) {
  auto vocabulary = Vocabulary::Parse(TinyVocabulary(kTinyText, 150).File(cutting, flags, added));
  EXPECT_TRUE(vocabulary);
  return Tokenizer(std::move(*vocabulary));
}

TEST(TokenizerTest, PiecesAreMergedEachForItself) {
  const TinyVocabulary tiny(kTinyText, 150);
  const Tokenizer tokenizer = Tiny(Cutting::kCl100k);
  Numbers expected;
  for (const std::string_view piece : {"it", "'s", " the", " gateway", ";", " ", "123", "4"}) {
    const Numbers tokens = tiny.Merge(piece);
    expected.insert(expected.end(), tokens.begin(), tokens.end());
  }
  EXPECT_EQ(tokenizer.Encode("it's the gateway; 1234"), expected);
  EXPECT_EQ(tokenizer.Count("it's the gateway; 1234"), static_cast<std::int64_t>(expected.size()));
}

TEST(TokenizerTest, AddedTokensAreFoundLongestFirstAndLaterOnesInWhatIsLeft) {
  const Tokenizer tokenizer =
      Tiny(Cutting::kO200k, 0,
           {{"<a", 1000, false}, {"<ab>", 1001, false}, {"<", 1002, true}, {"b>", 1003, true}});
  EXPECT_EQ(tokenizer.Encode("<ab>"), (Numbers{1001}));
  EXPECT_EQ(tokenizer.Encode("<ab<ab>"), (Numbers{1000, 'b', 1001}));
  EXPECT_EQ(tokenizer.Encode("<b>"), (Numbers{1002, 1003}));
  EXPECT_EQ(tokenizer.Decode(Numbers{1001, 'x', 1003, 5000}), "<ab>xb>");
}

TEST(TokenizerTest, TextIsRepairedAndComposedFirst) {
  const Tokenizer composing = Tiny(Cutting::kQwen3, kComposesFlag);
  EXPECT_EQ(composing.Decode(composing.Encode("e\u0301\xFF")), "\u00E9\uFFFD");
  const Tokenizer plain = Tiny(Cutting::kQwen3);
  EXPECT_EQ(plain.Decode(plain.Encode("e\u0301\xFF")), "e\u0301\uFFFD");
}

TEST(TokenizerTest, WhatIsEncodedIsDecodedAndCounted) {
  base::Random random(3);
  const TinyVocabulary tiny(kTinyText, 150);
  for (std::uint32_t cutting = 1; cutting <= kCuttings; ++cutting) {
    const Tokenizer tokenizer = Tiny(static_cast<Cutting>(cutting), 0, {{"<end>", 2000, false}});
    for (int i = 0; i < 200; ++i) {
      std::string text;
      for (int part = 0; part < 20; ++part)
        text += tiny.tokens()[128 * (random.Below(2)) + random.Below(128)];
      const Numbers numbers = tokenizer.Encode(text);
      EXPECT_EQ(tokenizer.Count(text), static_cast<std::int64_t>(numbers.size()));
      const std::string decoded = tokenizer.Decode(numbers);
      EXPECT_EQ(tokenizer.Encode(decoded), numbers);
    }
  }
}

TEST(TokenizerTest, AFileThatIsNotThereSaysSo) {
  const auto missing = Tokenizer::FromFile("/nonexistent/o200k.tokens");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::kNotFound);
}

// `text` as the recorded vectors write it: \xHH is a byte.
std::string Unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      bytes.push_back(text[at]);
      continue;
    }
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(at + 2, 2)), nullptr, 16)));
    at += 3;
  }
  return bytes;
}

class RecordedTest : public ::testing::TestWithParam<Family> {};

TEST_P(RecordedTest, TokensAreThoseOfTheReference) {
  const std::string name(Name(GetParam()));
  const auto tokenizer = Tokenizer::FromFile(SLUICE_MODELS_FOLDER "/" + name + ".tokens");
  if (!tokenizer && tokenizer.error().code == base::Code::kNotFound) {
    GTEST_SKIP() << "the tokenizer of " << name << " is not here; `make models` fetches it";
  }
  ASSERT_TRUE(tokenizer) << tokenizer.error().detail;
  int texts = 0;
  for (const auto& file : std::filesystem::directory_iterator(SLUICE_TOKEN_VECTORS)) {
    std::ifstream lines(file.path());
    std::string text;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("text ")) text = Unescape(line.substr(5));
      if (line != name && !line.starts_with(name + " ")) continue;
      std::istringstream words(line.substr(name.size()));
      Numbers expected;
      for (std::uint32_t number = 0; words >> number;) expected.push_back(number);
      ASSERT_EQ((*tokenizer)->Encode(text), expected) << file.path() << ": " << text;
      ASSERT_EQ((*tokenizer)->Count(text), static_cast<std::int64_t>(expected.size()));
      ++texts;
    }
  }
  EXPECT_GT(texts, 200);
}

INSTANTIATE_TEST_SUITE_P(Families, RecordedTest, ::testing::ValuesIn(kFamilies),
                         [](const auto& param) { return std::string(Name(param.param)); });

}  // namespace
}  // namespace engine
