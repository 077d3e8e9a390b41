// Whatever bytes come as a request, an answer or a stream of OpenAI Responses. What is said in Responses' own
// words has to be readable again.

#include <cstdint>

#include "translate_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // On several lines, since the events say it again.
  static const auto request = translate::ReadResponsesRequest(R"({"model":"m","input":"q","metadata":{
    "a":"b"},
    "stream":true})");
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const translate::Between between{
      .request = *request, .provider = chat::Operation::kResponses, .now = 1, .request_id = "req_1"};
  fuzz::CheckRequest(chat::Operation::kResponses, bytes, [](const auto&, const std::string& said, bool) {
    CHECK(translate::ReadResponsesRequest(said).has_value());
  });
  fuzz::CheckAnswer(bytes, between);
  fuzz::CheckStream(fuzz::CheckStream(bytes, between), between);
  return 0;
}
