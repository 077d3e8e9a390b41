#include "sim/service.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/json_text.h"
#include "sim/answer.h"
#include "sim/json_find.h"
#include "sim/wait.h"
#include "wire/models_list.h"

namespace sim {
namespace {

using chat::Operation;

constexpr std::int64_t kModelsCreated = 1'780'000'000;

std::string KeyOf(const net::RequestHead& head, Dialect dialect) {
  if (SpeaksMessages(dialect)) {
    if (const auto key = head.fields.Find("x-api-key")) return std::string(base::TrimBlanks(*key));
  }
  const std::string_view value = head.fields.Find("authorization").value_or(std::string_view());
  if (!base::StartsWithIgnoringCase(value, "bearer ")) return {};
  return std::string(base::TrimBlanks(value.substr(7)));
}

std::string HeadersJson(const net::Fields& fields) {
  base::JsonObject json;
  for (const net::Field& field : fields) {
    const std::string name = base::Lower(field.name);
    std::string value(field.value);
    bool earlier = false;
    for (const net::Field& other : fields) {
      if (!base::EqualIgnoringCase(other.name, field.name)) continue;
      if (&other < &field) earlier = true;
      if (&other > &field) value += ", " + std::string(other.value);
    }
    if (!earlier) json.Add(name, value);
  }
  return json.Take();
}

// The dialect as far as the head decides it; of OpenAI and DeepSeek the model decides.
Dialect DialectOf(const Route& route, const net::RequestHead& head) {
  if (route.anthropic) return Dialect::kDeepseekMessages;
  switch (route.endpoint) {
    case Endpoint::kMessages:
    case Endpoint::kCountTokens:
      return Dialect::kAnthropic;
    case Endpoint::kModels:
    case Endpoint::kNone:
      return head.fields.Find("anthropic-version") ? Dialect::kAnthropic : Dialect::kOpenai;
    case Endpoint::kResponses:
      return Dialect::kResponses;
    case Endpoint::kBalance:
      return Dialect::kDeepseek;
    case Endpoint::kChat:
    case Endpoint::kCompletion:
    case Endpoint::kEmbedding:
      break;
  }
  return Dialect::kOpenai;
}

int StatusOfBodyError(base::Code code) {
  if (code == base::Code::kTooLarge) return 413;
  return code == base::Code::kTimeout ? 408 : 400;
}

}  // namespace

net::Task<void> Service::Handle(net::Exchange& exchange) {
  const net::RequestHead& head = exchange.request();
  if (co_await ServeControl(exchange, provider_)) co_return;
  Request request{.exchange = exchange, .route = RouteOf(head.method, head.path)};
  request.arrived = provider_.clock().WallNow();
  request.dialect = DialectOf(request.route, head);
  auto body = co_await exchange.ReadBody();
  if (!body) {
    if (body.error().code == base::Code::kClosed) co_return;
    exchange.CloseAfter();
    const ErrorReply error = ErrorOf(request.dialect, StatusOfBodyError(body.error().code));
    co_await exchange.Reply(error.status, "content-type: application/json\r\n",
                            WriteErrorBody(request.dialect, error, {}));
    co_return;
  }
  request.key = KeyOf(head, request.dialect);
  request.body = std::make_shared<const base::Buffer>(std::move(*body));
  Visit visit;
  visit.method = head.method;
  visit.target = head.target;
  visit.headers = HeadersJson(head.fields);
  visit.body = request.body;
  const std::uint64_t number = provider_.visits().Add(std::move(visit));
  request.request_id = "req_sim_" + std::to_string(number);

  std::optional<ErrorReply> wrong_fault;
  if (const auto asked = head.fields.Find("x-sim-fault")) {
    if (auto fault = ParseFault(*asked)) {
      request.fault = *std::move(fault);
    } else {
      wrong_fault = InvalidRequest(request.dialect, fault.error().detail, "x-sim-fault");
    }
  } else if (!provider_.options().scenario.rules.empty()) {
    const std::string model = FindText(request.body->view(), "model");
    const RuleBook::Request seen{model, head.path, request.key};
    if (auto fault = provider_.FaultOf(seen)) request.fault = *std::move(fault);
  }
  Sink sink(exchange, request.fault);
  if (wrong_fault) {
    co_await Refuse(request, *wrong_fault, sink);
  } else {
    co_await Serve(request, sink);
  }
  VisitLog::Outcome outcome = sink.outcome();
  outcome.charged = std::move(request.charged);
  outcome.charged_as = request.charged_as;
  provider_.visits().End(number, std::move(outcome));
}

net::Task<void> Service::Serve(Request& request, Sink& sink) {
  if (request.fault.reset == Fault::Reset::kBefore) {
    sink.Reset();
    co_return;
  }
  if (!co_await WaitFor(loop_, request.exchange.cancel(), request.fault.delay)) co_return;
  if (request.fault.status != 0 && request.fault.status != 200) {
    if (!SpeaksMessages(request.dialect) && request.dialect != Dialect::kResponses) {
      request.dialect = provider_.ChatDialectOf(FindText(request.body->view(), "model"));
    }
    co_await Refuse(request, ErrorOf(request.dialect, request.fault.status), sink);
    co_return;
  }
  Endpoint endpoint = request.route.endpoint;
  if (!provider_.Offers(request.dialect)) {
    request.dialect = provider_.options().dialect.value_or(request.dialect);
    endpoint = Endpoint::kNone;
  }
  switch (endpoint) {
    case Endpoint::kModels:
      co_await ServeModels(request, sink);
      break;
    case Endpoint::kBalance:
      co_await ServeBalance(request, sink);
      break;
    case Endpoint::kChat:
      co_await ServeChat(request, Operation::kChat, sink);
      break;
    case Endpoint::kCompletion:
      co_await ServeChat(request, Operation::kCompletion, sink);
      break;
    case Endpoint::kEmbedding:
      co_await ServeChat(request, Operation::kEmbedding, sink);
      break;
    case Endpoint::kResponses:
      co_await ServeResponses(request, sink);
      break;
    case Endpoint::kMessages:
    case Endpoint::kCountTokens:
      co_await ServeMessages(request, sink);
      break;
    case Endpoint::kNone: {
      const net::RequestHead& head = request.exchange.request();
      co_await Refuse(request, NoSuchPath(request.dialect, head.method, head.path), sink);
      break;
    }
  }
}

std::string Service::Fields(const Request& request, std::string_view content_type, int status) const {
  return WriteReplyFields({.dialect = request.dialect,
                           .status = status,
                           .content_type = content_type,
                           .request_id = request.request_id,
                           .retry_after_seconds = request.fault.retry_after_seconds,
                           .should_retry = request.fault.should_retry,
                           .prompt_tokens = request.prompt_tokens,
                           .now = provider_.clock().WallNow()});
}

net::Task<void> Service::Refuse(Request& request, const ErrorReply& error, Sink& sink) {
  if (!request.fault.retry_after_seconds) request.fault.retry_after_seconds = error.retry_after_seconds;
  co_await sink.Reply(error.status, Fields(request, kJsonType, error.status),
                      WriteErrorBody(request.dialect, error, request.request_id));
}

net::Task<void> Service::ServeModels(Request& request, Sink& sink) {
  const bool messages = SpeaksMessages(request.dialect);
  if (const auto objection = messages ? MessagesObjection(request) : std::nullopt) {
    co_await Refuse(request, *objection, sink);
    co_return;
  }
  const chat::Dialect shape = messages ? chat::Dialect::kAnthropic : chat::Dialect::kOpenai;
  const std::string_view owner = "sluice-sim";
  const std::string_view name = request.route.model;
  if (name.empty()) {
    const std::vector<std::string> names = provider_.Models(request.dialect);
    std::vector<wire::ModelEntry> entries;
    for (const std::string& id : names) entries.push_back({id, owner, kModelsCreated});
    co_await sink.Reply(200, Fields(request), wire::WriteModelsList(shape, entries));
  } else if (provider_.HasModel(messages ? request.dialect : provider_.ChatDialectOf(name), name)) {
    co_await sink.Reply(200, Fields(request), wire::WriteModel(shape, {name, owner, kModelsCreated}));
  } else {
    co_await Refuse(request, NoSuchModel(request.dialect, name), sink);
  }
}

net::Task<void> Service::ServeBalance(Request& request, Sink& sink) {
  switch (provider_.CheckKey(request.key)) {
    case Provider::KeyState::kMissing:
    case Provider::KeyState::kUnknown:
      co_await Refuse(request, WrongKey(request.dialect), sink);
      co_return;
    case Provider::KeyState::kOutOfBalance:
    case Provider::KeyState::kGood:
      co_await sink.Reply(200, Fields(request), provider_.BalanceJson(request.key));
      co_return;
  }
}

std::optional<ErrorReply> Service::KeyObjection(const Request& request) const {
  switch (provider_.CheckKey(request.key)) {
    case Provider::KeyState::kMissing:
      return MissingKey(request.dialect);
    case Provider::KeyState::kUnknown:
      return WrongKey(request.dialect);
    case Provider::KeyState::kOutOfBalance:
      return OutOfBalance(request.dialect);
    case Provider::KeyState::kGood:
      break;
  }
  return std::nullopt;
}

std::optional<ErrorReply> Service::Objection(const Request& request, const Ask& ask) const {
  if (!provider_.HasModel(request.dialect, ask.model)) return NoSuchModel(request.dialect, ask.model);
  const auto invalid = [&](std::string_view message, std::string_view param) {
    return InvalidRequest(request.dialect, message, param);
  };
  const bool deepseek = request.dialect == Dialect::kDeepseek;
  bool says_json = false;
  bool lacks_reasoning = false;
  for (const Message& message : ask.messages) {
    says_json = says_json || base::Lower(message.text).find("json") != std::string::npos;
    lacks_reasoning = lacks_reasoning || (message.role == "assistant" && !message.has_reasoning);
  }
  if (ask.format == Format::kJsonObject && !says_json) {
    return invalid("'messages' must contain the word 'json' to use 'response_format' of type 'json_object'.",
                   "messages");
  }
  if (deepseek && !ask.tools.empty() && lacks_reasoning && HabitsOf(ask, request.dialect).thinks_aloud) {
    return invalid(
        "The reasoning_content of every earlier assistant message must be sent back when tools are used.",
        "messages");
  }
  if (deepseek && !request.route.beta && !ask.messages.empty() && ask.messages.back().prefix) {
    return invalid("Chat prefix completion needs the base URL /beta.", "messages");
  }
  if (ask.tool_choice == ToolChoice::kNamed &&
      std::none_of(ask.tools.begin(), ask.tools.end(),
                   [&](const Tool& t) { return t.name == ask.tool_named; })) {
    return invalid("'tool_choice' names a tool that is not in 'tools'.", "tool_choice");
  }
  return std::nullopt;
}

net::Task<void> Service::ServeChat(Request& request, Operation operation, Sink& sink) {
  const auto ask = ReadAsk(operation, request.body->view());
  request.dialect = provider_.ChatDialectOf(ask ? ask->model : std::string_view());
  if (const auto objection = KeyObjection(request)) {
    co_await Refuse(request, *objection, sink);
    co_return;
  }
  if (!ask) {
    co_await Refuse(request, InvalidRequest(request.dialect, ask.error().message, ask.error().param), sink);
    co_return;
  }
  if (const auto objection = Objection(request, *ask)) {
    co_await Refuse(request, *objection, sink);
    co_return;
  }
  Prompt prompt;
  if (operation != Operation::kEmbedding) prompt.tokens = PromptTokens(*ask);
  co_await ServeAnswer(request, *ask, prompt, sink);
}

}  // namespace sim
