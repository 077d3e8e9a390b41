#pragma once

#include <optional>
#include <string>

#include "base/time_zone.h"
#include "insight/what_if.h"

// What came out of a what-if, as text.

namespace insight {

// "off-peak at every hour; 30% of the requests of team=support to openai/gpt-5-mini"; says that nothing was
// supposed where that is so. `prices` names where other prices come from, `zone` is whose clock times are on.
std::string Describe(const Supposition& supposition, const std::string& prices, const base::TimeZone& zone);

// One JSON object: {"supposition", "requests", "priced_again", "total": [{"currency", "recorded", "supposed",
// "difference"}], "changed", "moved", "hits", "kept", "newly_priced", "newly", "left_out": [...]}.
std::string WhatIfJson(const WhatIf& what_if, const std::string& supposition,
                       const std::optional<Conversion>& conversion);

// For a person, some lines.
std::string WhatIfText(const WhatIf& what_if, const std::string& supposition,
                       const std::optional<Conversion>& conversion);

// currency,recorded,supposed,difference: one line a currency. With a conversion
// converted_recorded,converted_supposed,converted_difference,converted_currency as well, empty where the
// currency has no rate.
std::string WhatIfCsv(const WhatIf& what_if, const std::optional<Conversion>& conversion);

// What the totals do not say, a line each: how many requests would have cost something else, and which are in
// neither total and why. It ends the text, and is for standard error beside CSV.
std::string WhatIfNotes(const WhatIf& what_if);

}  // namespace insight
