#pragma once

#include <memory>
#include <semaphore>
#include <string>

#include "base/result.h"
#include "config/settings.h"
#include "gateway/record.h"
#include "net/http_fetch.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "telemetry/otlp.h"

namespace gateway {

// Sends finished spans to an OTLP/HTTP collector every two seconds, in batches of 512. A batch that cannot be
// delivered is tried once more two seconds later and then dropped with a note in the log: traces never hold
// up requests and never grow without bound. Belongs to its loop; everything given outlives it.
class SpanExport {
 public:
  static base::Result<std::unique_ptr<SpanExport>> Make(net::Loop& loop, net::Resolver& resolver,
                                                        const config::OtlpSettings& settings,
                                                        telemetry::SpanBuffer& spans, Recorder& recorder,
                                                        std::string version);

  // Begins on the loop's thread.
  void Start();

  // Sends what is left, for a second at most, and ends. From another thread, while the loop still runs.
  void Stop();

 private:
  SpanExport(net::Loop& loop, net::Resolver& resolver, const config::OtlpSettings& settings,
             telemetry::SpanBuffer& spans, Recorder& recorder, std::string version, net::PoolOptions pool);
  net::Task<void> Run();
  net::Task<base::Result<void>> Send(const std::string& body);
  void NoteDropped(const base::Error& why);

  net::Loop& loop_;
  net::Pool pool_;
  std::string target_;      // of every request, as the next
  net::HeaderText fields_;  // content-type, and what the operator has sent along
  telemetry::SpanBuffer& spans_;
  Recorder& recorder_;
  const telemetry::OtlpResource resource_;
  net::Event wake_;  // an interval is over, or Stop
  net::Timer farewell_;
  net::Cancel cancel_;  // of the batch on its way when the farewell is over
  bool stopping_ = false;
  std::binary_semaphore ended_{0};
};

}  // namespace gateway
