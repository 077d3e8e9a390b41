#pragma once

#include <bit>
#include <cstring>

// Numbers of a fixed size as they stand in files: the lowest byte first.

namespace store {

static_assert(std::endian::native == std::endian::little);

template <class T>
void Put(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <class T>
T Get(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

}  // namespace store
