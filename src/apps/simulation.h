#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "sim/provider.h"

namespace apps {

// The simulated providers that stand in when no real one is configured: a real HTTP server on a free port of
// the loopback, in this process, on a thread of its own.
class Simulation {
 public:
  static base::Result<std::unique_ptr<Simulation>> Start(const base::Clock& clock);
  ~Simulation();

  // Adds `simulated-openai`, `simulated-deepseek` and `simulated-anthropic`.
  void AddTo(config::Settings& settings) const;

 private:
  explicit Simulation(const base::Clock& clock);

  sim::Provider provider_;
  std::vector<std::unique_ptr<net::Loop>> loops_;
  std::unique_ptr<net::Server> server_;
  std::jthread thread_;
};

}  // namespace apps
