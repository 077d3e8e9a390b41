#include "budget/scope_hash.h"

#include <cstring>

#include "base/check.h"
#include "base/random.h"

namespace budget {

ScopeHash::ScopeHash() {
  const std::string bytes = base::SecureRandomBytes(sizeof key_);
  CHECK(bytes.size() == sizeof key_);
  std::memcpy(key_.data(), bytes.data(), sizeof key_);
}

}  // namespace budget
