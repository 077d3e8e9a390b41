#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_server.h"
#include "net/loop.h"
#include "net/task.h"
#include "sim/ask.h"
#include "sim/breakpoint_cache.h"
#include "sim/delivery.h"
#include "sim/fault.h"
#include "sim/provider.h"
#include "sim/refusals.h"
#include "sim/reply_fields.h"
#include "sim/responses_ask.h"
#include "sim/route.h"
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
    Route route{};
    std::string key{};
    std::shared_ptr<const base::Buffer> body{};
    Fault fault{};
    Dialect dialect = Dialect::kOpenai;
    std::string request_id{};
    base::WallTime arrived{};
    std::string charged{};  // what it cost; empty: nothing
    std::string_view charged_as{};
    std::optional<std::size_t> prompt_tokens{};
    const ResponsesAsk* responses = nullptr;  // of /responses
  };

  // service.cc: what each path does.
  net::Task<void> Serve(Request& request, Sink& sink);
  net::Task<void> ServeModels(Request& request, Sink& sink);
  net::Task<void> ServeBalance(Request& request, Sink& sink);
  net::Task<void> ServeChat(Request& request, chat::Operation operation, Sink& sink);
  net::Task<void> Refuse(Request& request, const ErrorReply& error, Sink& sink);
  std::optional<ErrorReply> KeyObjection(const Request& request) const;
  std::optional<ErrorReply> Objection(const Request& request, const Ask& ask) const;
  std::string Fields(const Request& request, std::string_view content_type = kJsonType,
                     int status = 200) const;

  // service_messages.cc: the paths of Anthropic.
  net::Task<void> ServeMessages(Request& request, Sink& sink);
  std::optional<ErrorReply> MessagesObjection(const Request& request) const;

  // service_responses.cc: /responses.
  net::Task<void> ServeResponses(Request& request, Sink& sink);
  void DressResponse(Answer& answer, const ResponsesAsk& ask);

  // service_answer.cc: a request that is good gets its answer, in time.
  net::Task<void> ServeAnswer(Request& request, const Ask& ask, Prompt& prompt, Sink& sink);
  net::Task<void> ServeEmbeddings(Request& request, const Ask& ask, Sink& sink);
  net::Task<Delivery> SendWhole(Request& request, const Answer& answer, std::chrono::nanoseconds queued,
                                Sink& sink);
  net::Task<Delivery> SendStream(Request& request, const Answer& answer, std::chrono::nanoseconds queued,
                                 base::Random& random, Sink& sink);
  void TakeDue(Request& request, std::string_view model, std::string_view tier, const Due& due);
  net::Task<bool> StandInLine(Request& request, std::chrono::nanoseconds queued, std::string_view sign,
                              Sink& sink);

  net::Loop& loop_;
  Provider& provider_;
};

// `/sim/...`: what tests ask about the simulator itself. True when the request was one of these.
net::Task<bool> ServeControl(net::Exchange& exchange, Provider& provider);

}  // namespace sim
