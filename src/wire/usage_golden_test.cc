// The golden table of usage, tests/golden/usage/*.json: what a provider says about the tokens of an answer,
// in every spelling and with every mistake that has been billed somewhere, beside the buckets that it means.
// A case has an answer, a stream or both, which then must mean the same.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include "wire/sse.h"
#include "wire/usage_notes.h"

namespace wire {
namespace {

struct Case {
  std::string name;
  chat::Operation operation = chat::Operation::kChat;
  std::string answer;               // empty: none
  std::vector<std::string> stream;  // payloads, or comments that begin with ':'
  std::optional<chat::Usage> usage;
  std::string service_tier;

  friend std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }
};

chat::Usage ReadBuckets(std::string_view object) {
  chat::Usage usage;
  JsonCursor cursor(object);
  EXPECT_TRUE(cursor.EnterObject()) << object;
  while (cursor.NextMember()) {
    bool known = false;
    for (std::size_t i = 0; i < chat::kMeters; ++i) {
      const auto meter = static_cast<chat::Meter>(i);
      if (!cursor.KeyIs(chat::Name(meter))) continue;
      usage[meter] = cursor.Take().Int64().value();
      known = true;
    }
    EXPECT_TRUE(known) << object;
  }
  return usage;
}

chat::Operation ReadOperation(const JsonValue& word) {
  if (word.TextIs("completion")) return chat::Operation::kCompletion;
  if (word.TextIs("embedding")) return chat::Operation::kEmbedding;
  if (word.TextIs("responses")) return chat::Operation::kResponses;
  if (word.TextIs("messages")) return chat::Operation::kMessages;
  EXPECT_TRUE(word.TextIs("chat")) << word.raw;
  return chat::Operation::kChat;
}

Case ReadCase(JsonCursor& cursor) {
  Case read;
  bool inconsistent = false;
  EXPECT_TRUE(cursor.EnterObject());
  while (cursor.NextMember()) {
    if (cursor.KeyIs("case")) {
      read.name = cursor.Take().Text();
    } else if (cursor.KeyIs("operation")) {
      read.operation = ReadOperation(cursor.Take());
    } else if (cursor.KeyIs("answer")) {
      read.answer = cursor.Take().raw;
    } else if (cursor.KeyIs("stream")) {
      EXPECT_TRUE(cursor.EnterArray());
      while (cursor.NextElement()) {
        const JsonValue event = cursor.Take();
        read.stream.emplace_back(event.IsString() ? event.Text() : std::string(event.raw));
      }
    } else if (cursor.KeyIs("usage")) {
      if (const JsonValue value = cursor.Take(); value.IsObject()) read.usage = ReadBuckets(value.raw);
    } else if (cursor.KeyIs("inconsistent")) {
      inconsistent = cursor.Take().Bool().value();
    } else if (cursor.KeyIs("service_tier")) {
      read.service_tier = cursor.Take().Text();
    }
  }
  if (read.usage) read.usage->inconsistent = inconsistent;
  return read;
}

std::vector<Case> ReadTable() {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(GOLDEN_USAGE)) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  std::vector<Case> table;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    JsonCursor cursor(text);
    EXPECT_TRUE(cursor.EnterArray()) << path;
    while (cursor.NextElement()) {
      table.push_back(ReadCase(cursor));
      table.back().name.insert(0, path.stem().string() + ": ");
    }
    EXPECT_TRUE(cursor.End()) << path;
  }
  return table;
}

std::string WriteStream(const std::vector<std::string>& events) {
  std::string text;
  for (const std::string& event : events) text += (event.starts_with(':') ? "" : "data: ") + event + "\n\n";
  return text;
}

void Check(const Case& expected, const UsageNotes& notes, std::string_view last_usage) {
  EXPECT_EQ(notes.Read(), expected.usage);
  EXPECT_EQ(notes.service_tier(), expected.service_tier);
  if (!expected.usage) return;
  EXPECT_NE(notes.Verbatim().find(last_usage), std::string_view::npos) << notes.Verbatim();
  EXPECT_TRUE(ScanJson(notes.Verbatim())) << notes.Verbatim();
}

class UsageGoldenTest : public testing::TestWithParam<Case> {};

TEST_P(UsageGoldenTest, MeansTheseBuckets) {
  const Case& expected = GetParam();
  SCOPED_TRACE(expected.name);
  ASSERT_TRUE(!expected.answer.empty() || !expected.stream.empty());
  const chat::Dialect dialect = chat::DialectOf(expected.operation);
  if (!expected.answer.empty()) {
    UsageNotes notes(dialect);
    const auto facts = ReadAnswer(expected.operation, expected.answer);
    ASSERT_TRUE(facts);
    notes.Learn(*facts);
    Check(expected, notes, facts->usage);
  }
  if (!expected.stream.empty()) {
    UsageNotes notes(dialect);
    std::string last_usage;
    SseFramer framer(1024 * 1024);
    const std::string text = WriteStream(expected.stream);
    framer.Feed(text);
    while (const auto frame = framer.Next()) {
      if (frame->kind == SseKind::kComment) continue;
      const auto facts = ReadFrame(expected.operation, *frame);
      ASSERT_TRUE(facts) << frame->bytes;
      notes.Learn(*facts);
      if (facts->usage.size() > 2) last_usage = facts->usage;
    }
    Check(expected, notes, last_usage);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, UsageGoldenTest, testing::ValuesIn(ReadTable()));

TEST(UsageGoldenTableTest, IsThere) {
  EXPECT_GE(ReadTable().size(), 60U);
}

}  // namespace
}  // namespace wire
