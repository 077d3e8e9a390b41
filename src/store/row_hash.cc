#include "store/row_hash.h"

#include "store/sip_hash.h"

namespace store {

std::uint64_t RowHash(std::string_view request_id) {
  constexpr SipKey kKey{0x7365637265747320, 0x617265206e6f7420};  // ids are our own: nobody chooses them
  return SipHash(kKey, request_id)[0];
}

}  // namespace store
