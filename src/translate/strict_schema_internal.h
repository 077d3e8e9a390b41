#pragma once

#include <string_view>

namespace translate::internal {

// Whether OpenAI takes the JSON schema `schema`, well-formed JSON, where it promises to hold to it
// (`strict`): it is an object's, every object in it requires all of its properties and allows no others, and
// it says nothing that OpenAI refuses there. False also for one that is nested deeper than anybody takes.
// Linear.
bool IsStrictSchema(std::string_view schema);

}  // namespace translate::internal
