#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "sim/answer.h"
#include "sim/answer_writer.h"
#include "sim/embedding.h"
#include "sim/hash.h"
#include "sim/pace.h"
#include "sim/service.h"
#include "sim/signature.h"
#include "sim/wait.h"

namespace sim {
namespace {

using std::chrono::nanoseconds;

// A fault in place of the answer's body.
struct OddBody {
  std::string_view content_type;
  std::string body;
};

std::optional<OddBody> OddBodyOf(Fault::Body kind, Dialect dialect, std::string_view request_id) {
  switch (kind) {
    case Fault::Body::kAnswer:
      return std::nullopt;
    case Fault::Body::kGarbage: {
      base::Random random(7);
      std::string bytes(512, '\0');
      for (char& c : bytes) c = static_cast<char>(random.Below(256));
      return OddBody{kJsonType, std::move(bytes)};
    }
    case Fault::Body::kNotJson:
      return OddBody{"text/html", "<html><head><title>Welcome</title></head><body>It works!</body></html>\n"};
    case Fault::Body::kEmpty:
      return OddBody{kJsonType, ""};
    case Fault::Body::kError:
      return OddBody{kJsonType, WriteErrorBody(dialect, ErrorOf(dialect, 500), request_id)};
  }
  return std::nullopt;
}

// What an answer depends on: the model and its prompt, not how the answer is to be sent or cut.
std::uint64_t SeedOf(const Ask& ask, const Prompt& prompt, std::uint64_t seed) {
  const auto* bytes = reinterpret_cast<const char*>(prompt.tokens.data());
  return HashBytes({bytes, prompt.tokens.size() * sizeof(std::uint32_t)}, HashBytes(ask.model, seed));
}

}  // namespace

// `prompt` gets the answer behind it when that has been sent, as the next turn would have it.
net::Task<void> Service::ServeAnswer(Request& request, const Ask& ask, Prompt& prompt, Sink& sink) {
  const auto slot = provider_.TakeSlot(request.key);
  if (!slot) {
    co_await Refuse(request, TooManyRequests(request.dialect, ask.model), sink);
    co_return;
  }
  if (const auto odd = OddBodyOf(request.fault.body, request.dialect, request.request_id)) {
    co_await sink.Reply(200, Fields(request, odd->content_type), odd->body);
    co_return;
  }
  if (ask.operation == chat::Operation::kEmbedding) {
    co_await ServeEmbeddings(request, ask, sink);
    co_return;
  }
  const std::uint64_t seed = provider_.options().seed;
  base::Random random(SeedOf(ask, prompt, seed));
  Answer answer = PlanAnswer(ask, HabitsOf(ask, request.dialect), request.fault, random);
  Choice& first = answer.choices.front();
  if (SpeaksMessages(request.dialect)) {
    // What DeepSeek's copy signs, Anthropic refuses.
    const std::uint64_t signer = IsDeepseek(request.dialect) ? Mix(seed) : seed;
    first.signature = SignThinking(signer, first.reasoning);
  }
  if (request.responses != nullptr) DressResponse(answer, *request.responses);
  answer.created = provider_.clock().WallNow().time_since_epoch() / std::chrono::seconds(1);
  const CacheUse use = provider_.ReadCache(request.dialect, ask, prompt);
  answer.usage.prompt = prompt.tokens.size();
  answer.usage.cached = use.read;
  answer.usage.written_5m = use.written_5m;
  answer.usage.written_1h = use.written_1h;

  Pacer line({provider_.options().queue, 0, provider_.options().pace.jitter}, random);
  const nanoseconds queued = line.FirstToken();
  Delivery delivery;
  if (ask.stream) {
    delivery = co_await SendStream(request, answer, queued, random, sink);
  } else {
    delivery = co_await SendWhole(request, answer, queued, sink);
  }
  const auto due = DueFor(answer, ask.stream, delivery, sink.outcome().hung_up);
  if (due) TakeDue(request, answer.model, answer.service_tier, *due);
  AppendAnswerTokens(prompt.tokens, first);
  provider_.WriteCache(request.dialect, ask, prompt.tokens);
}

net::Task<void> Service::ServeEmbeddings(Request& request, const Ask& ask, Sink& sink) {
  Pace pace = provider_.PaceOf(ask.model);
  base::Random random(HashBytes(request.body->view(), provider_.options().seed));
  Pacer pacer(pace, random);
  if (!co_await WaitFor(loop_, request.exchange.cancel(), pacer.FirstToken() / 4)) co_return;
  const bool sent = co_await sink.Reply(200, Fields(request), WriteEmbeddings(ask, request.fault.no_usage));
  if (!sent) co_return;
  Counts counts;
  counts.prompt = CountEmbeddingTokens(ask);
  TakeDue(request, ask.model, {}, {request.fault.no_usage ? Reckoning::kUntold : Reckoning::kTold, counts});
}

void Service::TakeDue(Request& request, std::string_view model, std::string_view tier, const Due& due) {
  request.charged = provider_.Take({.key = request.key,
                                    .dialect = request.dialect,
                                    .model = std::string(model),
                                    .tier = std::string(tier),
                                    .reckoning = due.reckoning,
                                    .dispatched = request.arrived,
                                    .completed = provider_.clock().WallNow(),
                                    .counts = due.counts});
  request.charged_as = Name(due.reckoning);
}

// Signs of life while the request waits in line; a fault can ask for a number of them.
net::Task<bool> Service::StandInLine(Request& request, nanoseconds queued, std::string_view sign,
                                     Sink& sink) {
  const nanoseconds step = provider_.options().keep_alive;
  const bool fast = provider_.options().pace.first_token.count() == 0;
  for (std::int64_t i = 0; i < request.fault.keep_alives; ++i) {
    if (!co_await sink.Chunk(sign)) co_return false;
    if (fast) continue;
    if (!co_await WaitFor(loop_, request.exchange.cancel(), step)) co_return false;
  }
  while (queued > nanoseconds::zero()) {
    if (!co_await sink.Chunk(sign)) co_return false;
    if (!co_await WaitFor(loop_, request.exchange.cancel(), std::min(queued, step))) co_return false;
    queued -= step;
  }
  co_return true;
}

net::Task<Delivery> Service::SendWhole(Request& request, const Answer& answer, nanoseconds queued,
                                       Sink& sink) {
  Delivery delivery{.begun = queued <= nanoseconds::zero()};
  base::Random random(HashBytes(answer.id, provider_.options().seed));
  Pacer pacer(provider_.PaceOf(answer.model), random);
  std::vector<nanoseconds> due{pacer.FirstToken()};  // of each token, after its turn has come
  for (std::size_t i = 0; i < answer.usage.completion; ++i) due.push_back(due.back() + pacer.Gap());
  const nanoseconds wait = due.back();
  const std::unique_ptr<AnswerWriter> writer = MakeAnswerWriter(answer);
  const bool lines = queued > nanoseconds::zero() || request.fault.keep_alives > 0;
  if (lines) {
    sink.Begin(200, Fields(request));
    if (!co_await StandInLine(request, queued, SignOfLife(answer.dialect, false), sink)) co_return delivery;
  }
  delivery.begun = true;
  const base::MonoTime begun = loop_.Now();
  const bool waited = co_await WaitFor(loop_, request.exchange.cancel(), wait);
  const auto passed = std::upper_bound(due.begin(), due.end(), loop_.Now() - begun) - due.begin();
  delivery.tokens = static_cast<std::size_t>(passed);
  if (!waited) co_return delivery;
  if (!lines) {
    delivery.whole = co_await sink.Reply(200, Fields(request), writer->Whole());
    co_return delivery;
  }
  delivery.whole = co_await sink.Chunk(writer->Whole());
  if (delivery.whole) co_await sink.End();
  co_return delivery;
}

net::Task<Delivery> Service::SendStream(Request& request, const Answer& answer, nanoseconds queued,
                                        base::Random& random, Sink& sink) {
  Delivery delivery;
  sink.Begin(200, Fields(request, kEventsType));
  if (!co_await StandInLine(request, queued, SignOfLife(answer.dialect, true), sink)) co_return delivery;
  delivery.begun = true;
  Pacer pacer(provider_.PaceOf(answer.model), random);
  base::MonoTime due = loop_.Now() + pacer.FirstToken();
  std::size_t token = 1;  // that is due then
  std::size_t events = 0;
  std::int64_t left = request.fault.error_event_after.value_or(INT64_MAX);
  const std::unique_ptr<AnswerWriter> writer = MakeAnswerWriter(answer);
  while (const auto frame = writer->Next()) {
    for (; token < frame->token; ++token) due += pacer.Gap();
    const nanoseconds wait = frame->token == 0 ? nanoseconds::zero() : due - loop_.Now();
    if (!co_await WaitFor(loop_, request.exchange.cancel(), wait)) co_return delivery;
    if (left-- <= 0) {
      const std::string event =
          WriteErrorEvent(answer.dialect, FailureInStream(answer.dialect), request.request_id, events);
      delivery.broken = co_await sink.Chunk(event);
      if (delivery.broken) co_await sink.End();
      co_return delivery;
    }
    delivery.tokens = frame->token;
    if (!co_await sink.Chunk(frame->bytes)) co_return delivery;
    ++events;
    delivery.frames = events;
    delivery.whole = delivery.whole || frame->tells_all;
  }
  delivery.whole = true;
  co_await sink.End();
  co_return delivery;
}

}  // namespace sim
