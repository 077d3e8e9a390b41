// Whatever request is accepted and whoever it is for: what is left when other families' thoughts are taken
// out is a request that is accepted too, asks for the same, is shorter, and has nothing more to be taken out.
// And whatever such a request's answer is, marking whose thoughts are in it keeps it well formed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "translate/carried.h"
#include "translate/losses.h"
#include "translate/marked.h"
#include "translate/strip.h"
#include "wire/json_scanner.h"
#include "wire/request.h"

namespace {

using chat::Flavour;
using chat::Operation;

void CheckStripped(const wire::RequestView& request, Flavour flavour) {
  const auto stripped = translate::StripForeign(request.operation, flavour, "box", request.body);
  if (!stripped) return;
  CHECK(stripped->body.size() < request.body.size());
  CHECK(wire::ScanJson(stripped->body).has_value() && base::IsUtf8(stripped->body));
  const auto again = wire::ParseRequest(request.operation, stripped->body);
  CHECK(again.has_value());
  CHECK(again->model == request.model && again->stream == request.stream && again->tools == request.tools);
  CHECK(again->OutputLimit() == request.OutputLimit() && again->metadata == request.metadata);
  CHECK(stripped->dropped.size() <= translate::kDroppedNamesMax + 1);
  for (const std::string& name : stripped->dropped) {
    CHECK(!name.empty());
    for (const char c : name) CHECK(c > ' ' && c < 0x7f && c != ',');
  }
  // The provider's own thoughts have lost their mark, and what comes without one is another's.
  if (!translate::MakerOf(request.operation, flavour, "box").empty()) return;
  CHECK(!stripped->dropped.empty());
  CHECK(!translate::StripForeign(request.operation, flavour, "box", stripped->body));
}

// Whatever a server with a dialect of a family says: what its thoughts are marked in is well formed where it
// was itself, and longer.
void CheckMarked(Operation operation, std::string_view answer) {
  for (const auto said : {translate::Said::kWhole, translate::Said::kEvent}) {
    const auto marked = translate::MarkThoughts(operation, "box", said, answer);
    if (!marked) continue;
    CHECK(marked->size() > answer.size());
    CHECK(wire::ScanJson(*marked).has_value() == wire::ScanJson(answer).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  CheckMarked(Operation::kMessages, body);
  CheckMarked(Operation::kResponses, body);
  for (const Operation operation :
       {Operation::kChat, Operation::kResponses, Operation::kMessages, Operation::kCountTokens}) {
    const auto request = wire::ParseRequest(operation, body);
    if (!request) continue;
    for (const Flavour flavour :
         {Flavour::kOpenai, Flavour::kDeepseek, Flavour::kAnthropic, Flavour::kCompatible}) {
      CheckStripped(*request, flavour);
    }
  }
  return 0;
}
