#include "translate/call_id_internal.h"

#include "translate/chat_writer_internal.h"

namespace translate::internal {

std::string MadeCallId(JsonText id, std::size_t max) {
  return Hashed(id.Plain()).substr(0, max);
}

}  // namespace translate::internal
