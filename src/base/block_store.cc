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

class Store {
 public:
  ~Store() {
    for (Shelf& shelf : shelves_) {
      while (Free* const block = shelf.first) {
        shelf.first = block->next;
        ::operator delete(block);
      }
    }
  }

  void* Take(std::size_t size) {
    Shelf& shelf = shelves_[size];
    Free* const block = shelf.first;
    if (block == nullptr) return ::operator new((size + 1) * kGrain);
    shelf.first = block->next;
    --shelf.kept;
    return block;
  }

  void Give(void* memory, std::size_t size) {
    Shelf& shelf = shelves_[size];
    if (shelf.kept == kKeptMax) return ::operator delete(memory);
    ++shelf.kept;
    shelf.first = new (memory) Free{shelf.first};
  }

 private:
  struct Shelf {
    Free* first = nullptr;
    std::uint32_t kept = 0;
  };
  std::array<Shelf, kSizes> shelves_;
};

thread_local Store store;

std::size_t SizeOf(std::size_t bytes) {
  return (bytes - 1) / kGrain;
}

}  // namespace

void* TakeBlock(std::size_t bytes) {
  const std::size_t size = SizeOf(bytes);
  return size < kSizes ? store.Take(size) : ::operator new(bytes);
}

void GiveBlock(void* block, std::size_t bytes) {
  const std::size_t size = SizeOf(bytes);
  if (block != nullptr && size < kSizes) {
    store.Give(block, size);
  } else {
    ::operator delete(block);
  }
}

}  // namespace base
