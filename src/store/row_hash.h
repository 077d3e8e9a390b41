#pragma once

#include <cstdint>
#include <string_view>

namespace store {

// Of a request's id, the same for every process: by it the index finds rows.
std::uint64_t RowHash(std::string_view request_id);

}  // namespace store
