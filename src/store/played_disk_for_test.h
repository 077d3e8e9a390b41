#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "store/disk.h"

namespace store {

// The machine's disk without its waits, with less space than it has, and with errors on demand.
class PlayedDisk final : public Disk {
 public:
  int Reserve(int descriptor, std::uint64_t bytes) override {
    if (full) return ENOSPC;
    return disk_.Reserve(descriptor, bytes);
  }
  int Write(int descriptor, std::string_view bytes, std::uint64_t offset) override {
    ++writes;
    if (write_error != 0) {
      // Half of it arrives before the error does.
      (void)disk_.Write(descriptor, bytes.substr(0, bytes.size() / 2), offset);
      return write_error;
    }
    if (full && offset + bytes.size() > full_beyond) return ENOSPC;
    return disk_.Write(descriptor, bytes, offset);
  }
  int Sync(int) override {
    ++syncs;
    return sync_error;
  }

  std::atomic<bool> full{false};
  std::atomic<std::uint64_t> full_beyond{0};  // of each file, while it is full
  std::atomic<int> write_error{0};
  std::atomic<int> sync_error{0};
  std::atomic<int> syncs{0};
  std::atomic<int> writes{0};

 private:
  SystemDisk disk_;
};

}  // namespace store
