#include "engine/token_counter.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <string_view>

#include "base/random.h"
#include "engine/safe_cut.h"
#include "engine/text_form.h"
#include "engine/tiny_vocabulary_for_test.h"

namespace engine {
namespace {

// A folder of tokenizers that goes when the test ends.
class Folder {
 public:
  Folder() {
    std::string pattern = ::testing::TempDir() + "tokensXXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

  void Write(std::string_view name, const std::string& bytes) const {
    std::ofstream(path_ + "/" + std::string(name), std::ios::binary) << bytes;
  }

 private:
  std::string path_;
};

const std::string& TinyFile() {
  static const std::string file = TinyVocabulary(kTinyText, 100).File(Cutting::kDeepSeek);
  return file;
}

// A counter whose DeepSeek tokenizer has been looked for, and what came of it.
struct Looked {
  explicit Looked(const std::string& folder)
      : counter(folder, [this](Family, const base::Result<void>& r) { result.set_value(r); }) {
    counter.Prepare("deepseek", "deepseek-flash");
    found = result.get_future().get();
  }

  std::promise<base::Result<void>> result;
  TokenCounter counter;
  base::Result<void> found;
};

TEST(TokenCounterTest, AWholeTextIsCountedHoweverLongItIs) {
  const Folder folder;
  folder.Write("deepseek.tokens", TinyFile());
  const Looked looked(folder.path());
  std::string text;
  while (text.size() < 3 * TokenCounter::kCountedBytesMax) text += "How long is it? ";
  const auto whole = looked.counter.CountWhole("deepseek", "deepseek-flash", text);
  ASSERT_EQ(whole.has_value(), looked.found.has_value());
  if (!whole) return;
  const auto once = looked.counter.CountWhole("deepseek", "deepseek-flash", "How long is it? ");
  const auto times = static_cast<std::int64_t>(text.size() / 16);
  EXPECT_NEAR(static_cast<double>(*whole), static_cast<double>(*once * times), static_cast<double>(times));
  EXPECT_LE(*whole, static_cast<std::int64_t>(text.size()));
  const std::string without_cuts(2 * TokenCounter::kCountedBytesMax, 'x');
  EXPECT_TRUE(looked.counter.CountWhole("deepseek", "deepseek-flash", without_cuts));
  EXPECT_FALSE(looked.counter.CountWhole("nobody", "nothing", text));
}

TEST(TokenCounterTest, WithoutAFileEverythingIsEstimated) {
  const TokenCounter counter;
  const TokenCount count = counter.Count("deepseek", "deepseek-flash", "How many tokens is this?");
  EXPECT_EQ(count.kind, CountKind::kEstimated);
  EXPECT_GT(count.tokens, 3);
  EXPECT_LT(count.tokens, 12);
  EXPECT_EQ(counter.tokenizers(), 0u);
}

TEST(TokenCounterTest, AModelIsCountedOnceItsTokenizerIsLoaded) {
  const Folder folder;
  folder.Write("deepseek.tokens", TinyFile());
  const Looked looked(folder.path());
  ASSERT_TRUE(looked.found);
  EXPECT_EQ(looked.counter.tokenizers(), 1u);
  const auto tokenizer = Tokenizer::FromFile(folder.path() + "/deepseek.tokens");
  const TokenCount count = looked.counter.Count("deepseek", "any", "the gateway answers");
  EXPECT_EQ(count, (TokenCount{(*tokenizer)->Count("the gateway answers"), CountKind::kCounted}));
  EXPECT_EQ(looked.counter.Count("openai", "claude-5", "the gateway").kind, CountKind::kEstimated);
}

TEST(TokenCounterTest, AFileThatIsMissingOrDamagedIsReportedAndLookedForAgain) {
  const Folder folder;
  const Looked missing(folder.path());
  ASSERT_FALSE(missing.found);
  EXPECT_EQ(missing.found.error().code, base::Code::kNotFound);
  EXPECT_EQ(missing.counter.Count("deepseek", "any", "text").kind, CountKind::kEstimated);

  folder.Write("deepseek.tokens", TinyFile().substr(0, 500));
  const Looked damaged(folder.path());
  ASSERT_FALSE(damaged.found);
  EXPECT_EQ(damaged.found.error().code, base::Code::kInvalid);
}

TEST(TokenCounterTest, AFileThatComesLaterIsFoundWhenItIsLookedForAgain) {
  const Folder folder;
  int reports = 0;
  std::promise<void> first;
  std::promise<void> second;
  TokenCounter counter(folder.path(), [&](Family, const base::Result<void>&) {
    (++reports == 1 ? first : second).set_value();
  });
  counter.Prepare("deepseek", "any");
  first.get_future().get();
  folder.Write("deepseek.tokens", TinyFile());
  auto found = second.get_future();
  while (found.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    counter.LookAgain();  // the first look may be ending just now
    counter.Prepare("deepseek", "any");
  }
  EXPECT_EQ(counter.Count("deepseek", "any", "text").kind, CountKind::kCounted);
}

TEST(SafeCutTest, TheTwoSidesOfACutAreTheTokensOfTheWhole) {
  const Folder folder;
  folder.Write("deepseek.tokens", TinyFile());
  const Looked looked(folder.path());
  const auto tokens = [&looked](std::string_view text) {
    return looked.counter.Count("deepseek", "any", text).tokens;
  };
  base::Random random(5);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    while (text.size() < 300) {
      constexpr std::string_view kParts[] = {"the gateway", " answers", "，网关", "问题。",
                                             " 1234",       "\n",       "don't "};
      text += kParts[random.Below(std::size(kParts))];
    }
    const std::size_t cut = LastSafeCut(text);
    ASSERT_NE(cut, 0u);
    EXPECT_EQ(tokens(std::string_view(text).substr(0, cut)) + tokens(std::string_view(text).substr(cut)),
              tokens(text));
  }
  EXPECT_EQ(LastSafeCut("0123456789"), 0u);
}

TEST(TokenCounterTest, WhatIsBeyondTheLimitIsEstimatedByWhatWasCounted) {
  const Folder folder;
  folder.Write("deepseek.tokens", TinyFile());
  const Looked looked(folder.path());
  std::string text;
  while (text.size() < TokenCounter::kCountedBytesMax) text += "the gateway answers the question ";
  text.resize(TokenCounter::kCountedBytesMax);
  const TokenCount at_limit = looked.counter.Count("deepseek", "any", text);
  EXPECT_EQ(at_limit.kind, CountKind::kCounted);
  const TokenCount beyond = looked.counter.Count("deepseek", "any", text + text);
  EXPECT_EQ(beyond.kind, CountKind::kEstimated);
  EXPECT_NEAR(static_cast<double>(beyond.tokens), 2.0 * static_cast<double>(at_limit.tokens),
              0.01 * static_cast<double>(at_limit.tokens));
}

TEST(TokenCounterTest, WhatIsLearntChangesTheEstimate) {
  TokenCounter counter;
  TextClasses text;
  text.Add(std::string(400, 'x'));
  for (int i = 0; i < 50; ++i) counter.Learn("p", "m", text, 200);
  EXPECT_NEAR(static_cast<double>(counter.Count("p", "m", std::string(400, 'x')).tokens), 200, 10);
  ASSERT_EQ(counter.Accuracies().size(), 1u);
}

TEST(TokenCounterTest, NoTokenizerSeesMoreBytesThanTheUpperBound) {
  EXPECT_EQ(TokenCounter::Upper(""), 0);
  EXPECT_EQ(TokenCounter::Upper("plain"), 5);
  EXPECT_EQ(TokenCounter::Upper("你好"), 6);
  EXPECT_EQ(TokenCounter::Upper("\xFF\xFF"), 6);
  base::Random random(9);
  constexpr std::string_view kParts[] = {"a",      "\xFF",   "\xE4\xBD",   "e\u0301",
                                         "\u0958", "\u0344", "\U0001D160", "\uD558"};
  for (int i = 0; i < 2'000; ++i) {
    std::string text;
    for (std::uint64_t left = random.Below(12); left > 0; --left)
      text += kParts[random.Below(std::size(kParts))];
    const std::string seen = ComposeNfc(RepairUtf8(text));
    ASSERT_LE(static_cast<std::int64_t>(seen.size()), TokenCounter::Upper(text));
  }
}

}  // namespace
}  // namespace engine
