// If a request is accepted, splicing it gives a request that is accepted, names the new model, asks for usage
// if it is a stream, and has the caller's bytes everywhere else.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "wire/json_scanner.h"
#include "wire/request.h"
#include "wire/splice.h"

namespace {

constexpr std::string_view kModel = "another/\"model\"";

void CheckPieces(const wire::RequestView& request, const wire::SplicedBody& spliced) {
  const std::string_view body = request.body;
  std::size_t at = 0;
  std::size_t given_way = 0;
  std::size_t total = 0;
  for (std::size_t i = 0; i < spliced.Pieces(); ++i) {
    const std::string_view piece = spliced.Piece(i);
    total += piece.size();
    if (piece.data() < body.data() || piece.data() > body.data() + body.size()) continue;
    const auto offset = static_cast<std::size_t>(piece.data() - body.data());
    CHECK(offset >= at);
    given_way += offset - at;
    at = offset + piece.size();
  }
  CHECK(at == body.size());
  CHECK(total == spliced.Bytes());
  std::size_t expected = request.model == kModel ? 0 : request.model_value.raw.size();
  const bool forced = request.stream && !request.include_usage && request.stream_options;
  if (forced && request.stream_options->IsNull()) expected += 4;
  if (forced && request.include_usage_value) expected += request.include_usage_value->raw.size();
  CHECK(given_way == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto operation :
       {chat::Operation::kChat, chat::Operation::kCompletion, chat::Operation::kEmbedding,
        chat::Operation::kResponses, chat::Operation::kMessages}) {
    const auto request = wire::ParseRequest(operation, body);
    if (!request) {
      CHECK(!request.error().detail.empty() && request.error().detail.size() < 300);
      continue;
    }
    CHECK(wire::ScanJson(body) && base::IsUtf8(body));
    const auto spliced = wire::Splice(*request, {.model = kModel, .force_usage = true});
    CheckPieces(*request, spliced);
    const std::string joined = spliced.Join();
    const auto again = wire::ParseRequest(operation, joined);
    CHECK(again);
    CHECK(again->model == kModel && again->stream == request->stream);
    CHECK(again->include_usage == request->stream);
    CHECK(again->prompt == request->prompt && again->OutputLimit() == request->OutputLimit());
    CHECK(wire::Splice(*again, {.model = kModel, .force_usage = true}).Untouched());
  }
  return 0;
}
