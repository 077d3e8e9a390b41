#include "gateway/span_export.h"

#include <utility>
#include <vector>

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kInterval = 2s;
constexpr auto kFarewell = 1s;
constexpr std::size_t kBatchMax = 512;

}  // namespace

base::Result<std::unique_ptr<SpanExport>> SpanExport::Make(net::Loop& loop, net::Resolver& resolver,
                                                           const config::OtlpSettings& settings,
                                                           telemetry::SpanBuffer& spans, Recorder& recorder,
                                                           std::string version) {
  auto pool = net::PoolOptionsFor({settings.endpoint.host, settings.endpoint.port, settings.endpoint.tls});
  if (!pool) return base::Fail(std::move(pool).error());
  return std::unique_ptr<SpanExport>(
      new SpanExport(loop, resolver, settings, spans, recorder, std::move(version), std::move(*pool)));
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
  target_ = settings.endpoint.path;
  if (!target_.ends_with(kTracesPath)) target_ += kTracesPath;
  fields_.Add("content-type", "application/json");
  for (const auto& [name, value] : settings.headers) fields_.Add(name, value.Reveal());
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
  net::Fetch post{.method = "POST", .target = target_, .fields = fields_, .body = body};
  const auto answer = co_await net::FetchWhole(pool_, std::move(post), cancel_);
  if (!answer) co_return base::Fail(answer.error());
  if (answer->status >= 300) {
    co_return base::Fail(base::Code::kUnavailable,
                         "the collector answered with status " + std::to_string(answer->status));
  }
  co_return base::Result<void>();
}

}  // namespace gateway
