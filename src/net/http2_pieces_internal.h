#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace net {

// What one side of a stream has still to send, handed to the library as its windows have room. The pieces and
// what they point at outlive this, or are let go by Clear. Belongs to its loop.
class Http2Pieces {
 public:
  Http2Pieces() = default;
  // All of `pieces` but the first `skipped` bytes. REQUIRES: these lie in the first piece.
  explicit Http2Pieces(std::span<const std::string_view> pieces, std::size_t skipped = 0)
      : pieces_(pieces), first_offset_(skipped) {
    for (const std::string_view piece : pieces) left_ += piece.size();
    left_ -= skipped;
  }

  bool empty() const { return left_ == 0; }
  void Clear() { *this = Http2Pieces(); }

  // Fills `room` from the front; returns how many bytes of it.
  std::size_t Take(std::span<std::uint8_t> room) {
    std::size_t taken = 0;
    while (taken < room.size() && left_ > 0) {
      const std::string_view piece = pieces_.front().substr(first_offset_);
      const std::size_t size = std::min(piece.size(), room.size() - taken);
      if (size > 0) std::memcpy(room.data() + taken, piece.data(), size);
      taken += size;
      left_ -= size;
      first_offset_ += size;
      if (size == piece.size()) {
        pieces_ = pieces_.subspan(1);
        first_offset_ = 0;
      }
    }
    return taken;
  }

 private:
  std::span<const std::string_view> pieces_;
  std::size_t first_offset_ = 0;  // of the first piece: what has been taken of it
  std::size_t left_ = 0;          // bytes of all pieces
};

}  // namespace net
