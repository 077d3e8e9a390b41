#include <bit>

#include "store/varint_internal.h"

namespace store {

void Encoder::Usage(const chat::Usage& usage) {
  std::uint32_t used = 0;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    if (usage[static_cast<chat::Meter>(i)] != 0) used |= 1U << i;
  }
  Varint(used);
  for (; used != 0; used &= used - 1) Signed(usage[static_cast<chat::Meter>(std::countr_zero(used))]);
}

void Decoder::Usage(chat::Usage& usage) {
  for (std::uint64_t used = Below(std::size_t{1} << chat::kMeters); used != 0; used &= used - 1) {
    usage[static_cast<chat::Meter>(std::countr_zero(used))] = Signed();
  }
}

}  // namespace store
