#include "apps/simulation.h"

#include <utility>

#include "sim/refusals.h"
#include "sim/service.h"

namespace apps {

Simulation::Simulation(const base::Clock& clock) : provider_(clock, sim::ProviderOptions{}) {
  loops_.push_back(std::make_unique<net::Loop>(clock));
}

base::Result<std::unique_ptr<Simulation>> Simulation::Start(const base::Clock& clock) {
  std::unique_ptr<Simulation> simulation(new Simulation(clock));
  auto server = net::Server::Listen(
      simulation->loops_, {.address = *net::ParseAddress("127.0.0.1", 0),
                           .limits = {},
                           .tls = nullptr,
                           .make_handler = [raw = simulation.get()](net::Loop& loop) -> net::Server::Handler {
                             auto service = std::make_shared<sim::Service>(loop, raw->provider_);
                             return [service](net::Exchange& exchange) { return service->Handle(exchange); };
                           },
                           .refuse = [](int status, const base::Error&) -> net::Refusal {
                             constexpr auto kWords = sim::Dialect::kOpenai;
                             return {"content-type: application/json\r\n",
                                     sim::WriteErrorBody(kWords, sim::ErrorOf(kWords, status), {})};
                           }});
  if (!server) return base::Fail(std::move(server).error());
  simulation->server_ = std::move(*server);
  simulation->thread_ = std::jthread([loop = simulation->loops_.front().get()] { loop->Run(); });
  return simulation;
}

Simulation::~Simulation() {
  if (server_) server_->AbortAll();
  loops_.front()->StopAfterPosted();
}

void Simulation::AddTo(config::Settings& settings) const {
  // Priced as the provider that each plays, so that the bill can be tried; its name says that nobody is
  // billed.
  const auto add = [&](const std::string& played, config::ApiDialect dialect, const char* path,
                       std::vector<std::string> models) {
    config::ProviderSettings& provider = settings.providers["simulated-" + played];
    provider.prices = played;
    provider.dialect = dialect;
    provider.base_url = {.tls = false, .host = "127.0.0.1", .port = server_->local().port, .path = path};
    provider.keys = {config::Secret("simulated")};
    provider.simulated = true;
    provider.models = std::move(models);
  };
  add("openai", config::ApiDialect::kOpenAi, "/v1",
      {"gpt-5", "gpt-5-mini", "gpt-4o", "gpt-4o-mini", "text-embedding-3-small", "text-embedding-3-large"});
  add("deepseek", config::ApiDialect::kDeepSeek, "",
      {"deepseek-flash", "deepseek-v4-pro", "deepseek-chat", "deepseek-reasoner"});
  add("anthropic", config::ApiDialect::kAnthropic, "",
      {"claude-opus-4-8", "claude-sonnet-5", "claude-haiku-4-5"});
}

}  // namespace apps
