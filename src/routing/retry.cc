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

std::int64_t RetryBudget::Now() const {
  return clock_.Now().time_since_epoch() / std::chrono::seconds(1);
}

bool RetryBudget::Allows(const Minute& minute) const {
  const std::int64_t now = Now();
  std::uint64_t calls = 0;
  std::uint64_t extra = 0;
  for (const Second& second : minute) {
    if (now - second.at >= static_cast<std::int64_t>(kSeconds)) continue;
    calls += second.calls;
    extra += second.extra;
  }
  return extra < std::max(policy_.extra_min, calls * policy_.basis_points / 10'000);
}

RetryBudget::Second& RetryBudget::Current(Minute& minute) const {
  const std::int64_t now = Now();
  Second& slot = minute[static_cast<std::size_t>(now) % kSeconds];
  if (slot.at != now) slot = {.at = now};
  return slot;
}

void RetryBudget::CountCall() {
  minute_.With([this](Minute& minute) { ++Current(minute).calls; });
}

bool RetryBudget::HasExtra() const {
  return minute_.With([this](const Minute& minute) { return Allows(minute); });
}

bool RetryBudget::TakeExtra() {
  return minute_.With([this](Minute& minute) {
    if (!Allows(minute)) return false;
    ++Current(minute).extra;
    return true;
  });
}

}  // namespace routing
