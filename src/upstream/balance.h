#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "upstream/proxy.h"
#include "wire/balance.h"

namespace upstream {

// Whether a provider tells what is left on an account (GET /user/balance): DeepSeek, and who plays it.
bool TellsBalance(const config::ProviderSettings& provider);

// What is left on the account of `key`, in each of its currencies. Blocks for at most the provider's timeouts
// on an event loop of its own; for commands, not for the gateway. Errors: kUnreachable, kTimeout and kClosed
// of the call; kDenied: the key is refused; kUnavailable: another status; kInvalid: not a balance.
base::Result<std::vector<wire::Balance>> AskBalance(const config::ProviderSettings& provider,
                                                    const config::Secret& key, const ProxyRules& proxies,
                                                    const base::Clock& clock);

}  // namespace upstream
