#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace base {

// Bytes that grow at the end and are not cleared first: a body as it comes in. Moves, does not copy.
class Buffer {
 public:
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
  void Grow(std::size_t needed) {
    const std::size_t capacity = needed > 2 * capacity_ ? needed : 2 * capacity_;
    std::unique_ptr<char[]> larger(new char[capacity]);
    if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace base
