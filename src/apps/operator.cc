#include "apps/operator.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace apps {

std::string OperatorName() {
  std::array<char, 4096> memory{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known = getpwuid_r(geteuid(), &entry, memory.data(), memory.size(), &found) == 0;
  return "cli:" + (known && found != nullptr ? std::string(entry.pw_name) : std::to_string(geteuid()));
}

}  // namespace apps
