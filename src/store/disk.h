#pragma once

#include <cstdint>
#include <string_view>

namespace store {

// What the journal and its index ask of the file system, so that a test can play one that is full or fails.
// Descriptors are of regular files, open for writing save for Sync. Each gives back 0, or the error's number.
// Thread-safe.
class Disk {
 public:
  virtual ~Disk() = default;

  // Takes the space for the file's first `bytes` without changing its size. All or nothing.
  virtual int Reserve(int descriptor, std::uint64_t bytes) = 0;
  // Writes all of it. After an error some of it may be in the file.
  virtual int Write(int descriptor, std::string_view bytes, std::uint64_t offset) = 0;
  // Returns when what was written is on the medium.
  virtual int Sync(int descriptor) = 0;
};

// The machine's. Where a file system cannot take space ahead, Reserve only looks whether there is enough.
class SystemDisk final : public Disk {
 public:
  int Reserve(int descriptor, std::uint64_t bytes) override;
  int Write(int descriptor, std::string_view bytes, std::uint64_t offset) override;
  int Sync(int descriptor) override;
};

}  // namespace store
