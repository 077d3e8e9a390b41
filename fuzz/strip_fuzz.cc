// Whatever request is accepted and whoever it is for: what is left when other families' thoughts are taken
// out is a request that is accepted too, asks for the same, is shorter, and has nothing more to be taken out.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "translate/losses.h"
#include "translate/strip.h"
#include "wire/json_scanner.h"
#include "wire/request.h"

namespace {

using chat::Flavour;
using chat::Operation;

void CheckStripped(const wire::RequestView& request, Flavour flavour) {
  const auto stripped = translate::StripForeign(request.operation, flavour, request.body);
  if (!stripped) return;
  CHECK(stripped->body.size() < request.body.size());
  CHECK(wire::ScanJson(stripped->body).has_value() && base::IsUtf8(stripped->body));
  const auto again = wire::ParseRequest(request.operation, stripped->body);
  CHECK(again.has_value());
  CHECK(again->model == request.model && again->stream == request.stream && again->tools == request.tools);
  CHECK(again->OutputLimit() == request.OutputLimit() && again->metadata == request.metadata);
  CHECK(!stripped->dropped.empty() && stripped->dropped.size() <= translate::kDroppedNamesMax + 1);
  for (const std::string& name : stripped->dropped) {
    CHECK(!name.empty());
    for (const char c : name) CHECK(c > ' ' && c < 0x7f && c != ',');
  }
  CHECK(!translate::StripForeign(request.operation, flavour, stripped->body));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
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
