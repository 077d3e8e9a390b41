#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

// How often each duration occurred, in logarithmic buckets: exact below 256, above that within 0.8 % of the
// true value, from 0 to 2^64 - 1, in 60 KB however many values there are. Not thread-safe.
class Histogram {
 public:
  Histogram();

  void Record(std::uint64_t value);
  void Merge(const Histogram& other);

  // The value that `fraction` (0 to 1) of the recorded ones do not exceed: the upper end of its bucket, but
  // never more than Max(). 0 when nothing was recorded.
  std::uint64_t Quantile(double fraction) const;

  std::uint64_t Count() const { return count_; }
  std::uint64_t Min() const { return count_ == 0 ? 0 : min_; }
  std::uint64_t Max() const { return max_; }
  std::uint64_t Mean() const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  std::uint64_t max_ = 0;
  long double sum_ = 0;
};

}  // namespace bench
