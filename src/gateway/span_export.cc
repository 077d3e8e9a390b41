#include "gateway/span_export.h"

#include <utility>
#include <vector>

#include "net/header_text.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kInterval = 2s;
constexpr auto kFarewell = 1s;
constexpr std::size_t kBatchMax = 512;
constexpr net::CallTimeouts kTimeouts = {.connect = 3s, .first_byte = 10s, .idle = 10s, .total = 15s};

}  // namespace

base::Result<std::unique_ptr<SpanExport>> SpanExport::Make(net::Loop& loop, net::Resolver& resolver,
                                                           const config::OtlpSettings& settings,
                                                           telemetry::SpanBuffer& spans, Recorder& recorder,
                                                           std::string version) {
  net::PoolOptions pool;
  pool.origin = {
      .host = settings.endpoint.host, .port = settings.endpoint.port, .tls = settings.endpoint.tls};
  if (pool.origin.tls) {
    auto tls = net::TlsClientContext::Load("");
    if (!tls) return base::Fail(std::move(tls).error());
    pool.tls = std::move(*tls);
  }
  return std::unique_ptr<SpanExport>(
      new SpanExport(loop, resolver, settings, spans, recorder, std::move(version), std::move(pool)));
}

SpanExport::SpanExport(net::Loop& loop, net::Resolver& resolver, const config::OtlpSettings& settings,
                       telemetry::SpanBuffer& spans, Recorder& recorder, std::string version,
                       net::PoolOptions pool)
    : loop_(loop),
      pool_(loop, resolver, std::move(pool)),
      spans_(spans),
      recorder_(recorder),
      resource_{.service_name = "sluice", .service_version = std::move(version)},
      farewell_(loop.timers(), [this] { cancel_.Fire(base::Code::kTimeout); }) {
  constexpr std::string_view kTracesPath = "/v1/traces";
  const std::string& base = settings.endpoint.path;
  net::HeaderText fields;
  fields.Add("host", settings.endpoint.Authority()).Add("content-type", "application/json");
  for (const auto& [name, value] : settings.headers) fields.Add(name, value.Reveal());
  head_ = "POST " + (base.ends_with(kTracesPath) ? base : base + std::string(kTracesPath)) + " HTTP/1.1\r\n" +
          std::string(fields.view());
}

void SpanExport::Start() {
  loop_.Post([this] { net::Spawn(Run()); });
}

void SpanExport::Stop() {
  loop_.Post([this] {
    stopping_ = true;
    farewell_.SetAfter(kFarewell);
    wake_.Notify();
  });
  ended_.acquire();
}

net::Task<void> SpanExport::Run() {
  net::Timer interval(loop_.timers(), [this] { wake_.Notify(); });
  std::string retry;
  for (bool last = false; !last;) {
    interval.SetAfter(kInterval);
    co_await wake_;
    last = stopping_;
    if (!retry.empty()) {
      const auto sent = co_await Send(retry);
      if (!sent) NoteDropped(sent.error());
      retry.clear();
    }
    while (retry.empty()) {
      const std::vector<telemetry::GenAiSpan> batch = spans_.TakeBatch(kBatchMax);
      if (batch.empty()) break;
      std::string body = telemetry::EncodeTraces(resource_, batch);
      const auto sent = co_await Send(body);
      if (sent) continue;
      if (last) NoteDropped(sent.error());
      retry = std::move(body);
    }
  }
  interval.Cancel();
  farewell_.Cancel();
  ended_.release();
}

void SpanExport::NoteDropped(const base::Error& why) {
  recorder_.Note("traces", "a batch of spans was dropped: " + why.detail);
}

net::Task<base::Result<void>> SpanExport::Send(const std::string& body) {
  net::Call call(pool_, kTimeouts, cancel_);
  const std::string head = head_ + "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
  const std::string_view message[] = {head, body};
  if (auto sent = co_await call.Send("POST", message); !sent) co_return sent;
  base::Buffer answer;
  if (auto read = co_await call.ReadAll(answer, base::MiB); !read) co_return read;
  if (call.head().status >= 300) {
    co_return base::Fail(base::Code::kUnavailable,
                         "the collector answered with status " + std::to_string(call.head().status));
  }
  co_return base::Result<void>();
}

}  // namespace gateway
