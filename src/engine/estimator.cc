#include "engine/estimator.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/model_family.h"

namespace engine {
namespace {

using Factors = std::array<double, kTextClasses>;

// Tokens per character of word, letter, digit, mark, blank, CJK, short, long: fitted to each family's own
// tokenizer over English and Chinese prose, code, and a dozen other scripts (docs/tokens.md).
constexpr Factors kO200kFactors = {0.67, 0.12, 0.60, 0.49, 0.05, 0.80, 0.36, 0.54};
constexpr Factors kCl100kFactors = {0.46, 0.17, 0.60, 0.46, 0.05, 1.15, 0.67, 1.25};
constexpr Factors kDeepSeekFactors = {0.80, 0.10, 0.60, 0.55, 0.05, 0.65, 0.42, 0.62};
constexpr Factors kQwen3Factors = {0.74, 0.10, 1.05, 0.50, 0.05, 0.70, 0.46, 0.83};
constexpr Factors kQwen35Factors = {0.78, 0.10, 1.05, 0.60, 0.05, 0.65, 0.33, 0.39};
// Nothing is known but that their vocabularies are small: rather too many than too few.
constexpr Factors kOtherFactors = {0.75, 0.14, 0.80, 0.60, 0.10, 1.10, 0.60, 1.00};

constexpr double kDoubt = 0.35;     // standard deviation of a first factor, as a share of it
constexpr double kDrift = 0.002;    // and what it may change by from one text to the next
constexpr double kNoise = 0.06;     // standard deviation of a text from its factors, as a share of its tokens
constexpr double kRounding = 2;     // and in tokens: ends of text, marks of the form
constexpr double kFactorRange = 8;  // how far a factor may go from its first value

const Factors& FirstFactors(std::string_view provider, std::string_view model) {
  const std::optional<Family> family = FamilyOf(provider, model);
  if (!family) return kOtherFactors;
  switch (*family) {
    case Family::kO200k:
      return kO200kFactors;
    case Family::kCl100k:
      return kCl100kFactors;
    case Family::kDeepSeek:
      return kDeepSeekFactors;
    case Family::kQwen3:
      return kQwen3Factors;
    case Family::kQwen35:
      return kQwen35Factors;
  }
  return kOtherFactors;
}

std::string Key(std::string_view provider, std::string_view model) {
  std::string key;
  key.reserve(provider.size() + 1 + model.size());
  return key.append(provider).append("/").append(model);
}

}  // namespace

Estimator::Model Estimator::Begin(std::string_view provider, std::string_view model) {
  Model begun{.first = FirstFactors(provider, model), .factors = {}, .covariance = {}, .errors = {}};
  begun.factors = begun.first;
  Doubt(begun);
  return begun;
}

// Of the factors nothing is sure any more.
void Estimator::Doubt(Model& model) {
  model.covariance = {};
  for (std::size_t i = 0; i < kTextClasses; ++i) {
    model.covariance[i][i] = std::pow(kDoubt * model.first[i], 2);
  }
}

double Estimator::Dot(const Vector& factors, const TextClasses& text) {
  double sum = 0;
  for (std::size_t i = 0; i < kTextClasses; ++i) {
    sum += factors[i] * static_cast<double>(text[static_cast<TextClass>(i)]);
  }
  return sum;
}

std::int64_t Estimator::Estimate(std::string_view provider, std::string_view model,
                                 const TextClasses& text) const {
  if (text.bytes() == 0) return 0;
  const std::string key = Key(provider, model);
  const Vector factors = table_.With([&](const Table& table) {
    const auto found = table.models.find(key);
    return found == table.models.end() ? FirstFactors(provider, model) : found->second.factors;
  });
  return std::clamp<std::int64_t>(std::llround(Dot(factors, text)), 1, text.bytes());
}

Estimator::Model& Estimator::Find(Table& table, std::string_view provider, std::string_view model) {
  std::string key = Key(provider, model);
  auto found = table.models.find(key);
  if (found == table.models.end()) {
    if (table.models.size() >= kModelsMax) {
      table.models.erase(
          std::min_element(table.models.begin(), table.models.end(),
                           [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
    }
    found = table.models.emplace(std::move(key), Begin(provider, model)).first;
  }
  found->second.used = ++table.clock;
  return found->second;
}

// One step of the filter. `scaled` is the text's counts over `scale`, and so is the surprise, so that texts
// of every length weigh by their relative error.
void Estimator::Correct(Model& model, const Vector& scaled, double scale, double surprise) {
  for (std::size_t i = 0; i < kTextClasses; ++i) {
    const double most = std::pow(kDoubt * model.first[i], 2);
    const double drift = std::pow(kDrift * model.first[i], 2);
    if (model.covariance[i][i] + drift <= most) model.covariance[i][i] += drift;
  }
  Vector gain{};  // covariance times text: over the variance it is the gain of the filter
  double variance = std::pow(kNoise, 2) + std::pow(kRounding / scale, 2);
  for (std::size_t i = 0; i < kTextClasses; ++i) {
    for (std::size_t j = 0; j < kTextClasses; ++j) gain[i] += model.covariance[i][j] * scaled[j];
    variance += gain[i] * scaled[i];
  }
  const double most = kSurpriseMax * std::sqrt(variance);
  const double step = std::clamp(surprise, -most, most) / variance;
  if (std::abs(surprise) <= most) {
    model.surprises = 0;
  } else {
    model.surprises = surprise > 0 ? std::max(model.surprises, 0) + 1 : std::min(model.surprises, 0) - 1;
  }
  for (std::size_t i = 0; i < kTextClasses; ++i) {
    model.factors[i] = std::clamp(model.factors[i] + gain[i] * step, model.first[i] / kFactorRange,
                                  model.first[i] * kFactorRange);
    for (std::size_t j = 0; j < kTextClasses; ++j) model.covariance[i][j] -= gain[i] * gain[j] / variance;
  }
  if (std::abs(model.surprises) >= kSurprisesInRow) {
    Doubt(model);
    model.surprises = 0;
  }
}

void Estimator::Learn(std::string_view provider, std::string_view model, const TextClasses& text,
                      std::int64_t tokens) {
  if (tokens < kTokensMin || tokens > text.bytes()) return;
  const double truth = static_cast<double>(tokens);
  table_.With([&](Table& table) {
    Model& learnt = Find(table, provider, model);
    const double estimate = Dot(learnt.factors, text);
    learnt.errors[static_cast<std::size_t>(learnt.samples) % kAccuracyWindow] =
        static_cast<float>(std::abs(estimate - truth) / truth);
    ++learnt.samples;
    // Not the truth, which may be nonsense, but what was expected first says how long the text is.
    const double scale = std::max(Dot(learnt.first, text), 1.0);
    Vector scaled;
    for (std::size_t i = 0; i < kTextClasses; ++i) {
      scaled[i] = static_cast<double>(text[static_cast<TextClass>(i)]) / scale;
    }
    Correct(learnt, scaled, scale, (truth - estimate) / scale);
  });
}

std::vector<EstimateAccuracy> Estimator::Accuracies() const {
  return table_.With([](const Table& table) {
    std::vector<EstimateAccuracy> accuracies;
    accuracies.reserve(table.models.size());
    for (const auto& [name, model] : table.models) {
      const auto window = std::min<std::int64_t>(model.samples, kAccuracyWindow);
      double sum = 0;
      for (std::int64_t i = 0; i < window; ++i) sum += model.errors[static_cast<std::size_t>(i)];
      accuracies.push_back({name, model.samples, sum / static_cast<double>(window)});
    }
    return accuracies;
  });
}

}  // namespace engine
