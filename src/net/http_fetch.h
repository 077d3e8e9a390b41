#pragma once

#include <cstdint>
#include <string>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/cancel.h"
#include "net/header_text.h"
#include "net/http_client.h"
#include "net/task.h"

namespace net {

// A request that is made for its whole answer: for documents and messages of our own, not for what is passed
// on.
struct Fetch {
  std::string method = "GET";
  std::string target = "/";  // path and query
  HeaderText fields{};       // beside host and content-length
  std::string body{};        // not of a GET
  // Bytes of the answer's body; a longer one is kTooLarge. 0: its status is all that is wanted, and the
  // connection is closed behind its head.
  std::uint64_t answer_max = base::MiB;
  CallTimeouts timeouts{.connect = std::chrono::seconds(3),
                        .first_byte = std::chrono::seconds(10),
                        .idle = std::chrono::seconds(10),
                        .total = std::chrono::seconds(15)};
};

struct Fetched {
  int status = 0;
  base::Buffer body{};
};

// Makes it over a connection of `pool`, on its loop. Any status is an answer. `pool` and `cancel` outlive
// it. Errors: those of Call::Send and Call::ReadAll.
Task<base::Result<Fetched>> FetchWhole(Pool& pool, Fetch fetch, Cancel& cancel);

// The same over a connection of its own, on a loop and with a resolver of its own. Blocks until it is over:
// for commands, never on the thread of a loop. Errors: the same.
base::Result<Fetched> FetchAndWait(const PoolOptions& options, Fetch fetch, const base::Clock& clock);

// What a pool for one origin needs: with TLS its authorities, `ca_file` instead of the system's where it is
// not empty. Errors: those of TlsClientContext::Load.
base::Result<PoolOptions> PoolOptionsFor(Origin origin, const std::string& ca_file = "");

}  // namespace net
