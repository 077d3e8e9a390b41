#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/guarded.h"

namespace routing {

// What became of one attempt, as far as the next step depends on it.
enum class Outcome : std::uint8_t {
  kAnswered,        // a good answer, or one that is the caller's own fault and would be the same elsewhere
  kUnreachable,     // no connection, or it broke before an answer began
  kTimedOut,        // connect or first byte took too long
  kOverloaded,      // 408, 409, 425, 429
  kServerError,     // 5xx, or an answer that is broken before its first byte went to the client
  kKeyRefused,      // 401, 402, 403: our key, not the caller's request
  kAccountRefused,  // 401, 403: an account that the caller named beside our key
  kNoRoom,          // no free place within the queue's time
  kStopped,         // the client is gone, its deadline has passed, or we are going down
};

// What a status means; 200 to 299 and the caller's own mistakes are kAnswered.
Outcome OutcomeOf(int status);

// Whether somebody else, or the same provider later, might do better.
bool WorthAnotherTry(Outcome outcome);

struct RetryPolicy {
  std::uint64_t basis_points = 2000;  // extra calls allowed, of the last minute's calls
  std::uint64_t extra_min = 10;       // but so many in any minute

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

// Counts the calls of the last 60 seconds that one provider caused, and how many of them were extra, so that
// an outage is not answered with twice the load. Thread-safe.
class RetryBudget {
 public:
  RetryBudget(const base::Clock& clock, RetryPolicy policy) : clock_(clock), policy_(policy) {}

  // A first attempt, at a time that the caller knows anyway. Takes no lock but once a second.
  void CountCall(base::MonoTime now);
  bool HasExtra() const;  // whether one more would be allowed now
  bool TakeExtra();       // counts and allows one more, or refuses

 private:
  static constexpr std::size_t kSeconds = 60;
  struct Second {
    std::int64_t at = -1;
    std::uint64_t calls = 0;
    std::uint64_t extra = 0;
  };
  using Minute = std::array<Second, kSeconds>;

  static std::int64_t SecondOf(base::MonoTime time);
  static Second& At(Minute& minute, std::int64_t second);
  bool Allows(const Minute& minute, std::int64_t now) const;
  void BeginSecond(std::int64_t second);

  const base::Clock& clock_;
  const RetryPolicy policy_;
  std::atomic<std::int64_t> fresh_second_{0};  // in which fresh_ is counted; only BeginSecond changes it
  std::atomic<std::uint64_t> fresh_{0};        // first attempts that minute_ does not know yet
  base::Guarded<Minute> minute_;
};

}  // namespace routing
