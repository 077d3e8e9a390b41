#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/guarded.h"

namespace telemetry {

inline constexpr std::size_t kCacheLine = 64;
inline constexpr std::size_t kBoundsMax = 31;            // of one histogram
inline constexpr std::size_t kLabelsMax = 8;             // of one family
inline constexpr std::size_t kLabelValueBytesMax = 256;  // a longer value counts as "other"

// A number that only grows. Thread-safe.
class alignas(kCacheLine) Counter {
 public:
  void Add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t Value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// A number that goes up and down. Thread-safe.
class alignas(kCacheLine) Gauge {
 public:
  void Set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(std::int64_t difference) { value_.fetch_add(difference, std::memory_order_relaxed); }
  std::int64_t Value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// How often a duration fell into which bucket. Bounds are inclusive upper ends, ascending. Thread-safe.
class alignas(kCacheLine) Histogram {
 public:
  explicit Histogram(std::span<const std::chrono::nanoseconds> bounds) : bounds_(bounds) {}

  // A negative duration counts as zero.
  void Observe(std::chrono::nanoseconds duration) {
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), duration) - bounds_.begin();
    counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    if (duration.count() > 0) {
      nanoseconds_.fetch_add(static_cast<std::uint64_t>(duration.count()), std::memory_order_relaxed);
    }
  }

  std::span<const std::chrono::nanoseconds> Bounds() const { return bounds_; }
  std::uint64_t InBucket(std::size_t bucket) const { return counts_[bucket].load(std::memory_order_relaxed); }
  std::uint64_t Count() const;  // of all observations
  std::uint64_t SumNanoseconds() const { return nanoseconds_.load(std::memory_order_relaxed); }

 private:
  std::span<const std::chrono::nanoseconds> bounds_;  // the family's
  std::atomic<std::uint64_t> nanoseconds_{0};
  std::array<std::atomic<std::uint64_t>, kBoundsMax + 1> counts_{};
};

// Bounds for whole requests (1 ms to 10 min) and for what Sluice itself adds (5 us to 1 s).
std::vector<std::chrono::nanoseconds> RequestBounds();
std::vector<std::chrono::nanoseconds> OverheadBounds();

struct FamilyOptions {
  std::string name;                                 // [a-zA-Z_:][a-zA-Z0-9_:]*, a public contract
  std::string help;                                 // one sentence
  std::vector<std::string> labels{};                // their names; empty: one series, there from the start
  std::vector<std::vector<std::string>> initial{};  // label values of series that exist from the start with 0
  std::size_t series_max = 1000;                    // then, all labels are "other"
};

// What the registry asks of each family; not for callers.
class FamilyWriter {
 public:
  virtual ~FamilyWriter() = default;
  virtual void Append(std::string& out) = 0;
};

// The series of one metric, told apart by label values. Thread-safe. Owned by its Registry.
template <class Cell>
class Family final : public FamilyWriter {
 public:
  Family(FamilyOptions options, std::vector<std::chrono::nanoseconds> bounds, Counter& dropped);

  // The series with these label values, in the order of the declared labels; made when it is new. The
  // reference stays valid as long as the registry: where values are fixed, keep it. Beyond series_max, or
  // when a value is too long or not UTF-8, it is the series whose values are all "other".
  // REQUIRES: as many values as labels.
  Cell& With(std::span<const std::string_view> values);
  Cell& With(std::initializer_list<std::string_view> values) {
    return With(std::span<const std::string_view>(values.begin(), values.size()));
  }

  void Append(std::string& out) override;

 private:
  using Values = std::vector<std::string>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::span<const std::string_view> values) const;
    std::size_t operator()(const Values& values) const;
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Values& a, const Values& b) const { return a == b; }
    bool operator()(std::span<const std::string_view> a, const Values& b) const {
      return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }
  };
  using Series = std::unordered_map<Values, std::unique_ptr<Cell>, Hash, Equal>;

  Cell& Insert(Series& series, Values values) const;
  Cell& InsertNew(Series& series, std::span<const std::string_view> values);

  const FamilyOptions options_;
  const std::vector<std::chrono::nanoseconds> bounds_;
  Counter& dropped_;
  // The series looked up last, which most often is the next one too. Series are never taken away and their
  // values never change, so whoever loads the pointer may read behind it without the lock.
  std::atomic<const typename Series::value_type*> recent_{nullptr};
  base::Guarded<Series> series_;
};

// All metrics of one process, and sluice_metric_series_dropped_total: look-ups that ended at "other".
// Thread-safe. Declaring a name twice, or a malformed name, is a bug (CHECK).
class Registry {
 public:
  enum class Kind { kCounter, kGauge };

  Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Family<Counter>& AddCounter(FamilyOptions options);
  Family<Gauge>& AddGauge(FamilyOptions options);
  // REQUIRES: 1 to kBoundsMax ascending bounds.
  Family<Histogram>& AddHistogram(FamilyOptions options, std::vector<std::chrono::nanoseconds> bounds);

  // One series whose value is asked for at each scrape, from the scraping thread. What `value` captures
  // outlives the registry.
  void AddCallback(Kind kind, std::string name, std::string help, std::function<double()> value);

  // A series for each value of one label, asked for in the same way. At most `series_max` are shown, and none
  // whose value is too long or not UTF-8. REQUIRES: each value once.
  using Series = std::vector<std::pair<std::string, double>>;
  void AddCallback(Kind kind, std::string name, std::string help, std::string label,
                   std::function<Series()> series, std::size_t series_max = 1000);

  // Prometheus text format 0.0.4: families by name, series by label values.
  std::string Exposition() const;

 private:
  template <class Cell>
  Family<Cell>& Insert(FamilyOptions options, std::vector<std::chrono::nanoseconds> bounds);
  void Insert(std::string name, std::unique_ptr<FamilyWriter> family);

  Counter dropped_;
  base::Guarded<std::map<std::string, std::unique_ptr<FamilyWriter>>> families_;
};

// The Content-Type of Exposition().
inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace telemetry
