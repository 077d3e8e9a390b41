#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/key_record.h"

namespace store {

// A key as operators read it, as one JSON object: everything but hashes. What is not there is null or an
// empty list; `old_secret_until` is null unless a former secret works at `now`. With `secret`, which is told
// once, that is a member, too.
std::string KeyJson(const KeyRecord& key, base::WallTime now, std::string_view secret = {});

}  // namespace store
