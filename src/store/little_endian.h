#pragma once

#include <bit>
#include <cstring>
#include <string>

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

// Behind what is there.
template <class T>
void Append(std::string& out, T value) {
  out.resize(out.size() + sizeof value);
  Put(out.data() + out.size() - sizeof value, value);
}

}  // namespace store
