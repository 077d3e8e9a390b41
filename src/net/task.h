#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "base/block_store.h"
#include "base/check.h"

namespace net {

// A coroutine that produces a T. It starts when it is awaited and belongs to the loop that awaits it: it is
// started, resumed and destroyed on that loop's thread only.
//
// A child that finishes without ever waiting costs its parent no suspension, and the stack stays as deep as
// the chain of callers however long a loop of such children runs, in every build mode. (Symmetric transfer
// would need the compiler's tail calls for that, which sanitizer builds do not make.)
template <class T = void>
class Task;

namespace task_internal {

class PromiseBase {
 public:
  // Frames come and go several dozen times a request, in few sizes: see block_store.h.
  static void* operator new(std::size_t bytes) { return base::TakeBlock(bytes); }
  static void operator delete(void* frame, std::size_t bytes) { base::GiveBlock(frame, bytes); }

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseBase& promise = self.promise();
      if (promise.state_ == State::kStarting) {
        promise.state_ = State::kDone;  // the parent is still in await_suspend and goes on by itself
      } else {
        promise.parent_.resume();  // may destroy this coroutine
      }
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

  // Runs `self` until it waits or ends; true when the parent has to be suspended.
  bool StartFor(std::coroutine_handle<> parent, std::coroutine_handle<> self) {
    parent_ = parent;
    self.resume();
    if (state_ == State::kDone) return false;
    state_ = State::kWaiting;
    return true;
  }

 private:
  enum class State : unsigned char { kStarting, kWaiting, kDone };
  std::coroutine_handle<> parent_;
  State state_ = State::kStarting;
};

template <class T>
class Promise : public PromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T Take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void Take() const noexcept {}
};

}  // namespace task_internal

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_internal::Promise<T>;

  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> parent) { return handle_.promise().StartFor(parent, handle_); }
  T await_resume() { return handle_.promise().Take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace task_internal {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

inline Detached RunDetached(Task<void> task) {
  co_await std::move(task);
}

}  // namespace task_internal

// Starts `task` at once on the calling loop and lets it run to its end by itself.
inline void Spawn(Task<void> task) {
  task_internal::RunDetached(std::move(task));
}

// A place where one coroutine waits until somebody on the same loop calls Notify. A notice that comes first
// is kept for the next wait.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // What is awaited is this and not the event: g++ 12 copies an awaited operand that is a captured reference.
  struct Waiting {
    Event& event;
    bool await_ready() const noexcept { return std::exchange(event.notified_, false); }
    void await_suspend(std::coroutine_handle<> waiter) const noexcept {
      CHECK(!event.waiter_);
      event.waiter_ = waiter;
    }
    void await_resume() const noexcept {}
  };
  Waiting operator co_await() noexcept { return {*this}; }

  void Notify() {
    if (waiter_) {
      std::exchange(waiter_, nullptr).resume();
    } else {
      notified_ = true;
    }
  }

 private:
  std::coroutine_handle<> waiter_;
  bool notified_ = false;
};

}  // namespace net
