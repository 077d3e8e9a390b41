#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "sim/topic.h"

namespace sim {

// A JSON value that fits `schema` (raw JSON): objects with all their properties, arrays, enums, const,
// numbers inside their bounds, strings of the right length and common formats, $ref into the same schema, the
// first of anyOf and oneOf. Values come from `question` where it has fitting ones: names for strings,
// numbers, enum words. Nesting past 24 levels becomes null.
std::string ValueFor(std::string_view schema, std::string_view question, base::Random& random);

// A free JSON object about the question, for json_object without a schema.
std::string FreeObject(const Topic& topic, std::string_view question, base::Random& random);

}  // namespace sim
