#include "wire/json_scanner.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "wire/byte_scan_internal.h"
#include "wire/json_string.h"

namespace wire {
namespace {

std::string Nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

std::string Unescaped(std::string_view inside) {
  std::string text;
  AppendUnescaped(text, inside);
  return text;
}

TEST(JsonScannerTest, AcceptsWellFormedText) {
  for (const char* text :
       {"{}", "[]", "\"\"", "1", "null", " {\"a\" : [1, 2 , {}] , \"b\":\"\"} \r\n\t", "[[],[[]],{}]",
        R"({"a":{"b":{"c":[{"d":[]}]}}})", R"(["\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00"])", "\n\n\n{}",
        "\"\xf0\x9f\x98\x80 \xe4\xbd\xa0\xe5\xa5\xbd\""}) {
    EXPECT_TRUE(ScanJson(text)) << text;
  }
}

TEST(JsonScannerTest, ScalarsThatNobodyReadsPass) {
  for (const char* text : {"1e999", "01", "NaN", "-Infinity", "123456789012345678901234567890", "nulll", "+1",
                           "[1e999,NaN,{\"a\":01}]"}) {
    EXPECT_TRUE(ScanJson(text)) << text;
  }
}

TEST(JsonScannerTest, RefusesBrokenStructure) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[",
                           "]",
                           "{]",
                           "[}",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{,}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\" 1}",
                           "{\"a\":1,}",
                           "{\"a\":1 \"b\":2}",
                           "{a:1}",
                           "{1:1}",
                           "{\"a\":1}}",
                           "[]]",
                           "1 2",
                           "{}{}",
                           "{\"a\":1},",
                           "[\"a]",
                           "\"",
                           "\"\\",
                           "\"\\\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\\x\"",
                           "/**/1",
                           "{'a':1}",
                           "\xef\xbb\xbf{}",
                           "[1]x",
                           "{\"a\"::1}",
                           "[[1]",
                           "{\"a\":[1}",
                           "{\"a\":{\"b\":1]}",
                           "[:]",
                           "{:1}",
                           "[{\"a\":1,}]",
                           "[{,}]"}) {
    EXPECT_FALSE(ScanJson(text)) << text;
  }
}

TEST(JsonScannerTest, RefusesEveryProperPrefixOfAnObject) {
  const std::string text = R"({"a":[1,{"b":"c\u00e9\n"},null],"d":{"e":[]}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ScanJson(std::string_view(text).substr(0, size))) << size;
  }
}

TEST(JsonScannerTest, RefusesRawControlCharactersInStrings) {
  for (int c = 0; c < 0x20; ++c) {
    for (const std::size_t before : {0u, 3u, 15u, 16u, 40u, 100u}) {
      const std::string text =
          "\"" + std::string(before, 'x') + static_cast<char>(c) + std::string(20, 'y') + "\"";
      EXPECT_FALSE(ScanJson(text)) << c;
    }
  }
  EXPECT_TRUE(ScanJson("\"\x7f\""));
}

TEST(JsonScannerTest, RefusesANulBetweenValues) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(ScanJson("[1,\0]"sv));
  EXPECT_FALSE(ScanJson("[]\0"sv));
}

TEST(JsonScannerTest, RefusesWhatIsNotUtf8) {
  for (const char* bad :
       {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xe4\xbd"}) {
    for (const std::size_t before : {0u, 1u, 15u, 31u, 64u, 200u}) {
      const std::string text = "[\"" + std::string(before, 'x') + bad + "\"]";
      EXPECT_FALSE(ScanJson(text)) << before;
      EXPECT_FALSE(ScanJson("{\"" + std::string(before, 'x') + bad + "\":1}")) << before;
    }
  }
  EXPECT_FALSE(ScanJson("[\xc3\xa9]"));  // outside of a string even well-formed UTF-8 has no place
}

TEST(JsonScannerTest, DepthHasALimit) {
  EXPECT_TRUE(ScanJson(Nested(kJsonDepthMax)));
  EXPECT_FALSE(ScanJson(Nested(kJsonDepthMax + 1)));
  EXPECT_TRUE(ScanJson(Nested(3), 3));
  EXPECT_FALSE(ScanJson(Nested(4), 3));
  EXPECT_TRUE(ScanJson("1", 0));
  EXPECT_FALSE(ScanJson("[]", 0));
}

TEST(JsonScannerTest, EnteredLevelsCountAgainstTheDepth) {
  const std::string text = Nested(4);
  JsonCursor cursor(text, 3);
  ASSERT_TRUE(cursor.EnterArray());
  ASSERT_TRUE(cursor.NextElement());
  ASSERT_TRUE(cursor.EnterArray());
  ASSERT_TRUE(cursor.NextElement());
  EXPECT_TRUE(cursor.Take().raw.empty());
  EXPECT_FALSE(cursor.End());
}

TEST(JsonScannerTest, ErrorsNameTheByte) {
  const auto broken = ScanJson("{\"a\":1 \"b\":2}");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, base::Code::kInvalid);
  EXPECT_EQ(broken.error().detail, "the JSON is malformed at byte 7: a comma or } should be here");
}

