#include "base/clock.h"

namespace base {

MonoTime SystemClock::Now() const {
  return MonoTime{std::chrono::steady_clock::now().time_since_epoch()};
}

WallTime SystemClock::WallNow() const {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

}  // namespace base
