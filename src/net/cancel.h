#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "base/result.h"

namespace net {

// Tells everything that works for one request that its result is no longer wanted, and why: kCancelled when
// the client hung up, kTimeout when its deadline passed, kUnavailable when the process is going down.
// Belongs to one loop; fires at most once; outlives its hooks.
class Cancel {
 public:
  // Runs a callback when the cancel fires; destroying the hook withdraws it. A hook on a cancel that has
  // already fired never runs: whoever makes one looks at why() first.
  class Hook {
   public:
    Hook(Cancel& cancel, std::function<void(base::Code)> on_cancel)
        : cancel_(cancel), on_cancel_(std::move(on_cancel)), next_(cancel.first_) {
      if (next_ != nullptr) next_->previous_ = this;
      cancel_.first_ = this;
    }
    ~Hook() {
      if (cancel_.walk_ == this) cancel_.walk_ = next_;
      if (previous_ != nullptr) previous_->next_ = next_;
      if (next_ != nullptr) next_->previous_ = previous_;
      if (cancel_.first_ == this) cancel_.first_ = next_;
    }
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

   private:
    friend class Cancel;
    Cancel& cancel_;
    std::function<void(base::Code)> on_cancel_;
    Hook* next_;
    Hook* previous_ = nullptr;
  };

  Cancel() = default;
  ~Cancel() {
    if (destroyed_ != nullptr) *destroyed_ = true;
  }
  Cancel(const Cancel&) = delete;
  Cancel& operator=(const Cancel&) = delete;

  // A callback may end whatever it belongs to: its own hook, any other, and this object itself.
  void Fire(base::Code why) {
    if (why_) return;
    why_ = why;
    bool destroyed = false;
    destroyed_ = &destroyed;
    for (Hook* hook = first_; hook != nullptr; hook = walk_) {
      walk_ = hook->next_;
      const std::function<void(base::Code)> on_cancel = hook->on_cancel_;
      on_cancel(why);
      if (destroyed) return;
    }
    destroyed_ = nullptr;
  }

  std::optional<base::Code> why() const { return why_; }

 private:
  Hook* first_ = nullptr;
  Hook* walk_ = nullptr;
  bool* destroyed_ = nullptr;  // while firing: where the destructor says so
  std::optional<base::Code> why_;
};

}  // namespace net
