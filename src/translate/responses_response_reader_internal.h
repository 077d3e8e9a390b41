#pragma once

#include "base/result.h"
#include "translate/form.h"
#include "translate/responses_item_reader_internal.h"
#include "wire/json_scanner.h"

namespace translate::internal {

// What a response object says beside its output, whether it is a whole answer or part of an event.
struct ResponseFacts {
  JsonText id{};
  JsonText model{};
  JsonText service_tier{};
  std::optional<std::int64_t> created{};
  JsonText status{};
  Finish finish{};  // calls are not looked for
  std::optional<chat::Usage> usage{};
  JsonText error_code{};
  JsonText error_message{};
  wire::JsonValue output{};
};

// Reads a response object; `members` holds it already. Members that only say again what was asked are
// passed over. False: see reader.error().
bool ReadResponseFacts(ItemReader& reader, Members& members, ResponseFacts& facts);

}  // namespace translate::internal
