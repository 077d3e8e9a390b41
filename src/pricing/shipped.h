#pragma once

#include "base/result.h"
#include "pricing/catalogue.h"

namespace pricing {

// The catalogue that is compiled in, from data/prices and data/calendars: origin "catalogue". It is read anew
// with each call (docs/prices.md says how long that takes). An error would be a mistake in those files, which
// a test would have found.
base::Result<Catalogue> ShippedCatalogue();

}  // namespace pricing
