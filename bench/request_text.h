#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/load_options.h"

namespace bench {

// The bytes of one chat request, head and body. The prompt is filled up so that the body has about
// `body_bytes`; `max_tokens` 0 leaves the field out.
std::string RequestText(const LoadOptions& options, std::size_t body_bytes, std::uint64_t max_tokens);

}  // namespace bench
