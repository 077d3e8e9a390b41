#include "engine/pieces.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/char_class.h"

namespace engine {
namespace {

using Pieces = std::vector<std::string>;

Pieces Cut(Cutting cutting, std::string_view text) {
  const NextPiece next = PiecesOf(cutting);
  const char* const end = text.data() + text.size();
  const char* stretch = nullptr;
  Pieces pieces;
  for (const char* at = text.data(); at != end;) {
    const char* behind = next(at, end, stretch);
    EXPECT_GT(behind, at);
    pieces.emplace_back(at, behind);
    at = behind;
  }
  return pieces;
}

TEST(PiecesTest, AWordTakesTheSpaceBeforeIt) {
  for (const Cutting cutting : {Cutting::kCl100k, Cutting::kO200k, Cutting::kDeepSeek, Cutting::kQwen3}) {
    EXPECT_EQ(Cut(cutting, "two  words\there"), (Pieces{"two", " ", " words", "\there"}));
  }
}

TEST(PiecesTest, ContractionsAreEndingsOfWordsInO200kAndPiecesBefore) {
  EXPECT_EQ(Cut(Cutting::kO200k, "don't I'M 'sure"), (Pieces{"don't", " I'M", " '", "sure"}));
  EXPECT_EQ(Cut(Cutting::kCl100k, "don't I'M 'sure"), (Pieces{"don", "'t", " I", "'M", " '", "sure"}));
  EXPECT_EQ(Cut(Cutting::kCl100k, "'sure"), (Pieces{"'s", "ure"}));
  EXPECT_EQ(Cut(Cutting::kO200k, "a'\u017Fb"), (Pieces{"a'\u017F", "b"}));
}

TEST(PiecesTest, CapitalsBeginWordsInO200k) {
  EXPECT_EQ(Cut(Cutting::kO200k, "parseXMLFile"), (Pieces{"parse", "XMLFile"}));
  EXPECT_EQ(Cut(Cutting::kO200k, "camelCase"), (Pieces{"camel", "Case"}));
  EXPECT_EQ(Cut(Cutting::kO200k, "中文ABC"), (Pieces{"中文", "ABC"}));
  EXPECT_EQ(Cut(Cutting::kO200k, "中A文B "), (Pieces{"中A文", "B", " "}));
}

TEST(PiecesTest, DigitsGoByThreeAndInQwenAlone) {
  EXPECT_EQ(Cut(Cutting::kCl100k, "12345"), (Pieces{"123", "45"}));
  EXPECT_EQ(Cut(Cutting::kDeepSeek, "x12345"), (Pieces{"x", "123", "45"}));
  EXPECT_EQ(Cut(Cutting::kQwen3, "123"), (Pieces{"1", "2", "3"}));
}

TEST(PiecesTest, WhitespaceEndsAtItsLastLineEndOrBeforeTheNextWord) {
  EXPECT_EQ(Cut(Cutting::kO200k, "a \n\n  b"), (Pieces{"a", " \n\n", " ", " b"}));
  EXPECT_EQ(Cut(Cutting::kO200k, "a \n  "), (Pieces{"a", " \n", "  "}));
  EXPECT_EQ(Cut(Cutting::kCl100k, "a \n  "), (Pieces{"a", " \n  "}));
  EXPECT_EQ(Cut(Cutting::kQwen3, "a   "), (Pieces{"a", "   "}));
}

TEST(PiecesTest, DeepSeekCutsChineseApartAndEachStretchForItself) {
  EXPECT_EQ(Cut(Cutting::kDeepSeek, "价格  12元abc"), (Pieces{"价格", "  ", "12", "元", "abc"}));
  EXPECT_EQ(Cut(Cutting::kDeepSeek, "!word ,x\x01\x02 y"), (Pieces{"!word", " ,", "x", "\x01\x02", " y"}));
}

TEST(PiecesTest, MarksBelongToLettersFromQwen35On) {
  EXPECT_EQ(Cut(Cutting::kQwen3, "a\u0301b"), (Pieces{"a", "\u0301b"}));
  EXPECT_EQ(Cut(Cutting::kQwen35, "a\u0301b"), (Pieces{"a\u0301b"}));
}

TEST(PiecesTest, EveryTextIsItsPiecesWhateverItHolds) {
  std::string text;
  for (char32_t code = 1; code < 0x3200; code += 7) {
    if (code < 0x80) text.push_back(static_cast<char>(code));
    if (code >= 0x80 && code < 0x800)
      text += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
    if (code % 5 == 0) text += " 'll\n12你";
  }
  for (std::uint32_t cutting = 1; cutting <= kCuttings; ++cutting) {
    std::string whole;
    for (const std::string& piece : Cut(static_cast<Cutting>(cutting), text)) whole += piece;
    EXPECT_EQ(whole, text) << cutting;
  }
}

// Each would take minutes in the square of its length.
TEST(PiecesTest, LongTextsOfAnyKindAreCutAtOnce) {
  constexpr int kCount = 200'000;
  for (const std::string_view part : {" ", " \n", "A", "中A", "!", "1", "\u0301", "a.", "\x01", "'s"}) {
    std::string text;
    for (int i = 0; i < kCount; ++i) text += part;
    const char* const end = text.data() + text.size();
    for (std::uint32_t cutting = 1; cutting <= kCuttings; ++cutting) {
      const NextPiece next = PiecesOf(static_cast<Cutting>(cutting));
      const char* stretch = nullptr;
      for (const char* at = text.data(); at != end;) {
        const char* behind = next(at, end, stretch);
        ASSERT_GT(behind, at);
        at = behind;
      }
    }
  }
}

}  // namespace
}  // namespace engine
