#pragma once

#include <string>

#include "base/result.h"
#include "translate/dialects_internal.h"
#include "translate/form.h"
#include "translate/losses.h"

namespace translate::internal {

// Tells a whole answer as a stream of the writer's dialect, to its good end, into `out`. What the writer has
// no place for stays in its losses and names, what no event tells goes to `losses`. Error: kTooLarge, as
// StreamWriter::Write.
base::Result<void> TellWhole(const Answer& answer, StreamWriter& writer, std::string& out, Losses& losses);

}  // namespace translate::internal
