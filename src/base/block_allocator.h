#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/block_store.h"

namespace base {

// The block store as the allocator of a container, for text and lists that live as long as one request: they
// cost what a coroutine frame costs and never ask the process's allocator. Thread-safe as the store is.
template <class T>
struct BlockAllocator {
  using value_type = T;

  BlockAllocator() = default;
  template <class U>
  BlockAllocator(const BlockAllocator<U>&) noexcept {}  // NOLINT: allocators convert

  T* allocate(std::size_t count) { return static_cast<T*>(TakeBlock(count * sizeof(T))); }
  void deallocate(T* block, std::size_t count) noexcept { GiveBlock(block, count * sizeof(T)); }

  friend bool operator==(const BlockAllocator&, const BlockAllocator&) { return true; }
};

using BlockString = std::basic_string<char, std::char_traits<char>, BlockAllocator<char>>;
template <class T>
using BlockVector = std::vector<T, BlockAllocator<T>>;

}  // namespace base
