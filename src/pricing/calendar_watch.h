#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "config/settings.h"
#include "pricing/book.h"

namespace pricing {

// Tells the operator of a running gateway which prices end with a calendar of holidays before long
// (EndingCalendars): whenever a book or settings are put in force, and again each day. Thread-safe.
class CalendarWatch {
 public:
  // `tell` is called by whoever calls; `clock` outlives it.
  CalendarWatch(const base::Clock& clock, std::function<void(const std::string& sentence)> tell)
      : clock_(clock), tell_(std::move(tell)) {}

  void Use(std::shared_ptr<const Book> book, std::shared_ptr<const config::Settings> settings);
  void Use(std::shared_ptr<const Book> book);  // with the settings of before
  // To be called now and then: looks when the last look is a day old.
  void Look();

 private:
  struct State {
    std::shared_ptr<const Book> book{};  // null: nothing to look at yet
    std::shared_ptr<const config::Settings> settings{};
    base::MonoTime next{};
  };
  void LookNow(State& state) const;

  const base::Clock& clock_;
  const std::function<void(const std::string& sentence)> tell_;
  base::Guarded<State> state_;
};

}  // namespace pricing
