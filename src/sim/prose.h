#pragma once

#include <string>

#include "base/random.h"
#include "sim/topic.h"

namespace sim {

// A paragraph or a list on the topic, in its language.
std::string WriteProse(const Topic& topic, base::Random& random);

// A few sentences of thinking aloud about it.
std::string WriteReasoning(const Topic& topic, base::Random& random);

// More sentences on the topic, for answers that must be long.
std::string WriteSentence(const Topic& topic, base::Random& random);

}  // namespace sim
