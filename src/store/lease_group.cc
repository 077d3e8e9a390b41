#include "store/lease_group.h"

#include "base/check.h"
#include "store/lease_codec_internal.h"
#include "store/segment_internal.h"

namespace store {

static_assert(LeaseGroup::kBytesMax >= RecordBytes(kLeaseBytesMax));

LeaseGroup::LeaseGroup() : bytes_(std::make_unique_for_overwrite<char[]>(kBytesMax)) {}
LeaseGroup::~LeaseGroup() = default;

bool LeaseGroup::HasRoom() const {
  return kBytesMax - used_ >= RecordBytes(kLeaseBytesMax);
}

void LeaseGroup::Add(const LeaseRecord& lease) {
  CHECK(HasRoom());
  char* const payload = bytes_.get() + used_ + kRecordHeaderBytes;
  payloads_.push_back(EncodeLease(lease, {}, std::span<char, kLeaseBytesMax>(payload, kLeaseBytesMax)));
  used_ += RecordBytes(payloads_.back());
}

void LeaseGroup::Clear() {
  used_ = 0;
  payloads_.clear();
}

}  // namespace store
