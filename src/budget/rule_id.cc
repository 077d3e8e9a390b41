#include <string>

#include "budget/rule_id_internal.h"
#include "store/sip_hash.h"

namespace budget {

std::uint64_t RuleId(std::initializer_list<std::string_view> words) {
  // The key is no secret: the words are the operator's own.
  constexpr store::SipKey kKey{0x736c756963652d31, 0x72756c652d696473};
  std::string text;
  for (const std::string_view word : words) text.append(word).push_back('\0');
  return store::SipHash(kKey, text)[0];
}

}  // namespace budget
