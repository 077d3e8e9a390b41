#include "engine/text_classes.h"

#include <gtest/gtest.h>

#include <string_view>

namespace engine {
namespace {

TextClasses Of(std::string_view text) {
  TextClasses classes;
  classes.Add(text);
  return classes;
}

TEST(TextClassesTest, WordsLettersDigitsAndMarksAreToldApart) {
  const TextClasses classes = Of("Two words, 42!");
  EXPECT_EQ(classes[TextClass::kWord], 2);
  EXPECT_EQ(classes[TextClass::kLetter], 8);
  EXPECT_EQ(classes[TextClass::kDigit], 2);
  EXPECT_EQ(classes[TextClass::kMark], 2);
  EXPECT_EQ(classes[TextClass::kBlank], 0);
  EXPECT_EQ(classes.bytes(), 14);
}

TEST(TextClassesTest, OnlyTheSpacesBeyondOneAndLineEndsAreBlank) {
  EXPECT_EQ(Of("a b")[TextClass::kBlank], 0);
  EXPECT_EQ(Of("a    b")[TextClass::kBlank], 3);
  EXPECT_EQ(Of("a\n\tb")[TextClass::kBlank], 2);
}

TEST(TextClassesTest, CharactersBeyondAsciiAreCountedOnceWhateverTheirLength) {
  EXPECT_EQ(Of("你好，世界。")[TextClass::kCjk], 6);
  EXPECT_EQ(Of("カタカナ ＡＢ 𠀀")[TextClass::kCjk], 7);
  EXPECT_EQ(Of("Größe")[TextClass::kShort], 2);
  EXPECT_EQ(Of("Привет")[TextClass::kShort], 6);
  EXPECT_EQ(Of("한국어")[TextClass::kLong], 3);
  EXPECT_EQ(Of("🎉🚀")[TextClass::kLong], 2);
}

TEST(TextClassesTest, PiecesCountAsTheWholeWhereverACharacterEnds) {
  constexpr std::string_view kText = "One  word, 两个 words 7\n";
  const TextClasses whole = Of(kText);
  for (std::size_t cut = 0; cut <= kText.size(); ++cut) {
    if (cut < kText.size() && (static_cast<unsigned char>(kText[cut]) & 0xC0) == 0x80) continue;
    TextClasses pieces;
    pieces.Add(kText.substr(0, cut));
    pieces.Add(kText.substr(cut));
    for (std::size_t i = 0; i < kTextClasses; ++i) {
      EXPECT_EQ(pieces[static_cast<TextClass>(i)], whole[static_cast<TextClass>(i)]) << cut << " " << i;
    }
  }
}

TEST(TextClassesTest, BytesThatAreNoTextDoNoHarm) {
  const TextClasses classes = Of("\xFF\x80\xE4\xF0");
  EXPECT_EQ(classes[TextClass::kMark], 1);
  EXPECT_EQ(classes[TextClass::kCjk], 1);
  EXPECT_EQ(classes[TextClass::kLong], 1);
  EXPECT_EQ(classes.bytes(), 4);
}

TEST(TextClassesTest, TextsAddUpAsIfTheyDidNotTouch) {
  TextClasses sum = Of("one");
  sum += Of("two");
  EXPECT_EQ(sum[TextClass::kWord], 2);
  EXPECT_EQ(sum[TextClass::kLetter], 6);
  EXPECT_EQ(sum.bytes(), 6);
}

}  // namespace
}  // namespace engine
