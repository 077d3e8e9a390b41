#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"

namespace store {

inline constexpr std::size_t kLeaseBytesMax = 16 * 1024;  // of one encoded lease
inline constexpr std::size_t kLeaseTagsMax = 16;
inline constexpr std::size_t kLeaseTextBytesMax = 512;  // of one text; a longer one is cut

// What was promised for one call before it was made, with all that decides in which budgets it counts. Views
// are borrowed: from the request while it is written, from the log while it is read.
struct LeaseRecord {
  std::string_view request_id;
  base::WallTime started;
  std::string_view org;
  std::string_view team;
  std::string_view project;
  std::string_view key_id;
  std::string_view user;
  std::string_view session;
  std::string_view provider;
  std::string_view model;  // "provider/model"
  std::string_view asked_model;
  std::span<const std::string_view> tags;  // "name=value"; at most kLeaseTagsMax
  base::Money amount;
};

// Which lease of a log. The default is none.
struct LeaseTicket {
  std::uint64_t segment = 0;
  std::uint32_t ordinal = 0;

  friend auto operator<=>(const LeaseTicket&, const LeaseTicket&) = default;
};

// A lease that an earlier process left without an end. It owns what its record is of.
class LeftLease {
 public:
  // REQUIRES: `payload` can be decoded.
  LeftLease(LeaseTicket ticket, bool unsettled, std::string payload);
  LeftLease(LeftLease&&) noexcept = default;
  LeftLease& operator=(LeftLease&&) noexcept = default;

  LeaseTicket ticket() const { return ticket_; }
  // Whether a start after its own found no row for it: then none will come by itself.
  bool unsettled() const { return unsettled_; }
  LeaseRecord record() const;  // of this

 private:
  LeaseTicket ticket_;
  bool unsettled_;
  std::vector<char> payload_;  // not a string: the views in `tags_` must stay when this moves
  std::vector<std::string_view> tags_;
};

}  // namespace store
