// Whatever bytes come as a request, an answer or a stream of Anthropic Messages. What is said in Messages'
// own words is read again, and said again it is the same.

#include <cstdint>

#include "translate_checks.h"

namespace {

using chat::Operation;

void CheckOwnRequest(const translate::Target& target, const std::string& said, bool whole) {
  const auto again = translate::ReadMessagesRequest(said);
  CHECK(again.has_value());
  const bool same_ids = said.find("\"sluice_") == std::string::npos;  // an id of ours is made anew
  if (whole && same_ids) CHECK(fuzz::Say(*again, target, whole) == said);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const translate::Request caller;
  const translate::Between between{.request = caller,
                                   .provider = Operation::kMessages,
                                   .flavour = chat::Flavour::kAnthropic,
                                   .request_id = "r"};
  fuzz::CheckRequest(Operation::kMessages, bytes, CheckOwnRequest);
  fuzz::CheckAnswer(bytes, between);
  const std::string own = fuzz::CheckStream(bytes, between);
  const bool good = own.find("event: error") == std::string::npos;  // errors have a code besides
  if (good && own.size() < fuzz::kFrameMax) CHECK(fuzz::CheckStream(own, between) == own);
  return 0;
}
