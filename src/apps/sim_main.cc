#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/money.h"
#include "base/time_text.h"
#include "net/address.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "net/tls.h"
#include "sim/provider.h"
#include "sim/refusals.h"
#include "sim/scenario.h"
#include "sim/service.h"

namespace {

constexpr int kDone = 0;
constexpr int kWrongUsage = 2;
constexpr int kEnvironment = 3;
constexpr std::size_t kThreadsMax = 64;

constexpr std::string_view kHelp =
    R"(sluice-sim: a simulated OpenAI, DeepSeek and Anthropic server, to test clients against

usage: sluice-sim [options]            the first line printed is `listening HOST:PORT`

  --listen HOST:PORT    where to listen (127.0.0.1:0; port 0 takes any)
  --scenario FILE       models, keys and faults as JSON (docs/simulator.md)
  --seed N              the same seed and request give the same answer (1)
  --dialect D           openai, deepseek or anthropic alone, or auto: by path and model (auto)
  --fast                no waiting: answers as fast as they can be written
  --ttft TIME           median time to the first token (300ms)
  --rate N/s            median tokens a second (60/s)
  --jitter X            spread of both, 0 to 2 (0.25)
  --queue TIME          requests wait in line so long, with signs of life (0s)
  --keep-alive TIME     between two signs of life (1s)
  --keys A,B            keys that are good (any)
  --concurrency N       requests at once for each key, more get 429 (no cap)
  --currency USD|CNY    of accounts, where a provider has several price lists (USD)
  --clock TIME          the calendar it tells and bills by: 2026-11-23T09:00:00+08:00 (the machine's)
  --clock-speed N       seconds that pass on it in each second (1; 0: it stands still)
  --threads N           event loops (1)
  --tls-cert FILE --tls-key FILE   serve TLS with this PEM chain and key
  --help, --version

It serves /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/models, /v1/responses (OpenAI),
/v1/messages and /v1/messages/count_tokens (Anthropic; under /anthropic DeepSeek's copy), the same without /v1,
/beta/completions (fill in the middle), /beta/chat/completions (prefix), /user/balance. For tests:
GET /sim/requests, /sim/body/N, /sim/state, /sim/bill (what each key owes, exactly), GET and POST /sim/clock,
POST /sim/reset.

One request can ask for a fault with the header x-sim-fault, for example: status=503; retry_after=2,
should_retry=false, delay=200ms, stall=100, truncate=40, reset=head, length=long, garbage, empty, error_in_200,
error_event=3, no_done, no_usage, insufficient=5, keepalive=3, tokens=312.

examples:
  sluice-sim --listen 127.0.0.1:9000 --fast
  sluice-sim --keys sk-a,sk-b --concurrency 2 --ttft 100ms --rate 200/s
  curl http://127.0.0.1:9000/v1/chat/completions -H 'authorization: Bearer x' \
    -H 'x-sim-fault: error_event=3' -d '{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
  curl http://127.0.0.1:9000/v1/responses -H 'authorization: Bearer x' -d '{"model":"gpt-5","input":"hi"}'
  curl http://127.0.0.1:9000/v1/messages -H 'x-api-key: x' -H 'anthropic-version: 2026-10-21' \
    -d '{"model":"claude-sonnet-5","max_tokens":500,"messages":[{"role":"user","content":"hi"}]}'
)";

struct Options {
  std::string listen = "127.0.0.1:0";
  std::string scenario_file;
  std::string tls_cert;
  std::string tls_key;
  std::size_t threads = 1;
  std::optional<base::WallTime> clock;
  std::optional<std::int64_t> clock_speed;
  sim::ProviderOptions provider;
};

// Values of the options, read one by one; false for a value that is wrong.
bool SetTimes(Options& options, std::string_view name, std::string_view value) {
  const auto duration = sim::ParseDuration(value);
  if (!duration) return false;
  if (name == "--ttft") options.provider.pace.first_token = *duration;
  if (name == "--queue") options.provider.queue = *duration;
  if (name == "--keep-alive") options.provider.keep_alive = *duration;
  return name != "--keep-alive" || duration->count() > 0;
}

bool SetNumbers(Options& options, std::string_view name, std::string_view value) {
  const auto number = base::ParseDecimal(value);
  if (!number) return false;
  if (name == "--seed") options.provider.seed = *number;
  if (name == "--concurrency") options.provider.concurrency_max = static_cast<std::int64_t>(*number);
  if (name == "--threads") options.threads = static_cast<std::size_t>(*number);
  if (name == "--threads") return *number >= 1 && *number <= kThreadsMax;
  return name == "--seed" || *number <= 1'000'000;
}

bool SetJitter(Options& options, std::string_view value) {
  const auto permille = value.size() <= 5 ? sim::ParseRate(value) : std::nullopt;
  if (value != "0" && (!permille || *permille > 2)) return false;
  options.provider.pace.jitter = value == "0" ? 0 : *permille;
  return true;
}

bool SetClock(Options& options, std::string_view name, std::string_view value) {
  if (name == "--clock-speed") {
    const auto speed = base::ParseDecimal(value);
    if (!speed || *speed > std::uint64_t{sim::kClockSpeedMax}) return false;
    options.clock_speed = static_cast<std::int64_t>(*speed);
    return true;
  }
  const auto time = base::ParseTime(value);
  if (time) options.clock = *time;
  return time.has_value();
}

bool SetCurrency(Options& options, std::string_view value) {
  const auto currency = base::Currency::Parse(value);
  if (currency) options.provider.currency = *currency;
  return currency && (*currency == base::Currency::kUsd || *currency == base::Currency::kCny);
}

bool SetDialect(Options& options, std::string_view value) {
  options.provider.dialect = sim::ParseDialect(value);
  return options.provider.dialect.has_value() || value == "auto";
}

bool SetKeys(Options& options, std::string_view value) {
  net::ForEachListMember(value, [&](std::string_view key) { options.provider.keys.emplace_back(key); });
  return !options.provider.keys.empty();
}

// None for a name that is no option, else whether the value is right.
std::optional<bool> SetOption(Options& options, std::string_view name, std::string_view value) {
  if (name == "--ttft" || name == "--queue" || name == "--keep-alive") return SetTimes(options, name, value);
  if (name == "--seed" || name == "--concurrency" || name == "--threads")
    return SetNumbers(options, name, value);
  if (name == "--clock" || name == "--clock-speed") return SetClock(options, name, value);
  if (name == "--currency") return SetCurrency(options, value);
  if (name == "--jitter") return SetJitter(options, value);
  if (name == "--dialect") return SetDialect(options, value);
  if (name == "--keys") return SetKeys(options, value);
  if (name == "--rate") {
    const auto rate = sim::ParseRate(value);
    if (rate) options.provider.pace.tokens_per_second = *rate;
    return rate.has_value();
  }
  std::string* const text = name == "--listen"     ? &options.listen
                            : name == "--scenario" ? &options.scenario_file
                            : name == "--tls-cert" ? &options.tls_cert
                            : name == "--tls-key"  ? &options.tls_key
                                                   : nullptr;
  if (text == nullptr) return std::nullopt;
  *text = value;
  return !value.empty();
}

int Complain(int code, std::string_view sentence) {
  std::cerr << "sluice-sim: " << sentence << '\n';
  return code;
}

// An exit code when the program is already done.
std::optional<int> ReadArguments(const std::vector<std::string_view>& arguments, Options& options) {
  bool fast = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view name = arguments[i];
    if (name == "--help" || name == "-h") {
      std::cout << kHelp;
      return kDone;
    }
    if (name == "--version") {
      std::cout << "sluice-sim " << SLUICE_VERSION << '\n';
      return kDone;
    }
    if (name == "--fast") {
      fast = true;
      continue;
    }
    std::string_view value;
    if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    }
    const auto set = SetOption(options, name, value);
    if (!set)
      return Complain(kWrongUsage, "unknown option '" + std::string(name) + "'; --help lists them all");
    if (!*set) {
      return Complain(kWrongUsage,
                      "'" + std::string(value) + "' is no value for " + std::string(name) + "; see --help");
    }
  }
  if (fast) {
    options.provider.pace = {.first_token = std::chrono::nanoseconds(0), .tokens_per_second = 0, .jitter = 0};
  }
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return Complain(kWrongUsage, "--tls-cert and --tls-key belong together");
  }
  return std::nullopt;
}

