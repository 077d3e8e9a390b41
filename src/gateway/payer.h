#pragma once

#include <string_view>

#include "base/block_allocator.h"
#include "budget/spender.h"
#include "gateway/attribution.h"
#include "gateway/record.h"

namespace gateway {

// For whom a request is charged, as budgets and limits see it: its key's, and what it says of itself. Belongs
// to its request. Stays where it is: the spender is of its bytes, and of what is given here.
class Payer {
 public:
  Payer() = default;
  Payer(const Payer&) = delete;
  Payer& operator=(const Payer&) = delete;

  // REQUIRES: the request has been read. Both outlive it, and change no more in what is taken of them.
  void Read(const RequestRecord& record, const Attribution& attribution);

  const budget::Spender& spender() const { return spender_; }

 private:
  base::BlockVector<base::BlockString> tags_;
  base::BlockVector<std::string_view> tag_views_;
  budget::Spender spender_;
};

}  // namespace gateway
