#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"
#include "gateway/spending.h"
#include "pricing/book.h"
#include "routing/plan.h"
#include "upstream/directory.h"
#include "wire/request.h"

namespace gateway {

// What `x-sluice-explain: only` is answered with: the candidates of a plan in the order in which they would
// be tried, each with its reason, or why it cannot be asked, what it would not be told of the request, and
// what a call may cost where something limits that. `prices` and `spending` may be null. Nobody is called and
// nothing is reserved.
std::string ExplainPlan(const routing::Plan& plan, const wire::RequestView& request,
                        const config::Settings& settings, const pricing::Book* prices,
                        const upstream::Directory& directory, Spending* spending,
                        std::string_view request_id);

}  // namespace gateway
