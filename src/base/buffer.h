#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/block_store.h"

namespace base {

// Bytes that grow at the end and are not cleared first: a body as it comes in. Moves, does not copy; what
// was moved from is empty.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { Swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer taken(std::move(other));
    Swap(taken);
    return *this;
  }

  std::string_view view() const { return {data_.get(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void Clear() { size_ = 0; }

  // Room for `count` more bytes behind the last; the bytes count once they are committed.
  std::span<char> Room(std::size_t count) {
    if (capacity_ - size_ < count) Grow(size_ + count);
    return {data_.get() + size_, capacity_ - size_};
  }
  void Commit(std::size_t count) { size_ += count; }

  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(Room(bytes.size()).data(), bytes.data(), bytes.size());
    size_ += bytes.size();
  }

 private:
  struct Give {
    std::size_t bytes;
    void operator()(char* block) const { GiveBlock(block, bytes); }
  };

  void Swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  void Grow(std::size_t needed) {
    const std::size_t capacity = needed > 2 * capacity_ ? needed : 2 * capacity_;
    std::unique_ptr<char, Give> larger(static_cast<char*>(TakeBlock(capacity)), Give{capacity});
    if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char, Give> data_{nullptr, Give{0}};
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace base
