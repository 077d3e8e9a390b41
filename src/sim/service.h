#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_server.h"
#include "net/loop.h"
#include "net/task.h"
#include "sim/ask.h"
#include "sim/fault.h"
#include "sim/provider.h"
#include "sim/refusals.h"
#include "sim/sink.h"

namespace sim {

// Answers the requests of one loop. Belongs to that loop; the provider outlives it.
class Service {
 public:
  Service(net::Loop& loop, Provider& provider) : loop_(loop), provider_(provider) {}

  net::Task<void> Handle(net::Exchange& exchange);

 private:
  // What is known of a request before it is answered. Lives in Handle's frame.
  struct Request {
    net::Exchange& exchange;
    std::string_view path{};  // without /v1
    bool beta = false;
    std::string key{};
    std::shared_ptr<const base::Buffer> body{};
    Fault fault{};
    chat::Dialect dialect = chat::Dialect::kOpenai;
    std::string request_id{};
  };

  net::Task<void> Serve(Request& request, Sink& sink);
  net::Task<void> ServeModels(Request& request, Sink& sink);
  net::Task<void> ServeBalance(Request& request, Sink& sink);
  net::Task<void> ServeOperation(Request& request, chat::Operation operation, Sink& sink);
  net::Task<void> ServeEmbeddings(Request& request, const Ask& ask, Sink& sink);
  net::Task<void> SendWhole(Request& request, const Answer& answer, std::chrono::nanoseconds wait,
                            Sink& sink);
  net::Task<void> SendStream(Request& request, const Answer& answer, std::chrono::nanoseconds queued,
                             base::Random& random, Sink& sink);
  net::Task<bool> SendTokens(Request& request, const Answer& answer, base::Random& random, Sink& sink);
  net::Task<bool> StandInLine(Request& request, std::chrono::nanoseconds queued, std::string_view sign,
                              Sink& sink);
  net::Task<void> Refuse(Request& request, const ErrorReply& error, Sink& sink);
  std::optional<ErrorReply> KeyObjection(const Request& request) const;
  std::optional<ErrorReply> Objection(const Request& request, const Ask& ask) const;
  std::string Fields(const Request& request, std::string_view content_type) const;

  net::Loop& loop_;
  Provider& provider_;
};

// `/sim/...`: what tests ask about the simulator itself. True when the request was one of these.
net::Task<bool> ServeControl(net::Exchange& exchange, Provider& provider);

// A fault in place of the answer's body; none for Fault::Body::kAnswer.
struct OddBody {
  std::string_view content_type;
  std::string body;
};
std::optional<OddBody> OddBodyOf(Fault::Body kind, chat::Dialect dialect);

}  // namespace sim
