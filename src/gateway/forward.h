#pragma once

#include <string>
#include <string_view>

#include "net/http_head.h"

namespace gateway {

// Which header fields pass. Everything that concerns only one of the two connections, that names the client
// or that could carry its credentials stops here; what we do not know passes, because providers and their
// clients agree on new fields all the time.

// Fields of a request as they go to a provider: no hop-by-hop fields (also those that Connection names), no
// host and framing, no credentials and cookies, no x-sluice-*, nothing that tells where the client is, no
// accept-encoding (an answer must be readable). `traceparent` replaces the client's when not empty.
std::string RequestFields(const net::Fields& fields, std::string_view traceparent);

// Fields of a provider's answer as they go to the client: no hop-by-hop fields, no framing and date, no
// cookies, no x-sluice-*, nothing that binds the client to the provider's host.
void AppendResponseFields(const net::Fields& fields, std::string& out);

}  // namespace gateway
