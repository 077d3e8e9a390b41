#pragma once

#include <cstdint>

#include "bench/load_options.h"
#include "bench/load_result.h"

namespace bench {

// Reads what the measured tree, this program and the machine have spent, at both ends of the interval, and
// the tree's memory in between. Not thread-safe.
class Meter {
 public:
  explicit Meter(const LoadOptions& options) : options_(options) {}

  void Begin();
  void Sample(std::uint64_t at_ms, LoadResult& result) const;  // one memory sample; a day's worth at most
  void End(LoadResult& result) const;                          // REQUIRES: Begin

 private:
  struct Reading {
    std::uint64_t peer = 0;
    std::uint64_t own = 0;
    std::uint64_t others = 0;
    std::uint64_t machine = 0;
  };
  Reading Read() const;

  const LoadOptions& options_;
  Reading start_;
};

}  // namespace bench