TEST(JsonScannerTest, ErrorsDoNotRepeatTheText) {
  const auto broken = ScanJson("{\"secret\":\"secret\x01\"}");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().detail.find("secret"), std::string::npos);
}

TEST(JsonScannerTest, KindsAreTold) {
  EXPECT_EQ(ScanJson(" {} ")->kind, JsonKind::kObject);
  EXPECT_EQ(ScanJson("[]")->kind, JsonKind::kArray);
  EXPECT_EQ(ScanJson("\"a\"")->kind, JsonKind::kString);
  EXPECT_EQ(ScanJson("true")->kind, JsonKind::kBoolean);
  EXPECT_EQ(ScanJson("false")->kind, JsonKind::kBoolean);
  EXPECT_EQ(ScanJson("null")->kind, JsonKind::kNull);
  EXPECT_EQ(ScanJson("truee")->kind, JsonKind::kNumber);
  EXPECT_EQ(ScanJson(" {} ")->raw, "{}");
}

TEST(JsonScannerTest, ReadsIntegersStrictly) {
  EXPECT_EQ(ScanJson("0")->Int64(), 0);
  EXPECT_EQ(ScanJson("-0")->Int64(), 0);
  EXPECT_EQ(ScanJson("-7")->Int64(), -7);
  EXPECT_EQ(ScanJson("9223372036854775807")->Int64(), std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"9223372036854775808", "1.0", "1e2", "01", "+1", "--1", "-", "1_000", "0x10",
                           "\"1\"", "null", "true", "NaN", "[1]"}) {
    EXPECT_EQ(ScanJson(text)->Int64(), std::nullopt) << text;
  }
}

TEST(JsonScannerTest, ReadsBooleans) {
  EXPECT_EQ(ScanJson("true")->Bool(), true);
  EXPECT_EQ(ScanJson("false")->Bool(), false);
  EXPECT_EQ(ScanJson("True")->Bool(), std::nullopt);
  EXPECT_EQ(ScanJson("1")->Bool(), std::nullopt);
  EXPECT_EQ(ScanJson("null")->Bool(), std::nullopt);
}

TEST(JsonScannerTest, EmptyArraysMayHoldWhitespace) {
  EXPECT_TRUE(ScanJson("[]")->IsEmptyArray());
  EXPECT_TRUE(ScanJson("[ \n ]")->IsEmptyArray());
  EXPECT_FALSE(ScanJson("[0]")->IsEmptyArray());
  EXPECT_FALSE(ScanJson("{}")->IsEmptyArray());
}

TEST(JsonCursorTest, WalksMembersAndElementsInOnePass) {
  JsonCursor cursor(R"( {"a" : [1, {"b":2}, "x"], "c":{}, "d": {"e":[ ] ,"f":null}} )");
  std::string seen;
  ASSERT_TRUE(cursor.EnterObject());
  while (cursor.NextMember()) {
    seen += std::string(cursor.Key()) + ":";
    if (cursor.KeyIs("a")) {
      ASSERT_TRUE(cursor.EnterArray());
      while (cursor.NextElement()) seen += std::string(cursor.Take().raw) + ";";
    } else if (cursor.EnterObject()) {
      while (cursor.NextMember())
        seen += std::string(cursor.Key()) + "=" + std::string(cursor.Take().raw) + ";";
    }
  }
  EXPECT_TRUE(cursor.End());
  EXPECT_EQ(seen, R"(a:1;{"b":2};"x";c:d:e=[ ];f=null;)");
}

TEST(JsonCursorTest, WhatIsNotTakenIsCheckedAllTheSame) {
  JsonCursor cursor(R"({"a":[1,,2],"b":3})");
  ASSERT_TRUE(cursor.EnterObject());
  std::size_t members = 0;
  while (cursor.NextMember()) ++members;
  EXPECT_EQ(members, 1u);
  EXPECT_TRUE(cursor.Failed());
  EXPECT_FALSE(cursor.End());
}

TEST(JsonCursorTest, EnteringTheWrongKindMovesNothing) {
  JsonCursor cursor("[1]");
  EXPECT_FALSE(cursor.EnterObject());
  EXPECT_FALSE(cursor.AtString());
  EXPECT_TRUE(cursor.AtArray());
  EXPECT_EQ(cursor.Take().raw, "[1]");
  EXPECT_TRUE(cursor.End());
}

TEST(JsonCursorTest, WrongClosersAreFoundInEnteredContainers) {
  JsonCursor object(R"({"a":1])");
  ASSERT_TRUE(object.EnterObject());
  while (object.NextMember()) object.Take();
  EXPECT_FALSE(object.End());
  JsonCursor array("[1}");
  ASSERT_TRUE(array.EnterArray());
  while (array.NextElement()) array.Take();
  EXPECT_FALSE(array.End());
}

