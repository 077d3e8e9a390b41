#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_server.h"
#include "net/task.h"
#include "sim/fault.h"
#include "sim/visits.h"

namespace sim {

// Sends one answer through an exchange, meddling with its bytes as the fault wants. Every call is true as
// long as more should be sent; afterwards the handler just returns. Views are used during the call only.
// Belongs to the loop of its exchange, which outlives it.
class Sink {
 public:
  Sink(net::Exchange& exchange, const Fault& fault) : exchange_(exchange), fault_(fault) {}

  net::Task<bool> Reply(int status, std::string_view fields, std::string_view body);

  void Begin(int status, std::string_view fields);  // of an answer in chunks
  net::Task<bool> Chunk(std::string_view bytes);
  net::Task<bool> End();

  // Resets the connection at once.
  void Reset();

  VisitLog::Outcome outcome() const;

 private:
  net::Task<bool> Meddled(std::string_view bytes, bool raw);
  net::Task<bool> Send(std::string_view bytes, bool raw);

  net::Exchange& exchange_;
  const Fault fault_;
  int status_ = 0;
  std::uint64_t body_sent_ = 0;
  std::uint64_t chunks_ = 0;
  bool raw_finished_ = false;
  bool lost_ = false;       // the client went away
  bool sabotaged_ = false;  // we ended it on purpose
};

}  // namespace sim
