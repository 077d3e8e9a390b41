#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/address.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/task.h"

namespace net {

struct ResolverOptions {
  std::string servers;                      // host:port,host:port; empty: the system's
  std::chrono::milliseconds timeout{2000};  // of the first try; each further one waits twice as long
  int tries = 3;
};

// Turns host names into addresses, IPv6 and IPv4, without blocking a loop. Answers are kept as long as their
// TTL says (1 s to 5 min), failures for one second; equal questions at the same time are asked once. At most
// 1,024 names are remembered. Thread-safe; is destroyed before the loops that ask it.
class Resolver {
 public:
  explicit Resolver(const base::Clock& clock, ResolverOptions options = {});
  ~Resolver();

  // Addresses of `host` with `port`, in the order to try (RFC 6724); never empty. IP literals and localhost
  // are answered at once. Errors: kUnreachable, or why `cancel` fired.
  Task<base::Result<std::vector<Address>>> Resolve(Loop& loop, std::string host, std::uint16_t port,
                                                   Cancel& cancel);

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace net
