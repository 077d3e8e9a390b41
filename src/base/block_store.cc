#include "base/block_store.h"

#include <array>
#include <cstdint>
#include <new>

namespace base {
namespace {

constexpr std::size_t kGrain = 128;  // bytes between two sizes
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kSizes = 0;
#elif defined(__has_feature)  // clang says it this way
constexpr std::size_t kSizes = __has_feature(address_sanitizer) ? 0 : 32;
#else
constexpr std::size_t kSizes = 32;
#endif
constexpr std::uint32_t kKeptMax = 64;  // of each size

struct Free {
  Free* next;
};

// Closed, that is full, as long as its thread has no keeper.
struct Shelf {
  Free* first = nullptr;
  std::uint32_t kept = kKeptMax;
};

// What a thread keeps. Made without running anything, so that reaching for it costs no look whether it is
// there.
constinit thread_local std::array<Shelf, kSizes> shelves;

// Opens the shelves of its thread, and empties and closes them when the thread ends.
class Keeper {
 public:
  Keeper() {
    for (Shelf& shelf : shelves) shelf.kept = 0;
  }
  ~Keeper() {
    for (Shelf& shelf : shelves) {
      while (Free* const block = shelf.first) {
        shelf.first = block->next;
        ::operator delete(block);
      }
      shelf.kept = kKeptMax;
    }
  }
};

[[gnu::noinline]] void* TakeFromAllocator(std::size_t bytes) {
  static thread_local Keeper keeper;
  [[maybe_unused]] const Keeper& made = keeper;
  return ::operator new(bytes);
}

std::size_t SizeOf(std::size_t bytes) {
  return (bytes - 1) / kGrain;
}

}  // namespace

void* TakeBlock(std::size_t bytes) {
  const std::size_t size = SizeOf(bytes);
  if (size >= kSizes) return ::operator new(bytes);
  Shelf& shelf = shelves[size];
  Free* const block = shelf.first;
  if (block == nullptr) return TakeFromAllocator((size + 1) * kGrain);
  shelf.first = block->next;
  --shelf.kept;
  return block;
}

void GiveBlock(void* block, std::size_t bytes) {
  const std::size_t size = SizeOf(bytes);
  if (block == nullptr || size >= kSizes || shelves[size].kept == kKeptMax) return ::operator delete(block);
  Shelf& shelf = shelves[size];
  ++shelf.kept;
  shelf.first = new (block) Free{shelf.first};
}

}  // namespace base
