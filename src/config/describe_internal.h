#pragma once

#include "config/field.h"
#include "config/settings.h"

namespace config {

// The settings of what may be spent and how often may be asked: budgets, limits, exchange, alert_secret,
// smtp.
void DescribeBudgets(Visitor& visitor, Settings& settings);

// Issuers of tokens.
void DescribeOidc(Visitor& visitor, Settings& settings);

}  // namespace config
