#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/dialect.h"

namespace wire {

struct ModelEntry {
  std::string_view id;
  std::string_view owned_by;
  std::int64_t created = 0;  // seconds since 1970
};

// The body of GET /v1/models, in the order given and on one page.
std::string WriteModelsList(chat::Dialect dialect, std::span<const ModelEntry> models);

// The body of GET /v1/models/{id}.
std::string WriteModel(chat::Dialect dialect, const ModelEntry& model);

inline constexpr std::size_t kModelIdsMax = 10'000;  // of one provider's list

// The ids of a provider's GET /models, in its order, whatever its dialect. Error: kInvalid if it is not
// {"data":[{"id":...},...]}.
base::Result<std::vector<std::string>> ReadModelIds(std::string_view body);

}  // namespace wire
