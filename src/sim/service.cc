#include "sim/service.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/json_text.h"
#include "net/header_text.h"
#include "sim/answer.h"
#include "sim/answer_json.h"
#include "sim/embedding.h"
#include "sim/hash.h"
#include "sim/json_find.h"
#include "sim/pace.h"
#include "sim/wait.h"
#include "wire/models_list.h"

namespace sim {
namespace {

using chat::Dialect;
using chat::Operation;
using std::chrono::nanoseconds;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEvents = "text/event-stream; charset=utf-8";
constexpr std::string_view kCommentSign = ": keep-alive\n\n";
constexpr std::string_view kLineSign = "\n";
constexpr std::int64_t kModelsCreated = 1'780'000'000;

std::string KeyOf(const net::RequestHead& head) {
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

// A path without its version prefix; `beta` is set for DeepSeek's.
std::string_view Unversioned(std::string_view path, bool& beta) {
  if (path.starts_with("/beta/")) {
    beta = true;
    path.remove_prefix(5);
  }
  if (path.starts_with("/v1/")) path.remove_prefix(3);
  return path;
}

int StatusOfBodyError(base::Code code) {
  if (code == base::Code::kTooLarge) return 413;
  return code == base::Code::kTimeout ? 408 : 400;
}

}  // namespace

net::Task<void> Service::Handle(net::Exchange& exchange) {
  const net::RequestHead& head = exchange.request();
  if (co_await ServeControl(exchange, provider_)) co_return;
  auto body = co_await exchange.ReadBody();
  if (!body) {
    if (body.error().code == base::Code::kClosed) co_return;
    exchange.CloseAfter();
    const ErrorReply error = ErrorOf(Dialect::kOpenai, StatusOfBodyError(body.error().code));
    co_await exchange.Reply(error.status, "content-type: application/json\r\n", error.body);
    co_return;
  }
  Request request{.exchange = exchange, .path = {}};
  request.path = Unversioned(head.path, request.beta);
  request.key = KeyOf(head);
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
      wrong_fault = InvalidRequest(Dialect::kOpenai, fault.error().detail, "x-sim-fault");
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
  provider_.visits().End(number, sink.outcome());
}

net::Task<void> Service::Serve(Request& request, Sink& sink) {
  if (request.fault.reset == Fault::Reset::kBefore) {
    sink.Reset();
    co_return;
  }
  if (!co_await WaitFor(loop_, request.exchange.cancel(), request.fault.delay)) co_return;
  if (request.fault.status != 0 && request.fault.status != 200) {
    request.dialect = provider_.DialectOf(FindText(request.body->view(), "model"));
    co_await Refuse(request, ErrorOf(request.dialect, request.fault.status), sink);
    co_return;
  }
  const std::string_view method = request.exchange.request().method;
  const std::string_view path = request.path;
  const bool get = method == "GET" || method == "HEAD";
  const bool post = method == "POST";
  if (get && (path == "/models" || path.starts_with("/models/"))) {
    co_await ServeModels(request, sink);
  } else if (get && path == "/user/balance") {
    co_await ServeBalance(request, sink);
  } else if (post && path == "/chat/completions") {
    co_await ServeOperation(request, Operation::kChat, sink);
  } else if (post && path == "/completions") {
    co_await ServeOperation(request, Operation::kCompletion, sink);
  } else if (post && path == "/embeddings") {
    co_await ServeOperation(request, Operation::kEmbedding, sink);
  } else {
    co_await Refuse(request, NoSuchPath(method, request.exchange.request().path), sink);
  }
}

std::string Service::Fields(const Request& request, std::string_view content_type) const {
  net::HeaderText fields;
  fields.Add("content-type", content_type);
  if (request.dialect == Dialect::kDeepseek) {
    fields.Add("x-deepseek-request-id", request.request_id);
  } else {
    fields.Add("openai-version", "2020-10-01");
  }
  fields.Add("x-request-id", request.request_id);
  fields.Add("server", "sluice-sim");
  if (content_type == kEvents) fields.Add("cache-control", "no-cache");
  if (request.fault.retry_after_seconds) {
    fields.Add("retry-after", std::to_string(*request.fault.retry_after_seconds));
  }
  return std::string(fields.view());
}

net::Task<void> Service::Refuse(Request& request, const ErrorReply& error, Sink& sink) {
  if (!request.fault.retry_after_seconds) request.fault.retry_after_seconds = error.retry_after_seconds;
  co_await sink.Reply(error.status, Fields(request, kJson), error.body);
}

net::Task<void> Service::ServeModels(Request& request, Sink& sink) {
  const std::string_view owner = "sluice-sim";
  const std::string_view name = request.path.size() > 8 ? request.path.substr(8) : std::string_view();
  if (request.path == "/models") {
    const std::vector<std::string> names = provider_.Models();
    std::vector<wire::ModelEntry> entries;
    for (const std::string& id : names) entries.push_back({id, owner, kModelsCreated});
    co_await sink.Reply(200, Fields(request, kJson), wire::WriteModelsList(entries));
  } else if (provider_.HasModel(name)) {
    co_await sink.Reply(200, Fields(request, kJson), wire::WriteModel({name, owner, kModelsCreated}));
  } else {
    co_await Refuse(request, NoSuchModel(Dialect::kOpenai, name), sink);
  }
}

net::Task<void> Service::ServeBalance(Request& request, Sink& sink) {
  request.dialect = Dialect::kDeepseek;
  switch (provider_.CheckKey(request.key)) {
    case Provider::KeyState::kMissing:
    case Provider::KeyState::kUnknown:
      co_await Refuse(request, WrongKey(request.dialect), sink);
      co_return;
    case Provider::KeyState::kOutOfBalance:
      co_await sink.Reply(
          200, Fields(request, kJson),
          R"({"is_available":false,"balance_infos":[{"currency":"CNY","total_balance":"0.00",)"
          R"("granted_balance":"0.00","topped_up_balance":"0.00"}]})");
      co_return;
    case Provider::KeyState::kGood:
      co_await sink.Reply(
          200, Fields(request, kJson),
          R"({"is_available":true,"balance_infos":[{"currency":"CNY","total_balance":"110.00",)"
          R"("granted_balance":"10.00","topped_up_balance":"100.00"}]})");
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
  if (!provider_.HasModel(ask.model)) return NoSuchModel(request.dialect, ask.model);
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
  if (deepseek && !request.beta && !ask.messages.empty() && ask.messages.back().prefix) {
    return invalid("Chat prefix completion needs the base URL /beta.", "messages");
  }
  if (ask.tool_choice == ToolChoice::kNamed &&
      std::none_of(ask.tools.begin(), ask.tools.end(),
                   [&](const Tool& t) { return t.name == ask.tool_named; })) {
    return invalid("'tool_choice' names a tool that is not in 'tools'.", "tool_choice");
  }
  return std::nullopt;
}

net::Task<void> Service::ServeOperation(Request& request, Operation operation, Sink& sink) {
  const std::string_view body = request.body->view();
  auto ask = ReadAsk(operation, body);
  request.dialect = provider_.DialectOf(ask ? ask->model : std::string_view());
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
  const auto slot = provider_.TakeSlot(request.key);
  if (!slot) {
    co_await Refuse(request, TooManyRequests(request.dialect, ask->model), sink);
    co_return;
  }
  if (const auto odd = OddBodyOf(request.fault.body, request.dialect)) {
    co_await sink.Reply(200, Fields(request, odd->content_type), odd->body);
    co_return;
  }
  if (operation == Operation::kEmbedding) {
    co_await ServeEmbeddings(request, *ask, sink);
    co_return;
  }
  base::Random random(HashBytes(body, provider_.options().seed));
  Answer answer = PlanAnswer(*ask, HabitsOf(*ask, request.dialect), request.fault, random);
  answer.created = provider_.clock().WallNow().time_since_epoch() / std::chrono::seconds(1);
  TokenHashes tokens = PromptTokens(*ask);
  answer.usage.prompt = tokens.size();
  answer.usage.cached = provider_.ReadCache(request.dialect, *ask, tokens);

  Pacer line({provider_.options().queue, 0, provider_.options().pace.jitter}, random);
  const nanoseconds queued = line.FirstToken();
  if (ask->stream) {
    co_await SendStream(request, answer, queued, random, sink);
  } else {
    co_await SendWhole(request, answer, queued, sink);
  }
  AppendAnswerTokens(tokens, answer.choices.front());
  provider_.WriteCache(request.dialect, *ask, tokens);
}

net::Task<void> Service::ServeEmbeddings(Request& request, const Ask& ask, Sink& sink) {
  Pace pace = provider_.PaceOf(ask.model);
  base::Random random(HashBytes(request.body->view(), provider_.options().seed));
  Pacer pacer(pace, random);
  if (!co_await WaitFor(loop_, request.exchange.cancel(), pacer.FirstToken() / 4)) co_return;
  co_await sink.Reply(200, Fields(request, kJson), WriteEmbeddings(ask, request.fault.no_usage));
}

// Signs of life while the request waits in line; a fault can ask for a number of them.
net::Task<bool> Service::StandInLine(Request& request, nanoseconds queued, std::string_view sign,
                                     Sink& sink) {
  const nanoseconds step = provider_.options().keep_alive;
  const bool fast = provider_.options().pace.first_token.count() == 0;
  for (std::int64_t i = 0; i < request.fault.keep_alives; ++i) {
    if (!co_await sink.Chunk(sign)) co_return false;
    if (!fast && !co_await WaitFor(loop_, request.exchange.cancel(), step)) co_return false;
  }
  while (queued > nanoseconds::zero()) {
    if (!co_await sink.Chunk(sign)) co_return false;
    if (!co_await WaitFor(loop_, request.exchange.cancel(), std::min(queued, step))) co_return false;
    queued -= step;
  }
  co_return true;
}

net::Task<void> Service::SendWhole(Request& request, const Answer& answer, nanoseconds queued, Sink& sink) {
  base::Random random(HashBytes(answer.id, provider_.options().seed));
  Pacer pacer(provider_.PaceOf(answer.model), random);
  nanoseconds wait = pacer.FirstToken();
  for (std::size_t i = 0; i < answer.usage.completion; ++i) wait += pacer.Gap();
  const bool lines = queued > nanoseconds::zero() || request.fault.keep_alives > 0;
  if (!lines) {
    if (!co_await WaitFor(loop_, request.exchange.cancel(), wait)) co_return;
    co_await sink.Reply(200, Fields(request, kJson), WriteAnswer(answer));
    co_return;
  }
  sink.Begin(200, Fields(request, kJson));
  if (!co_await StandInLine(request, queued, kLineSign, sink)) co_return;
  if (!co_await WaitFor(loop_, request.exchange.cancel(), wait)) co_return;
  if (co_await sink.Chunk(WriteAnswer(answer))) co_await sink.End();
}

net::Task<void> Service::SendStream(Request& request, const Answer& answer, nanoseconds queued,
                                    base::Random& random, Sink& sink) {
  sink.Begin(200, Fields(request, kEvents));
  if (!co_await StandInLine(request, queued, kCommentSign, sink)) co_return;
  if (!co_await SendTokens(request, answer, random, sink)) co_return;
  ChunkWriter writer(answer);
  for (std::size_t i = 0; i < answer.choices.size(); ++i) {
    if (!co_await sink.Chunk(writer.Finish(i, i + 1 == answer.choices.size()))) co_return;
  }
  if (answer.include_usage && !answer.no_usage && !co_await sink.Chunk(writer.Usage())) co_return;
  if (!request.fault.no_done && !co_await sink.Chunk(ChunkWriter::kDone)) co_return;
  co_await sink.End();
}

net::Task<bool> Service::SendTokens(Request& request, const Answer& answer, base::Random& random,
                                    Sink& sink) {
  Pacer pacer(provider_.PaceOf(answer.model), random);
  base::MonoTime due = loop_.Now() + pacer.FirstToken();
  ChunkWriter writer(answer);
  std::int64_t left = request.fault.error_event_after.value_or(INT64_MAX);
  std::size_t most = 0;
  for (const Choice& choice : answer.choices) most = std::max(most, choice.pieces.size());
  for (std::size_t place = 0; place <= most; ++place) {  // place 0 is the role
    for (std::size_t i = 0; i < answer.choices.size(); ++i) {
      const Choice& choice = answer.choices[i];
      if (place > choice.pieces.size() || (place == 0 && answer.operation != Operation::kChat)) continue;
      if (!co_await WaitFor(loop_, request.exchange.cancel(), due - loop_.Now())) co_return false;
      if (left-- <= 0) {
        const std::string event = "data: " + ErrorOf(request.dialect, 500).body + "\n\n";
        if (co_await sink.Chunk(event)) co_await sink.End();
        co_return false;
      }
      const std::string_view frame = place == 0 ? writer.First(i) : writer.Token(i, choice.pieces[place - 1]);
      if (!co_await sink.Chunk(frame)) co_return false;
    }
    if (place > 0) due += pacer.Gap();
  }
  co_return true;
}

std::optional<OddBody> OddBodyOf(Fault::Body kind, Dialect dialect) {
  switch (kind) {
    case Fault::Body::kAnswer:
      return std::nullopt;
    case Fault::Body::kGarbage: {
      base::Random random(7);
      std::string bytes(512, '\0');
      for (char& c : bytes) c = static_cast<char>(random.Below(256));
      return OddBody{kJson, std::move(bytes)};
    }
    case Fault::Body::kNotJson:
      return OddBody{"text/html", "<html><head><title>Welcome</title></head><body>It works!</body></html>\n"};
    case Fault::Body::kEmpty:
      return OddBody{kJson, ""};
    case Fault::Body::kError:
      return OddBody{kJson, ErrorOf(dialect, 500).body};
  }
  return std::nullopt;
}

}  // namespace sim