TEST(JsonCursorTest, KeysCompareByMeaning) {
  JsonCursor cursor(R"({"mod\u0065l":1,"a\/b":2,"":3,"model":4})");
  ASSERT_TRUE(cursor.EnterObject());
  ASSERT_TRUE(cursor.NextMember());
  EXPECT_TRUE(cursor.KeyHasEscapes());
  EXPECT_TRUE(cursor.KeyIs("model"));
  EXPECT_FALSE(cursor.KeyIs("mode"));
  ASSERT_TRUE(cursor.NextMember());
  EXPECT_TRUE(cursor.KeyIs("a/b"));
  ASSERT_TRUE(cursor.NextMember());
  EXPECT_FALSE(cursor.KeyHasEscapes());
  EXPECT_TRUE(cursor.KeyIs(""));
  ASSERT_TRUE(cursor.NextMember());
  EXPECT_TRUE(cursor.KeyIs("model"));
}

TEST(JsonCursorTest, NeedsNoBytesBehindTheText) {
  for (std::size_t size = 0; size < 200; ++size) {
    // Its own allocation, so that AddressSanitizer sees a read behind the end.
    const std::vector<char> text = [size] {
      const std::string whole = "\"" + std::string(size, 'x') + "\"";
      return std::vector<char>(whole.begin(), whole.end());
    }();
    EXPECT_TRUE(ScanJson({text.data(), text.size()}));
    EXPECT_FALSE(ScanJson({text.data(), text.size() - 1}));
  }
}

TEST(JsonStringTest, UndoesEscapes) {
  EXPECT_EQ(Unescaped(R"(a\"b\\c\/d\b\f\n\r\t)"), "a\"b\\c/d\b\f\n\r\t");
  EXPECT_EQ(Unescaped(R"(\u0041\u00e9\u4f60)"), "A\xc3\xa9\xe4\xbd\xa0");
  EXPECT_EQ(Unescaped(R"(\ud83d\uDE00!)"), "\xf0\x9f\x98\x80!");
  EXPECT_EQ(Unescaped(R"(\u0000)"), std::string(1, '\0'));
}

TEST(JsonStringTest, LoneSurrogatesBecomeReplacementCharacters) {
  EXPECT_EQ(Unescaped(R"(\ud83d)"), "\xef\xbf\xbd");
  EXPECT_EQ(Unescaped(R"(\ude00\ud83d)"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(Unescaped(R"(\ud83dx)"), "\xef\xbf\xbdx");
  EXPECT_EQ(Unescaped(R"(\ud83d\n)"), "\xef\xbf\xbd\n");
  EXPECT_EQ(Unescaped(R"(\ud83d\ud83d\ude00)"), "\xef\xbf\xbd\xf0\x9f\x98\x80");
}

TEST(JsonStringTest, CountsCharactersByMeaning) {
  EXPECT_EQ(CountCharacters(""), 0u);
  EXPECT_EQ(CountCharacters("abc"), 3u);
  EXPECT_EQ(CountCharacters("\xe4\xbd\xa0\xe5\xa5\xbd"), 2u);
  EXPECT_EQ(CountCharacters(R"(a\n\u00e9\ud83d\ude00b)"), 5u);
}

// The fast searches against a byte-by-byte one, over all offsets of short texts.
TEST(ByteScanTest, SearchesAgreeWithTheirPlainTwins) {
  base::Random random(7);
  const std::string alphabet =
      "ab\"\\\n\r\x01\x1f \x7f\xc3\xa9zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";
  for (int round = 0; round < 2000; ++round) {
    std::string text(random.Below(200), ' ');
    const bool sparse = round % 2 == 0;
    for (char& c : text) c = sparse && random.Below(40) != 0 ? 'q' : alphabet[random.Below(alphabet.size())];
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const char* expected = begin;
    bool expected_non_ascii = false;
    for (; expected != end && !internal::EndsStringRun(*expected); ++expected) {
      expected_non_ascii |= static_cast<unsigned char>(*expected) >= 0x80;
    }
    bool fast = false;
    bool plain = false;
    EXPECT_EQ(internal::StringRun(begin, end, fast), expected);
    EXPECT_EQ(internal::PlainStringRun(begin, end, plain), expected);
    EXPECT_TRUE(fast || !expected_non_ascii);
    EXPECT_EQ(plain, expected_non_ascii);
    const std::size_t line = std::min(text.find_first_of("\r\n"), text.size());
    EXPECT_EQ(internal::LineEnd(begin, end), begin + line);
    EXPECT_EQ(internal::PlainLineEnd(begin, end), begin + line);
  }
}

}  // namespace
}  // namespace wire
