#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "base/thread_annotations.h"

namespace base {

// std::mutex that clang's thread-safety analysis can see.
class CAPABILITY("mutex") Mutex {
 public:
  void Lock() ACQUIRE() { mutex_.lock(); }
  void Unlock() RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A value that can be reached only under its own lock.
//
//   Guarded<Totals> totals_;
//   totals_.With([&](Totals& t) { t.spent += cost; });
//
// Thread-safe. Keep what runs inside short: no I/O, no other lock.
template <class T>
class Guarded {
 public:
  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  template <class F>
  decltype(auto) With(F&& f) {
    MutexLock lock(mutex_);
    return std::forward<F>(f)(value_);
  }

  template <class F>
  decltype(auto) With(F&& f) const {
    MutexLock lock(mutex_);
    return std::forward<F>(f)(std::as_const(value_));
  }

 private:
  mutable Mutex mutex_;
  T value_ GUARDED_BY(mutex_);
};

// Read-mostly state as an immutable value that is replaced whole: readers keep the one they loaded.
// Thread-safe. (Not std::atomic<std::shared_ptr>: ThreadSanitizer reports a race inside libstdc++ 12's.)
template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  std::shared_ptr<const T> Load() const {
    return value_.With([](const std::shared_ptr<const T>& value) { return value; });
  }

  void Store(std::shared_ptr<const T> value) {
    value_.With([&](std::shared_ptr<const T>& current) { current.swap(value); });
    version_.fetch_add(1, std::memory_order_release);
  }

  // Differs from what it was before once a Store has returned.
  std::uint64_t Version() const { return version_.load(std::memory_order_acquire); }

 private:
  Guarded<std::shared_ptr<const T>> value_;
  std::atomic<std::uint64_t> version_{0};
};

// The newest value of a snapshot for one thread that asks often: takes the snapshot's lock only after a
// Store. Belongs to its thread and keeps the value it gave last; the snapshot outlives it.
template <class T>
class SnapshotReader {
 public:
  explicit SnapshotReader(const Snapshot<T>& snapshot) : snapshot_(snapshot) {}

  const std::shared_ptr<const T>& Get() {
    const std::uint64_t version = snapshot_.Version();  // before the load: a newer value does no harm
    if (value_ == nullptr || version != version_) {
      value_ = snapshot_.Load();
      version_ = version;
    }
    return value_;
  }

 private:
  const Snapshot<T>& snapshot_;
  std::shared_ptr<const T> value_;
  std::uint64_t version_ = 0;
};

}  // namespace base
