#include "engine/estimator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"

namespace engine {
namespace {

using Factors = std::array<double, kTextClasses>;

// What a provider that nobody knows makes of each class: far from what is expected first.
constexpr Factors kTruth = {1.10, 0.22, 0.33, 0.95, 0.20, 1.60, 0.90, 1.50};

std::string Repeat(const std::vector<std::string>& words, std::uint64_t count, base::Random& random) {
  std::string text;
  for (std::uint64_t i = 0; i < count; ++i) text += words[random.Below(words.size())];
  return text;
}

// A text that is mostly of one kind, as requests are.
TextClasses SomeText(base::Random& random) {
  static const std::vector<std::string> kEnglish = {"the ",      "gateway ", "answers, ",
                                                    "quickly. ", "of ",      "12 "};
  static const std::vector<std::string> kChinese = {"你好", "，", "世界", "今天天气很好", "。", "3"};
  static const std::vector<std::string> kCode = {"  if (x1) {\n", "    return y;\n", "}\n", "// why\n",
                                                 "int a = 7;"};
  static const std::vector<std::string> kOther = {"Größe ", "привет ", "한국어 ", "🎉"};
  const std::array kinds = {&kEnglish, &kChinese, &kCode, &kOther};
  TextClasses classes;
  classes.Add(Repeat(*kinds[random.Below(kinds.size())], 20 + random.Below(200), random));
  classes.Add(Repeat(*kinds[random.Below(kinds.size())], random.Below(40), random));
  return classes;
}

double TrueCount(const Factors& factors, const TextClasses& text) {
  double sum = 0;
  for (std::size_t i = 0; i < kTextClasses; ++i) {
    sum += factors[i] * static_cast<double>(text[static_cast<TextClass>(i)]);
  }
  return sum;
}

// The provider's count, uneven by up to `noise` of it.
std::int64_t Reported(const TextClasses& text, base::Random& random, double noise) {
  return std::llround(TrueCount(kTruth, text) * (1 + noise * (2 * random.Uniform() - 1)));
}

double MeanError(const Estimator& estimator, base::Random& random, int texts) {
  double sum = 0;
  for (int i = 0; i < texts; ++i) {
    const TextClasses text = SomeText(random);
    const double truth = TrueCount(kTruth, text);
    sum += std::abs(static_cast<double>(estimator.Estimate("p", "m", text)) - truth) / truth;
  }
  return sum / texts;
}

class EstimatorSeedTest : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(EstimatorSeedTest, TheErrorFallsToTheNoiseOfWhatIsReported) {
  base::Random random(GetParam());
  Estimator estimator;
  const double before = MeanError(estimator, random, 100);
  for (int i = 0; i < 300; ++i) {
    const TextClasses text = SomeText(random);
    estimator.Learn("p", "m", text, Reported(text, random, 0.05));
  }
  const double after = MeanError(estimator, random, 100);
  EXPECT_GT(before, 0.2);
  EXPECT_LT(after, 0.03);
  ASSERT_EQ(estimator.Accuracies().size(), 1u);
  EXPECT_EQ(estimator.Accuracies()[0].model, "p/m");
  EXPECT_EQ(estimator.Accuracies()[0].samples, 300);
  EXPECT_LT(estimator.Accuracies()[0].error, 0.06);
}

TEST_P(EstimatorSeedTest, OneAnswerInTwentyThatIsNonsenseDoesLittleHarm) {
  base::Random random(GetParam());
  Estimator estimator;
  for (int i = 0; i < 600; ++i) {
    const TextClasses text = SomeText(random);
    const bool nonsense = random.Below(20) == 0;
    estimator.Learn("p", "m", text, nonsense ? text.bytes() : Reported(text, random, 0.05));
  }
  EXPECT_LT(MeanError(estimator, random, 100), 0.08);
}

TEST_P(EstimatorSeedTest, ATokenizerThatChangesIsFollowed) {
  base::Random random(GetParam());
  Estimator estimator;
  for (int i = 0; i < 2'000; ++i) {
    const TextClasses text = SomeText(random);
    estimator.Learn("p", "m", text, std::max<std::int64_t>(1, Reported(text, random, 0.05) * 2 / 3));
  }
  for (int i = 0; i < 2'000; ++i) {
    const TextClasses text = SomeText(random);
    estimator.Learn("p", "m", text, Reported(text, random, 0.05));
  }
  EXPECT_LT(MeanError(estimator, random, 100), 0.06);
}

TEST_P(EstimatorSeedTest, WhateverIsReportedAnEstimateStaysBetweenOneAndTheBytes) {
  base::Random random(GetParam());
  Estimator estimator;
  for (int i = 0; i < 1'000; ++i) {
    const TextClasses text = SomeText(random);
    estimator.Learn("p", "m", text, static_cast<std::int64_t>(random.Next() >> random.Below(64)));
    const TextClasses other = SomeText(random);
    const std::int64_t estimate = estimator.Estimate("p", "m", other);
    ASSERT_GE(estimate, 1);
    ASSERT_LE(estimate, other.bytes());
  }
  for (const EstimateAccuracy& accuracy : estimator.Accuracies()) EXPECT_TRUE(std::isfinite(accuracy.error));
}

INSTANTIATE_TEST_SUITE_P(Seeds, EstimatorSeedTest, ::testing::Range<std::uint64_t>(1, 9));

TEST(EstimatorTest, AnEmptyTextIsNoTokenAndALetterIsOne) {
  const Estimator estimator;
  EXPECT_EQ(estimator.Estimate("p", "m", TextClasses()), 0);
  TextClasses letter;
  letter.Add("a");
  EXPECT_EQ(estimator.Estimate("p", "m", letter), 1);
}

TEST(EstimatorTest, WhatIsLearntOfEnglishMovesNothingInChinese) {
  Estimator estimator;
  TextClasses english;
  TextClasses chinese;
  for (int i = 0; i < 100; ++i) english.Add("some words ");
  for (int i = 0; i < 100; ++i) chinese.Add("今天天气很好");
  const std::int64_t before = estimator.Estimate("p", "m", chinese);
  for (int i = 0; i < 50; ++i) estimator.Learn("p", "m", english, 600);
  EXPECT_EQ(estimator.Estimate("p", "m", chinese), before);
  EXPECT_NEAR(static_cast<double>(estimator.Estimate("p", "m", english)), 600, 20);
}

TEST(EstimatorTest, ACountThatCannotBeTrueIsLeftOut) {
  Estimator estimator;
  TextClasses text;
  text.Add(std::string(100, 'a'));
  for (const std::int64_t tokens : {-1, 0, 15, 101}) estimator.Learn("p", "m", text, tokens);
  EXPECT_TRUE(estimator.Accuracies().empty());
  for (const std::int64_t tokens : {16, 100}) estimator.Learn("p", "m", text, tokens);
  EXPECT_EQ(estimator.Accuracies()[0].samples, 2);
}

TEST(EstimatorTest, OneModelTooManyTakesThePlaceOfTheOneLearntOfLongestAgo) {
  Estimator estimator;
  TextClasses text;
  text.Add(std::string(100, 'a'));
  for (std::size_t i = 0; i < Estimator::kModelsMax; ++i) estimator.Learn("p", std::to_string(i), text, 50);
  estimator.Learn("p", "0", text, 50);
  EXPECT_EQ(estimator.Accuracies().size(), Estimator::kModelsMax);
  estimator.Learn("p", "new", text, 50);
  const auto accuracies = estimator.Accuracies();
  EXPECT_EQ(accuracies.size(), Estimator::kModelsMax);
  const auto known = [&](std::string_view model) {
    return std::any_of(accuracies.begin(), accuracies.end(), [&](const auto& a) { return a.model == model; });
  };
  EXPECT_TRUE(known("p/new"));
  EXPECT_TRUE(known("p/0"));
  EXPECT_FALSE(known("p/1"));
}

}  // namespace
}  // namespace engine
