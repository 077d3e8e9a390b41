#include "routing/retry.h"

#include <algorithm>

namespace routing {

Outcome OutcomeOf(int status) {
  switch (status) {
    case 401:
    case 402:
    case 403:
      return Outcome::kKeyRefused;
    case 408:
    case 409:
    case 425:
    case 429:
      return Outcome::kOverloaded;
    default:
      // A redirect is nothing a caller could use: it names another host, which our key is not for.
      return status >= 500 || (status >= 300 && status < 400) ? Outcome::kServerError : Outcome::kAnswered;
  }
}

bool WorthAnotherTry(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswered:
    case Outcome::kAccountRefused:
    case Outcome::kStopped:
      return false;
    case Outcome::kUnreachable:
    case Outcome::kTimedOut:
    case Outcome::kOverloaded:
    case Outcome::kServerError:
    case Outcome::kKeyRefused:
    case Outcome::kNoRoom:
      return true;
  }
  return false;
}

std::int64_t RetryBudget::SecondOf(base::MonoTime time) {
  return time.time_since_epoch() / std::chrono::seconds(1);
}

bool RetryBudget::Allows(const Minute& minute, std::int64_t now) const {
  const auto is_past = [now](std::int64_t second) {
    return now - second >= static_cast<std::int64_t>(kSeconds);
  };
  std::uint64_t calls =
      is_past(fresh_second_.load(std::memory_order_relaxed)) ? 0 : fresh_.load(std::memory_order_relaxed);
  std::uint64_t extra = 0;
  for (const Second& second : minute) {
    if (is_past(second.at)) continue;
    calls += second.calls;
    extra += second.extra;
  }
  return extra < std::max(policy_.extra_min, calls * policy_.basis_points / 10'000);
}

RetryBudget::Second& RetryBudget::At(Minute& minute, std::int64_t second) {
  Second& slot = minute[static_cast<std::size_t>(second) % kSeconds];
  if (slot.at != second) slot = {.at = second};
  return slot;
}

// A call that another thread counts for the second before, at this very moment, falls into the new one.
void RetryBudget::BeginSecond(std::int64_t second) {
  minute_.With([&](Minute& minute) {
    const std::int64_t before = fresh_second_.load(std::memory_order_relaxed);
    if (before >= second) return;  // another thread was first
    const std::uint64_t calls = fresh_.exchange(0, std::memory_order_relaxed);
    // A minute later the place of that second is another one's.
    if (second - before < static_cast<std::int64_t>(kSeconds)) At(minute, before).calls += calls;
    fresh_second_.store(second, std::memory_order_release);
  });
}

void RetryBudget::CountCall(base::MonoTime now) {
  const std::int64_t second = SecondOf(now);
  if (fresh_second_.load(std::memory_order_acquire) < second) BeginSecond(second);
  fresh_.fetch_add(1, std::memory_order_relaxed);
}

bool RetryBudget::HasExtra() const {
  return minute_.With([this](const Minute& minute) { return Allows(minute, SecondOf(clock_.Now())); });
}

bool RetryBudget::TakeExtra() {
  return minute_.With([this](Minute& minute) {
    const std::int64_t now = SecondOf(clock_.Now());
    if (!Allows(minute, now)) return false;
    ++At(minute, now).extra;
    return true;
  });
}

}  // namespace routing
