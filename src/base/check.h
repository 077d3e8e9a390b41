#pragma once

// CHECK(condition): an assertion about our own code, on in every build. What a client, a provider, a file or
// the network can cause is a base::Result and never a CHECK.

namespace base {

[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace base

#define CHECK(condition)                                   \
  do {                                                     \
    if (!(condition)) [[unlikely]] {                       \
      ::base::CheckFailed(#condition, __FILE__, __LINE__); \
    }                                                      \
  } while (false)
