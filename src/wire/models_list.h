#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wire {

struct ModelEntry {
  std::string_view id;
  std::string_view owned_by;
  std::int64_t created = 0;  // seconds since 1970
};

// The body of GET /v1/models, in the order given.
std::string WriteModelsList(std::span<const ModelEntry> models);

// The body of GET /v1/models/{id}.
std::string WriteModel(const ModelEntry& model);

}  // namespace wire
