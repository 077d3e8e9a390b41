#include "sim/route.h"

#include <array>

namespace sim {
namespace {

struct Place {
  std::string_view path;
  Endpoint endpoint;
  bool get = false;
};

constexpr auto kPlaces = std::to_array<Place>({{"/chat/completions", Endpoint::kChat},
                                               {"/completions", Endpoint::kCompletion},
                                               {"/embeddings", Endpoint::kEmbedding},
                                               {"/responses", Endpoint::kResponses},
                                               {"/messages", Endpoint::kMessages},
                                               {"/messages/count_tokens", Endpoint::kCountTokens},
                                               {"/models", Endpoint::kModels, true},
                                               {"/user/balance", Endpoint::kBalance, true}});

// Whether the path is served behind the prefix that the route has, if it has one.
bool IsServed(Endpoint endpoint, const Route& route) {
  switch (endpoint) {
    case Endpoint::kMessages:
    case Endpoint::kCountTokens:
      return !route.beta;
    case Endpoint::kResponses:
      return !route.beta && !route.anthropic;
    case Endpoint::kModels:
      return true;
    default:
      return !route.anthropic;
  }
}

}  // namespace

Route RouteOf(std::string_view method, std::string_view path) {
  constexpr std::string_view kModel = "/models/";
  Route route;
  if (path.starts_with("/beta/")) {
    route.beta = true;
    path.remove_prefix(5);
  } else if (path.starts_with("/anthropic/")) {
    route.anthropic = true;
    path.remove_prefix(10);
  }
  if (path.starts_with("/v1/")) path.remove_prefix(3);
  const bool get = method == "GET" || method == "HEAD";
  if (get && path.starts_with(kModel)) {
    route.endpoint = Endpoint::kModels;
    route.model = path.substr(kModel.size());
    return route;
  }
  for (const Place& place : kPlaces) {
    const bool there = path == place.path && (place.get ? get : method == "POST");
    if (there && IsServed(place.endpoint, route)) route.endpoint = place.endpoint;
  }
  return route;
}

}  // namespace sim
