#pragma once

#include <cstdint>
#include <string_view>

#include "store/sip_hash.h"

namespace budget {

// Hashes what an account is of. One for the process, made in main() and copied: every policy must hash alike,
// or a reload would lose what was spent. Immutable; thread-safe.
class ScopeHash {
 public:
  // From the operating system, so that no caller can choose a name that meets another one's.
  ScopeHash();

  std::uint64_t operator()(std::string_view value) const { return store::SipHash(key_, value)[0]; }

 private:
  store::SipKey key_;
};

}  // namespace budget
