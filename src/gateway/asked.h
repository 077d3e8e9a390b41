#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/block_allocator.h"
#include "base/money.h"
#include "base/result.h"
#include "chat/endpoint.h"
#include "config/settings.h"
#include "net/http_head.h"

namespace gateway {

// What the data listener serves. The same with and without /v1; what speaks Messages also under /anthropic.
enum class Route {
  kGenerate,
  kModels,
  kModel,
  kRow,             // of the ledger: what a request was and cost
  kStoredResponse,  // what is below /responses: kept by a provider, and not to be reached through here
  kUnknown,
  kWrongMethod,
};

struct Asked {
  Route route = Route::kUnknown;
  chat::Operation operation = chat::Operation::kChat;  // of kGenerate
  chat::Dialect dialect = chat::Dialect::kOpenai;      // in which the caller is answered, refusals too
  bool beta = false;                                   // DeepSeek's /beta
  std::string_view name;                               // the route's own name, for logs: a fixed set
  std::string_view model;                              // of kModel: as it stands in the path, see ModelAsked
  std::string_view row;                                // of kRow: the request's id
  std::string_view query;                              // of Messages, which has one: passed on
};

// Views of the head. The path tells the dialect; where it does not, the header `anthropic-version` does.
Asked ReadRoute(const net::RequestHead& head);

// The name of a model that stands in a path, where clients may have escaped what is not plain (%2F).
std::string ModelAsked(std::string_view in_path);

// The path and query at a provider for what was asked, said as `operation`: the one that was asked for or,
// where it is translated, another that generates; `beta`: the translation is for DeepSeek's /beta. REQUIRES:
// the provider speaks its dialect.
base::BlockString ProviderPath(const Asked& asked, chat::Operation operation,
                               const config::ProviderSettings& provider, bool beta = false);

// What a caller may ask for with x-sluice-* headers.
struct Wishes {
  std::optional<std::chrono::milliseconds> deadline;
  std::optional<base::Money> max_cost;  // > 0
  bool explain_only = false;
};

// Errors: kInvalid with a sentence that says what to write.
base::Result<Wishes> ReadWishes(const net::Fields& fields);

// The secret that the caller presents: `Authorization: Bearer` or `x-api-key`; empty when there is none.
std::string_view PresentedKey(const net::Fields& fields);

}  // namespace gateway
