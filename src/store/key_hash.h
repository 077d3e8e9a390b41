#pragma once

#include <string_view>

#include "store/key_record.h"

namespace store {

// SHA-256 of a key's secret. Thread-safe.
KeyHash HashSecret(std::string_view secret);

}  // namespace store
