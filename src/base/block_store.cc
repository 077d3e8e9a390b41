#include "base/block_store.h"

namespace base::blocks {

constinit thread_local std::array<Shelf, kSizes> shelves;

namespace {

constexpr std::size_t kKeptBytes = 192 * 1024;  // of each size

// Opens the shelves of its thread, and empties and closes them when the thread ends.
class Keeper {
 public:
  Keeper() {
    for (std::size_t size = 0; size < kSizes; ++size) {
      shelves[size].room = static_cast<std::uint32_t>(kKeptBytes / ((size + 1) * kGrain));
    }
  }
  ~Keeper() {
    for (Shelf& shelf : shelves) {
      shelf.room = 0;
      while (Free* const block = shelf.first) {
        shelf.first = block->next;
        ::operator delete(block);
      }
    }
  }
};

}  // namespace

void* TakeFromAllocator(std::size_t bytes) {
  static thread_local Keeper keeper;
  [[maybe_unused]] const Keeper& made = keeper;
  return ::operator new(bytes);
}

}  // namespace base::blocks
