#pragma once

#include <chrono>

#include "base/random.h"

namespace sim {

// How fast a model answers. Times are drawn from log-normal distributions around these medians.
struct Pace {
  std::chrono::nanoseconds first_token = std::chrono::milliseconds(300);  // median; zero: at once
  double tokens_per_second = 60;                                          // median; 0: no waiting
  double jitter = 0.25;                                                   // sigma of the logarithm, 0 to 2
};

// The times of one answer, reproducible from its generator.
class Pacer {
 public:
  Pacer(const Pace& pace, base::Random& random);

  // From the request to its first token.
  std::chrono::nanoseconds FirstToken();

  // From one token to the next. The rate of the whole answer is drawn once, each gap wobbles around it.
  std::chrono::nanoseconds Gap();

 private:
  double Draw();  // log-normal with median 1

  Pace pace_;
  base::Random& random_;
  double gap_ns_;
};

}  // namespace sim
