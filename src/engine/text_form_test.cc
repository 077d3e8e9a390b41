#include "engine/text_form.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "engine/char_class.h"

namespace engine {
namespace {

TEST(TextFormTest, EachBrokenBeginningOfACharacterIsOneReplacement) {
  EXPECT_EQ(RepairUtf8("fine"), "fine");
  EXPECT_EQ(RepairUtf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(RepairUtf8("\xE4\xBD"), "\uFFFD");
  EXPECT_EQ(RepairUtf8("\xE4\xBD\xE4\xBD\xA0"), "\uFFFD你");
  EXPECT_EQ(RepairUtf8("\xF0\x9F\x98 x"), "\uFFFD x");
  EXPECT_EQ(RepairUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(RepairUtf8("\xC0\x80"), "\uFFFD\uFFFD");
  EXPECT_EQ(RepairUtf8("\x80\x80"), "\uFFFD\uFFFD");
}

TEST(TextFormTest, LettersAndTheirMarksAreComposed) {
  EXPECT_EQ(ComposeNfc("e\u0301"), "\u00E9");
  EXPECT_EQ(ComposeNfc("a\u0323\u0302"), "\u1EAD");
  EXPECT_EQ(ComposeNfc("a\u0302\u0323"), "\u1EAD");
  EXPECT_EQ(ComposeNfc("q\u0307\u0323"), "q\u0323\u0307");
  EXPECT_EQ(ComposeNfc("\u212B\u2126"), "\u00C5\u03A9");
  EXPECT_EQ(ComposeNfc("\u0301a"), "\u0301a");
}

TEST(TextFormTest, SomeCharactersGetLonger) {
  EXPECT_EQ(ComposeNfc("\u0958"), "\u0915\u093C");
  EXPECT_EQ(ComposeNfc("\uFB1D"), "\u05D9\u05B4");
}

TEST(TextFormTest, HangulIsComposedByArithmetic) {
  EXPECT_EQ(ComposeNfc("\u1112\u1161\u11AB"), "\uD55C");
  EXPECT_EQ(ComposeNfc("\uD558\u11AB"), "\uD55C");
  EXPECT_EQ(ComposeNfc("\uD55C\u11AB"), "\uD55C\u11AB");
}

TEST(TextFormTest, WhatIsComposedAlreadyNeedsNothing) {
  for (const std::string_view text : {"", "plain", "é 你好 한국어 🎉", "Größe"}) {
    EXPECT_FALSE(MayNeedNfc(text)) << text;
    EXPECT_EQ(ComposeNfc(text), text);
  }
  EXPECT_TRUE(MayNeedNfc("e\u0301"));
  EXPECT_TRUE(MayNeedNfc("\u212B"));
}

TEST(TextFormTest, ALongRunOfMarksIsOrderedAtOnce) {
  std::string text = "a";
  std::string ordered = "\u1EA1";  // with the dot below, which comes first
  for (int i = 0; i < 200'000; ++i) text += i % 2 == 0 ? "\u0307" : "\u0323";
  for (int i = 1; i < 100'000; ++i) ordered += "\u0323";
  for (int i = 0; i < 100'000; ++i) ordered += "\u0307";
  EXPECT_EQ(ComposeNfc(text), ordered);
}

TEST(CharClassTest, CategoriesAreThoseOfUnicode) {
  EXPECT_EQ(ClassOf(U'A'), CharClass::kUpper);
  EXPECT_EQ(ClassOf(U'ß'), CharClass::kLower);
  EXPECT_EQ(ClassOf(U'中'), CharClass::kLetter);
  EXPECT_EQ(ClassOf(U'ǅ'), CharClass::kUpper);
  EXPECT_EQ(ClassOf(0x301), CharClass::kMark);
  EXPECT_EQ(ClassOf(U'½'), CharClass::kNumber);
  EXPECT_EQ(ClassOf(U'。'), CharClass::kPunct);
  EXPECT_EQ(ClassOf(U'€'), CharClass::kSymbol);
  EXPECT_EQ(ClassOf(0x3000), CharClass::kSpace);
  EXPECT_EQ(ClassOf(U'\n'), CharClass::kNewline);
  EXPECT_EQ(ClassOf(0x200B), CharClass::kOther);
  EXPECT_EQ(ClassOf(0xE0100), CharClass::kMark);
  EXPECT_EQ(ClassOf(0x10FFFF), CharClass::kOther);
}

}  // namespace
}  // namespace engine
