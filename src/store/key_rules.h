#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "store/key_store.h"

namespace store {

// Whether a key may be made as it is asked for. Errors: kInvalid with the field and what it may be.
base::Result<> CheckKey(const NewKey& key, base::WallTime now);

}  // namespace store
