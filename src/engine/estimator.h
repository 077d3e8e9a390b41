#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "engine/text_classes.h"

namespace engine {

// How well the estimates of one model were, before each was learnt from.
struct EstimateAccuracy {
  std::string model;         // "provider/model"
  std::int64_t samples = 0;  // learnt from since it is known
  double error = 0;          // mean of |estimate - truth| / truth over the last kAccuracyWindow of them
};

// Tokens of a text by counting characters: a factor for each model and class of character, begun from what is
// known of its family and corrected by every true count (a Kalman filter whose state is the factors). Since
// the factors belong to classes, what is learnt of an English text moves nothing in the estimate of a Chinese
// one.
//
// Thread-safe: one lock, held for about a microsecond; no I/O, and memory has a bound. A surprise counts no
// more than kSurpriseMax standard deviations, unless kSurprisesInRow of them agree: then the model is not
// what it was, and is learnt anew. No factor leaves [1/8, 8] times the one it began with: a provider's
// nonsense cannot spoil a model for good.
class Estimator {
 public:
  static constexpr std::size_t kModelsMax = 256;  // the one not asked for longest makes room for a new one
  static constexpr std::size_t kAccuracyWindow = 128;
  static constexpr double kSurpriseMax = 3;
  static constexpr int kSurprisesInRow = 4;
  static constexpr std::int64_t kTokensMin = 16;  // a smaller true count teaches nothing

  // At least 1 for a text that is not empty; never more than its bytes.
  std::int64_t Estimate(std::string_view provider, std::string_view model, const TextClasses& text) const;

  // `tokens`: the provider's own count for exactly that text, without what a prompt's form adds. What cannot
  // be true (none, more than bytes) is left out.
  void Learn(std::string_view provider, std::string_view model, const TextClasses& text, std::int64_t tokens);

  // Models that were learnt of, by name.
  std::vector<EstimateAccuracy> Accuracies() const;

 private:
  using Vector = std::array<double, kTextClasses>;
  struct Model {
    Vector first;    // the factors it began with
    Vector factors;  // tokens per character
    std::array<Vector, kTextClasses> covariance;
    std::array<float, kAccuracyWindow> errors;
    std::int64_t samples = 0;
    int surprises = 0;       // in a row, too large ones; negative: that came out smaller than expected
    std::uint64_t used = 0;  // the table's clock when it was learnt of last
  };
  struct Table {
    std::map<std::string, Model, std::less<>> models;
    std::uint64_t clock = 0;
  };

  static Model Begin(std::string_view provider, std::string_view model);
  static void Doubt(Model& model);
  static double Dot(const Vector& factors, const TextClasses& text);
  static void Correct(Model& model, const Vector& scaled, double scale, double surprise);
  static Model& Find(Table& table, std::string_view provider, std::string_view model);

  base::Guarded<Table> table_;
};

}  // namespace engine
