#pragma once

#include <string_view>

namespace wire {

// Whether `needle` stands anywhere in `text`. For looking for a rare word in every byte of traffic: up to
// sixty-four bytes a step, where the first and the last byte of the needle are compared at once. REQUIRES:
// needle is not empty.
bool Contains(std::string_view text, std::string_view needle);

}  // namespace wire
