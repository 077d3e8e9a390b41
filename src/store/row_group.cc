#include "store/row_group.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "store/row_codec.h"
#include "store/row_hash.h"
#include "store/segment_internal.h"

namespace store {
namespace {

constexpr std::size_t kBytesMax = 256 * base::KiB;  // only what rows need of it is ever touched
static_assert(kBytesMax >= kRecordBytesMax);

}  // namespace

RowGroup::RowGroup() : bytes_(std::make_unique_for_overwrite<char[]>(kBytesMax)) {}
RowGroup::~RowGroup() = default;

bool RowGroup::HasRoom() const {
  return kBytesMax - used_ >= kRecordBytesMax;
}

void RowGroup::Add(const LedgerRow& row, std::span<const PriceDefinition> prices) {
  CHECK(HasRoom());
  char* const record = bytes_.get() + used_;
  const std::size_t payload =
      EncodeRow(row, std::span<char, kRowBytesMax>(record + kRecordHeaderBytes, kRowBytesMax));
  rows_.push_back({used_, payload, RowHash(row.request_id)});
  used_ += RecordBytes(payload);
  for (const PriceDefinition& price : prices) {
    const bool known = std::any_of(prices_.begin(), prices_.end(), [&price](const PriceDefinition& held) {
      return held.version == price.version;
    });
    if (!known) prices_.push_back(price);
  }
}

void RowGroup::Clear() {
  used_ = 0;
  rows_.clear();
  prices_.clear();
}

}  // namespace store
