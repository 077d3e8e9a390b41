// Whatever bytes come as a request, an answer or a stream of chat completions.

#include <cstdint>

#include "translate_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzz::CheckRequest(chat::Operation::kChat, bytes, [](const auto&, const std::string&, bool) {});
  for (const bool legacy : {false, true}) {
    translate::Request caller;
    caller.include_usage = true;
    caller.legacy_calls = legacy;
    const translate::Between between{
        .request = caller, .provider = chat::Operation::kChat, .request_id = "r"};
    fuzz::CheckAnswer(bytes, between);
    fuzz::CheckStream(bytes, between);
  }
  return 0;
}
