#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "bench/http_reader.h"
#include "bench/load_options.h"
#include "bench/load_result.h"
#include "bench/meter.h"
#include "bench/schedule.h"
#include "bench/sse_reader.h"

namespace bench {

// One run of load against one address. One thread, edge-triggered epoll, keep-alive connections.
//
// In the open modes a request counts from the time it was scheduled for, not from when a connection was free
// to send it, so a gateway that stalls is charged for everybody who had to wait. A request counts when it is
// scheduled (open modes) or sent (closed) within the measured interval.
class Client {
 public:
  // `options` and `clock` outlive the client.
  Client(const LoadOptions& options, const base::SystemClock& clock);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Runs to the end. Once per client. Errors: kInvalid (address, plan), kNotFound (plan), kIo.
  base::Result<LoadResult> Run();

 private:
  struct Connection;
  struct Outcome;

  base::Result<> Prepare();
  std::uint64_t Now() const;
  bool Over() const;
  void Loop();
  void WaitAndHandle(std::uint64_t until);
  std::uint64_t Housekeep(std::uint64_t now);  // returns when it wants to run next
  void SendDue(std::uint64_t now);
  void Sweep(std::uint64_t now);  // ends what ran out of time

  void Open(std::uint64_t now);
  void OnEvent(Connection& connection, std::uint32_t events);
  void OnConnected(Connection& connection);
  void OnReadable(Connection& connection, bool hung_up);
  void OnBytes(Connection& connection, std::string_view bytes, std::uint64_t now);
  void OnChunk(Connection& connection, std::optional<std::uint64_t> stamp, std::uint64_t now);
  void OnEnd(Connection& connection, std::uint64_t now);
  void Start(Connection& connection, const Arrival& arrival, std::uint64_t scheduled, std::uint64_t now);
  void Write(Connection& connection);
  void Complete(Connection& connection, std::uint64_t now);
  void Next(Connection& connection, std::uint64_t now);  // the connection is free
  void Fail(Connection& connection, Failure failure, std::uint64_t now);
  void CountFailure(Failure failure, bool counts);
  void Close(Connection& connection);
  bool Counts(std::uint64_t scheduled) const;
  bool InInterval(std::uint64_t now) const { return measuring_ && now < end_; }
  void Dump(const Connection& connection, std::string_view status, std::uint64_t now);

  const LoadOptions& options_;
  const base::SystemClock& clock_;
  Meter meter_;
  base::Random random_;
  std::optional<Schedule> schedule_;
  LoadResult result_;
  sockaddr_in address_{};
  int epoll_ = -1;
  bool closed_loop_;
  bool interval_ends_with_last_;  // hold and plan: the interval is the whole run
  std::string request_;           // when all requests are the same

  std::uint64_t start_ = 0;         // of the run
  std::uint64_t measure_from_ = 0;  // start of the measured interval
  std::uint64_t end_ = 0;           // end of the measured interval
  std::uint64_t next_sample_ = 0;
  std::uint64_t next_sweep_ = 0;
  bool measuring_ = false;
  bool ended_ = false;

  std::vector<std::unique_ptr<Connection>> connections_;  // by slot; null slots are free
  std::vector<std::unique_ptr<Connection>> graveyard_;    // closed while events for them may still be at hand
  std::vector<Connection*> idle_;                         // last used last
  std::deque<Arrival> waiting_;                           // scheduled, but no connection was free
  std::deque<std::uint64_t> openings_;                    // closed loop: when to connect, in order of time
  std::size_t open_ = 0;
  std::size_t connecting_ = 0;
  std::size_t busy_ = 0;
  std::vector<char> buffer_;
  std::string dump_;
};

}  // namespace bench
