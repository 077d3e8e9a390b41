#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "pricing/price.h"

namespace pricing {

// All that a version says as one line of JSON, at most 16 KiB, for a ledger to keep beside the rows that use
// it. Money stands as pico-units for 1,000,000.
std::string WriteVersion(const PriceVersion& version);

// The version that WriteVersion wrote, equal in every member. Members that are not known are passed over, so
// that an older program reads a newer line. Errors: kInvalid.
base::Result<PriceVersion> ReadVersion(std::string_view text);

}  // namespace pricing
