#include "net/frame_store.h"

#include <array>
#include <cstdint>
#include <new>

namespace net::task_internal {
namespace {

constexpr std::size_t kGrain = 128;  // bytes between two sizes
constexpr std::size_t kSizes = 32;
constexpr std::uint32_t kKeptMax = 64;  // of each size

struct Free {
  Free* next;
};

class Store {
 public:
  ~Store() {
    for (Shelf& shelf : shelves_) {
      while (Free* const frame = shelf.first) {
        shelf.first = frame->next;
        ::operator delete(frame);
      }
    }
  }

  void* Take(std::size_t size) {
    Shelf& shelf = shelves_[size];
    Free* const frame = shelf.first;
    if (frame == nullptr) return ::operator new((size + 1) * kGrain);
    shelf.first = frame->next;
    --shelf.kept;
    return frame;
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

void* TakeFrame(std::size_t bytes) {
  const std::size_t size = SizeOf(bytes);
  return size < kSizes ? store.Take(size) : ::operator new(bytes);
}

void GiveFrame(void* frame, std::size_t bytes) {
  const std::size_t size = SizeOf(bytes);
  if (size < kSizes) {
    store.Give(frame, size);
  } else {
    ::operator delete(frame);
  }
}

}  // namespace net::task_internal
