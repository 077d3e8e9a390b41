#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace base {

namespace blocks {

inline constexpr std::size_t kGrain = 128;  // bytes between two sizes
#if defined(__SANITIZE_ADDRESS__)
inline constexpr std::size_t kSizes = 0;
#elif defined(__has_feature)  // clang says it this way
inline constexpr std::size_t kSizes = __has_feature(address_sanitizer) ? 0 : 32;
#else
inline constexpr std::size_t kSizes = 32;
#endif

struct Free {
  Free* next;
};

// The blocks of one size that a thread keeps, and how many more it would.
struct Shelf {
  Free* first = nullptr;
  std::uint32_t room = 0;  // none until the thread has asked the allocator for a block
};

// Made without running anything, so that reaching for it costs no look whether it is there.
extern constinit thread_local std::array<Shelf, kSizes> shelves;

void* TakeFromAllocator(std::size_t bytes);

constexpr std::size_t SizeOf(std::size_t bytes) {
  return (bytes - 1) / kGrain;
}

}  // namespace blocks

// Memory for what comes and goes many times a request on one loop: coroutine frames, bodies, header text. A
// thread that has taken blocks keeps those it is given for its next ones of about that size, so a loop soon
// runs without asking the allocator. At most 192 KiB of each of 32 sizes up to 4 KiB are kept a thread;
// larger ones are the allocator's. Thread-safe; a block may be given back by another thread. Under the
// address sanitizer nothing is kept, so that it sees what is used after its end.

// Never null; at least `bytes`, aligned as operator new does.
inline void* TakeBlock(std::size_t bytes) {
  const std::size_t size = blocks::SizeOf(bytes);
  if (size >= blocks::kSizes) return ::operator new(bytes);
  blocks::Shelf& shelf = blocks::shelves[size];
  blocks::Free* const block = shelf.first;
  if (block == nullptr) return blocks::TakeFromAllocator((size + 1) * blocks::kGrain);
  shelf.first = block->next;
  ++shelf.room;
  return block;
}

// The same number of bytes; null is let pass.
inline void GiveBlock(void* block, std::size_t bytes) {
  const std::size_t size = blocks::SizeOf(bytes);
  if (block == nullptr || size >= blocks::kSizes || blocks::shelves[size].room == 0)
    return ::operator delete(block);
  blocks::Shelf& shelf = blocks::shelves[size];
  --shelf.room;
  shelf.first = new (block) blocks::Free{shelf.first};
}

}  // namespace base
