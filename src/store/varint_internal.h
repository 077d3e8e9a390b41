#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/money.h"
#include "chat/usage.h"

// Numbers as they stand in the journal's rows and the index's sums: seven bits a byte, the lowest first; near
// zero is short, on both sides.

namespace store {

__extension__ using UInt128 = unsigned __int128;

inline constexpr std::size_t kVarintBytesMax = 10;
inline constexpr std::size_t kWideVarintBytesMax = 19;
inline constexpr std::size_t kUsageBytesMax = (1 + chat::kMeters) * kVarintBytesMax;

// Writes into memory that its user knows to be large enough.
class Encoder {
 public:
  explicit Encoder(char* begin) : begin_(begin), at_(begin) {}

  void Byte(std::uint8_t byte) { *at_++ = static_cast<char>(byte); }
  void Bytes(std::string_view bytes) { at_ += bytes.copy(at_, bytes.size()); }
  template <std::unsigned_integral T>
  void Varint(T value) {
    for (; value >= 0x80; value = static_cast<T>(value >> 7)) Byte(static_cast<std::uint8_t>(value | 0x80));
    Byte(static_cast<std::uint8_t>(value));
  }
  void Signed(std::int64_t value) {
    Varint(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  void Wide(base::Int128 value) {
    auto left = static_cast<UInt128>(value) << 1 ^ static_cast<UInt128>(value >> 127);
    for (; left >= 0x80; left >>= 7) Byte(static_cast<std::uint8_t>(left | 0x80));
    Byte(static_cast<std::uint8_t>(left));
  }
  // Which meters are not 0, then these.
  void Usage(const chat::Usage& usage);

  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* const begin_;
  char* at_;
};

// Reads on even behind the end, where it finds zeros: whoever reads asks once, at the end, whether that was
// so.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  std::uint8_t Byte() {
    if (at_ == end_) return Break();
    return static_cast<std::uint8_t>(*at_++);
  }
  std::string_view Bytes(std::uint64_t count) {
    if (count > static_cast<std::uint64_t>(end_ - at_)) {
      Break();
      return {};
    }
    const std::string_view bytes(at_, count);
    at_ += count;
    return bytes;
  }
  std::uint64_t Varint() {
    const std::uint8_t first = Byte();
    return first < 0x80 ? first : Rest<std::uint64_t, 64>(first);
  }
  std::int64_t Signed() {
    const std::uint64_t value = Varint();
    return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
  }
  base::Int128 Wide() {
    const std::uint8_t first = Byte();
    const UInt128 value = first < 0x80 ? first : Rest<UInt128, 128>(first);
    return static_cast<base::Int128>(value >> 1 ^ (UInt128{0} - (value & 1)));
  }
  // A number below `limit`.
  std::size_t Below(std::size_t limit) {
    const std::uint64_t value = Varint();
    return value < limit ? value : Break();
  }
  // REQUIRES: all meters of `usage` are 0.
  void Usage(chat::Usage& usage);

  // From here on there is nothing to be read. Gives back 0.
  std::uint8_t Break() {
    broken_ = true;
    at_ = end_;
    return 0;
  }
  bool broken() const { return broken_; }
  bool at_end() const { return at_ == end_; }

 private:
  template <class T, unsigned kBits>
  T Rest(std::uint8_t first) {
    T value = first & 0x7f;
    for (unsigned shift = 7;; shift += 7) {
      const T byte = Byte();
      const T seven = byte & 0x7f;
      if (shift >= kBits || (seven << shift) >> shift != seven) return Break();
      value |= seven << shift;
      if (byte < 0x80) return value;
    }
  }

  const char* at_;
  const char* const end_;
  bool broken_ = false;
};

}  // namespace store
