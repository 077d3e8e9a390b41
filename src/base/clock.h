#pragma once

#include <chrono>
#include <compare>

namespace base {

// Instants of the monotonic clock: for durations and deadlines, meaningless across processes.
struct MonoClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonoClock, duration>;
  static constexpr bool is_steady = true;
};
using MonoTime = MonoClock::time_point;

// Instants of the calendar, UTC, nanoseconds since 1970.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// The only source of time. Everything that needs to know the time is given a Clock by its constructor, so
// that tests move it by hand; base/clock.cc is the only file that reads the machine's.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonoTime Now() const = 0;
  virtual WallTime WallNow() const = 0;
};

// The machine's clocks. Thread-safe.
class SystemClock final : public Clock {
 public:
  MonoTime Now() const override;
  WallTime WallNow() const override;
};

// A clock that stands still until it is told to move. Not thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(WallTime start = WallTime{std::chrono::seconds{1'790'000'000}}) : wall_(start) {}
  MonoTime Now() const override { return mono_; }
  WallTime WallNow() const override { return wall_; }
  void Advance(std::chrono::nanoseconds step) { mono_ += step, wall_ += step; }

 private:
  MonoTime mono_{std::chrono::hours{1}};
  WallTime wall_;
};

}  // namespace base
