#pragma once

#include "config/field.h"
#include "config/settings.h"

namespace config {

// Goes over every setting that exists: the only place where one is declared. Reader, error text, reference
// page and JSON Schema all come from here. `settings` gives the defaults and, to the reader, the variables.
void Describe(Visitor& visitor, Settings& settings);

}  // namespace config
