#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "store/lease_record.h"

namespace store {

// A lease as it stands in its log; `origin` is the one of an earlier place that it takes the place of.
std::size_t EncodeLease(const LeaseRecord& lease, LeaseTicket origin, std::span<char, kLeaseBytesMax> out);

struct DecodedLease {
  LeaseTicket origin;
  LeaseRecord lease;  // of the payload and, its tags, of `tags`
};
// None: it is not a lease, or one of a later Sluice.
std::optional<DecodedLease> DecodeLease(std::string_view payload, std::vector<std::string_view>& tags);

inline constexpr std::size_t kLeaseEndBytesMax = 20;
std::size_t EncodeLeaseEnd(LeaseTicket ended, char* out);
std::optional<LeaseTicket> DecodeLeaseEnd(std::string_view payload);

}  // namespace store
