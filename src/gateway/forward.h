#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_allocator.h"
#include "chat/dialect.h"
#include "chat/endpoint.h"
#include "net/http_head.h"

namespace gateway {

// Which header fields pass. Everything that concerns only one of the two connections, that names the client
// or that could carry its credentials stops here; what we do not know passes, because providers and their
// clients agree on new fields all the time.

// Fields of a request as they go to a provider: no hop-by-hop fields (also those that Connection names), no
// host and framing, no credentials and cookies, no x-sluice-*, nothing that tells where the client is, no
// accept-encoding (an answer must be readable). `traceparent` replaces the client's when not empty. A body
// that came this far is JSON, and is called so: plain curl says that it is a form, which providers do not
// read.
base::BlockString RequestFields(const net::Fields& fields, std::string_view traceparent);

// What RequestFields gave, for a provider of another dialect than the caller's, who is asked for `operation`:
// without what concerns only the caller's own API and client library, with what the other API demands. The
// account that a caller names is known to all APIs of OpenAI.
base::BlockString TranslatedFields(std::string_view request_fields, chat::Dialect caller,
                                   chat::Operation operation);

// The names of those that are left out there although they ask something of the caller's own API.
std::vector<std::string> LostFields(std::string_view request_fields, chat::Dialect caller,
                                    chat::Operation operation);

// Adds the version of Messages that a request without one is for: the API demands one, plain curl sends none.
void AppendMessagesVersion(base::BlockString& request_fields);

// Fields of a provider's answer as they go to the client: no hop-by-hop fields, no framing and date, no
// cookies, no x-sluice-*, nothing that binds the client to the provider's host.
void AppendResponseFields(const net::Fields& fields, base::BlockString& out);

// The same for an answer that is translated into `caller`'s dialect: what describes the provider's body or
// only its own API stays behind, and its request id has the name that the caller's client looks for.
void AppendTranslatedFields(const net::Fields& fields, chat::Dialect caller, base::BlockString& out);

// Where the clients of a dialect look for the id of a request.
std::string_view RequestIdName(chat::Dialect dialect);

// Appends the names of what was left out of a request and of its answer, if any, as one field of at most
// kDroppedBytesMax.
inline constexpr std::size_t kDroppedBytesMax = 2048;
void AppendDropped(std::span<const std::string> of_request, std::span<const std::string> of_answer,
                   base::BlockString& out);

}  // namespace gateway