std::optional<net::Address> ReadListen(std::string_view listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = base::ParseDecimal(listen.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  const std::string_view host = listen.substr(0, colon);
  return net::ParseAddress(host == "localhost" ? "127.0.0.1" : host, static_cast<std::uint16_t>(*port));
}

std::optional<int> ReadScenario(Options& options) {
  if (options.scenario_file.empty()) return std::nullopt;
  std::ifstream file(options.scenario_file, std::ios::binary);
  if (!file) return Complain(kEnvironment, "cannot read " + options.scenario_file);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto scenario = sim::ParseScenario(text, options.provider.pace);
  if (!scenario) return Complain(kWrongUsage, options.scenario_file + ": " + scenario.error().detail);
  options.provider.scenario = *std::move(scenario);
  return std::nullopt;
}

net::Refusal RefusalOf(int status, const base::Error&) {
  constexpr auto kWords = sim::Dialect::kOpenai;  // nothing is known of the request
  return {"content-type: application/json\r\n",
          sim::WriteErrorBody(kWords, sim::ErrorOf(kWords, status), {})};
}

// Serves until TERM or INT comes; both are blocked in every thread.
int Serve(Options options, const net::Address& address, const sigset_t& signals) {
  std::shared_ptr<const net::TlsServerContext> tls;
  if (!options.tls_cert.empty()) {
    auto loaded = net::TlsServerContext::Load(options.tls_cert, options.tls_key);
    if (!loaded) return Complain(kEnvironment, loaded.error().detail);
    tls = *std::move(loaded);
  }
  const base::SystemClock clock;
  sim::Provider provider(clock, std::move(options.provider));
  if (options.clock || options.clock_speed)
    provider.clock().Tell(options.clock.value_or(clock.WallNow()), options.clock_speed.value_or(1));
  std::vector<std::unique_ptr<net::Loop>> loops;
  for (std::size_t i = 0; i < options.threads; ++i) loops.push_back(std::make_unique<net::Loop>(clock));
  auto server = net::Server::Listen(
      loops, {.address = address,
              .limits = {},
              .tls = tls,
              .make_handler =
                  [&provider](net::Loop& loop) {
                    auto service = std::make_shared<sim::Service>(loop, provider);
                    return [service](net::Exchange& exchange) { return service->Handle(exchange); };
                  },
              .refuse = RefusalOf});
  if (!server) return Complain(kEnvironment, server.error().detail);
  std::cout << "listening " << (*server)->local().ToString() << '\n' << std::flush;
  {
    std::vector<std::jthread> threads;
    for (const auto& loop : loops) threads.emplace_back([&loop] { loop->Run(); });
    int signal = 0;
    sigwait(&signals, &signal);
    (*server)->AbortAll();  // posted before the stop, so that it runs first
    for (const auto& loop : loops) loop->StopAfterPosted();
  }
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  Options options;
  if (const auto code = ReadArguments({argv + 1, argv + argc}, options)) return *code;
  const auto address = ReadListen(options.listen);
  if (!address)
    return Complain(kWrongUsage, "--listen wants HOST:PORT with an IP address, not '" + options.listen + "'");
  if (const auto code = ReadScenario(options)) return *code;
  return Serve(std::move(options), *address, signals);
}
