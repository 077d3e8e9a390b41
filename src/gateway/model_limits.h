#pragma once

#include "chat/dialect.h"
#include "config/settings.h"
#include "pricing/book.h"

namespace gateway {

// Where neither the config nor a catalogue says how much a model reads and writes at most, in tokens.
inline constexpr pricing::ModelLimits kUnknownModel{.context = 1'048'576, .output = 8'192};

// How much any model reads and writes at most, by the config or kUnknownModel.
pricing::ModelLimits AnyLimits(const config::Settings& settings);

// How much one does: what the config says of all models, else what `prices` (may be null) knows of this one,
// else kUnknownModel. Both are above 0. `dialect` is the one in which it is asked.
pricing::ModelLimits LimitsOf(const config::Settings& settings, const pricing::Book* prices,
                              const config::ModelRef& model, chat::Dialect dialect);

}  // namespace gateway
