#pragma once

#include "translate/json_text.h"

namespace translate::internal {

// OpenAI's word for the capacity that served an answer, in chat and in Responses. Messages has another one
// for the usual kind.
inline JsonText OpenaiTier(JsonText tier) {
  return tier.Is("standard") ? JsonText{"default"} : tier;
}

}  // namespace translate::internal
