#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace base {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s (a bug in sluice; please report this line)\n", file, line,
               condition);
  std::abort();
}

}  // namespace base
