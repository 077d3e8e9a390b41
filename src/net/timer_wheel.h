#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/clock.h"

namespace net {

class TimerWheel;

// One deadline with what to do then. Setting and cancelling cost a few nanoseconds and no system call, so
// every read may have one: a timer that is set to a later time, or cancelled, stays where it is in the wheel
// until its old time comes, so one that lives as long as a connection and is set for each message is hardly
// ever moved. Belongs to the loop of its wheel; fires at most once per Set, never early by the wheel's clock,
// and at most one tick (10 ms) late. Destroying it cancels it.
class Timer {
 public:
  Timer(TimerWheel& wheel, std::function<void()> on_time) : wheel_(wheel), on_time_(std::move(on_time)) {}
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void SetAfter(std::chrono::nanoseconds delay);
  void SetAt(base::MonoTime when);
  void Cancel() { when_ = kNever; }
  bool pending() const { return when_ != kNever; }

 private:
  friend class TimerWheel;
  static constexpr base::MonoTime kNever = base::MonoTime::max();
  static constexpr std::int64_t kNowhere = -1;

  TimerWheel& wheel_;
  std::function<void()> on_time_;
  base::MonoTime when_ = kNever;
  std::int64_t tick_ = kNowhere;  // when the wheel looks at it, at the latest when it is due
  Timer* next_ = nullptr;         // in its slot
  Timer* previous_ = nullptr;
};

// A hashed timer wheel (Varghese and Lauck 1987, scheme 6): 8,192 slots of 10 ms; a deadline further away
// than one turn (82 s) stays in its slot and is passed over. Belongs to one loop.
class TimerWheel {
 public:
  // `on_earlier` is called when a timer was set that is due before everything NextDue() said before.
  TimerWheel(const base::Clock& clock, std::function<void(base::MonoTime due)> on_earlier);

  // Fires what is due now. Callbacks may set and cancel any timer, also destroy theirs.
  void Advance();

  // A lower bound on the next deadline; nullopt when the wheel is empty. A timer that was cancelled counts
  // until the wheel has come to it.
  std::optional<base::MonoTime> NextDue() const;

  base::MonoTime Now() const { return clock_.Now(); }

 private:
  friend class Timer;
  static constexpr std::size_t kSlots = 8192;
  static constexpr std::chrono::nanoseconds kTick = std::chrono::milliseconds(10);

  static std::int64_t TickOf(base::MonoTime when) { return when.time_since_epoch() / kTick; }
  void Insert(Timer& timer);
  void Remove(Timer& timer);
  void FireSlot(std::size_t slot, base::MonoTime now);
  static std::size_t SlotOf(std::int64_t tick) { return static_cast<std::size_t>(tick) % kSlots; }

  const base::Clock& clock_;
  std::function<void(base::MonoTime)> on_earlier_;
  std::array<Timer*, kSlots> slots_{};
  std::array<std::uint64_t, kSlots / 64> occupied_{};  // one bit a slot
  std::int64_t tick_;                                  // every slot before this tick has been looked at
  base::MonoTime promised_ = base::MonoTime::max();    // what NextDue() last told `on_earlier_`
  Timer* firing_next_ = nullptr;                       // the walk of FireSlot, kept valid by Remove
};

}  // namespace net
