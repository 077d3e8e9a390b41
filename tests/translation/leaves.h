#pragma once

#include <map>
#include <string>
#include <string_view>

// The scalars of a JSON text by where they stand: "messages[].content" and the like, elements uncounted. An
// empty object or array is a scalar too. Of several at one place all stand behind each other.
using Leaves = std::map<std::string, std::string>;

Leaves LeavesOf(std::string_view json);

// What `with` has and `without` has not, or has otherwise; and what only `without` has, with no value.
Leaves Difference(const Leaves& with, const Leaves& without);
