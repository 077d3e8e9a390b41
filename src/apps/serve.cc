#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>
#include <utility>

#include "admin/api.h"
#include "admin/listener.h"
#include "apps/admin_client.h"
#include "apps/commands.h"
#include "apps/simulation.h"
#include "apps/welcome.h"
#include "base/clock.h"
#include "budget/books.h"
#include "budget/metrics.h"
#include "budget/policy.h"
#include "budget/rate_limits.h"
#include "config/check.h"
#include "config/reader.h"
#include "engine/token_counter.h"
#include "gateway/budget_watch.h"
#include "gateway/counting_desk.h"
#include "gateway/gateway.h"
#include "gateway/identity_issuers.h"
#include "gateway/ledger_desk.h"
#include "gateway/span_export.h"
#include "pricing/calendar_watch.h"
#include "pricing/price_watch.h"
#include "store/disk.h"
#include "store/journal.h"
#include "store/key_store.h"
#include "store/key_watch.h"
#include "store/ledger_metrics.h"
#include "store/live_ledger.h"
#include "store/wait_for.h"
#include "telemetry/process_metrics.h"

namespace apps {
namespace {

using base::Fail;
using base::Result;
using namespace std::chrono_literals;

constexpr std::size_t kLoopsMax = 256;
constexpr auto kKeysLook = 250ms;  // how often another process's changes to the keys are looked for
// The index takes rows in when there are many, or some for this long: whoever reads takes in what it lacks.
constexpr std::uint64_t kLedgerRows = 16'384;
constexpr auto kLedgerLook = 500ms;
constexpr int kLedgerLooks = 10;
constexpr auto kPricesLook = 2s;   // the same for imported prices
constexpr auto kFarewell = 500ms;  // for the error events of streams that a drain cut off
constexpr auto kStep = 10ms;       // between two looks at how far a drain is

constexpr std::string_view kHelp = R"(usage: sluice serve [options]

Runs the gateway. With no config and no sluice.yaml here it serves the providers whose keys are in the
environment (DEEPSEEK_API_KEY, OPENAI_API_KEY, ANTHROPIC_API_KEY), without a key three simulated ones.

  -c FILE             the config (./sluice.yaml if it is there)
  --listen HOST:PORT  where applications connect (127.0.0.1:8080); port 0 takes any free one
  --admin HOST:PORT   health, readiness, metrics and the admin API (127.0.0.1:8081)
  --data DIR          keys and other state (./sluice-data)

The ports really bound are the first lines printed: `listening HOST:PORT` and `admin HOST:PORT`. Behind them
stand the providers and a command to try. TERM and INT drain, HUP reloads the config.
)";

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

// --listen, --admin and --data win over the config.
Result<void> Override(const Arguments& arguments, config::Settings& settings) {
  const auto set = [&](std::string_view option, config::HostPort& target) -> Result<void> {
    const auto given = arguments.Find(option);
    if (!given) return {};
    const auto parsed = config::HostPort::Parse(*given);
    if (!parsed) {
      return Fail(base::Code::kInvalid, std::string(option) + " " + *given + ": " + parsed.error().why +
                                            ", " + parsed.error().instead);
    }
    target = *parsed;
    return {};
  };
  if (auto done = set("--listen", settings.listen); !done) return done;
  if (auto done = set("--admin", settings.admin.listen); !done) return done;
  settings.data = arguments.Get("--data", settings.data);
  return {};
}

Result<std::unique_ptr<telemetry::LineLog>> OpenLog(const std::string& log) {
  if (log == "off") return telemetry::LineLog::Off();
  if (log == "stderr") return telemetry::LineLog::ToDescriptor(STDERR_FILENO);
  return telemetry::LineLog::ToFile(log);
}

// Of all models, each weighing as many texts as its error is the mean of. 0 before the first.
double MeanError(const std::vector<engine::EstimateAccuracy>& accuracies) {
  double sum = 0;
  double texts = 0;
  for (const engine::EstimateAccuracy& accuracy : accuracies) {
    const auto window =
        static_cast<double>(std::min<std::int64_t>(accuracy.samples, engine::Estimator::kAccuracyWindow));
    sum += window * accuracy.error;
    texts += window;
  }
  return texts == 0 ? 0 : sum / texts;
}

// Everything that runs, in the order in which it is built; it goes in the opposite one.
class Running {
 public:
  Running(const Arguments& arguments, const config::Environment& environment)
      : arguments_(arguments), environment_(environment) {}

  int Start(LoadedConfig loaded);
  int Run();

 private:
  Result<void> Prepare();
  Result<void> OpenKeys();
  Result<void> OpenLedger();
  Result<void> OpenIssuers();
  Result<void> OpenBudgets();
  Result<void> OpenTelemetry();
  void OpenCounter();
  Result<void> OpenListeners(std::shared_ptr<const pricing::Book> prices);
  void WatchPrices(pricing::LoadedBook loaded);
  Result<std::shared_ptr<const config::Settings>> Adjust(config::Settings settings) const;
  void Reload();
  Result<std::string> PutInForce();  // what is in force now, in a sentence
  void Welcome() const;
  bool Drain();  // false when answers were cut off
  bool WaitUntilIdle(std::chrono::nanoseconds limit);
  void Stop(std::string_view how);

  const Arguments& arguments_;
  const config::Environment& environment_;
  const base::SystemClock clock_;
  std::string file_;  // empty: no config
  std::shared_ptr<const config::Settings> settings_;
  std::unique_ptr<Simulation> simulation_;
  upstream::ProxyRules proxies_;
  std::unique_ptr<telemetry::LineLog> log_;
  telemetry::Registry registry_;
  telemetry::SpanBuffer spans_;
  std::unique_ptr<gateway::Recorder> recorder_;
  std::unique_ptr<store::KeyWatch> keys_;
  std::unique_ptr<engine::TokenCounter> counter_;
  store::SystemDisk disk_;
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<store::LiveLedger> ledger_;
  const budget::ScopeHash scope_hash_;
  std::unique_ptr<budget::Books> books_;
  budget::RateLimits limits_;
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<gateway::BudgetWatch> watch_;
  std::vector<std::unique_ptr<net::Loop>> loops_;
  std::vector<std::unique_ptr<net::Loop>> admin_loops_;  // one, so that a scrape never waits for traffic
  std::unique_ptr<gateway::Issuers> issuers_;            // of the admin loop; null: auth is open
  std::unique_ptr<gateway::LedgerDesk> desk_;            // posts its answers to the loops
  std::unique_ptr<gateway::CountingDesk> counting_;      // the same
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<admin::Api> api_;  // posts its answers to the loops
  std::unique_ptr<admin::Listener> admin_;
  std::unique_ptr<gateway::SpanExport> export_;
  pricing::CalendarWatch calendars_{
      clock_, [this](const std::string& sentence) { recorder_->Note("calendar_ends", sentence); }};
  std::unique_ptr<pricing::PriceWatch> prices_;  // puts books in force at the gateway
  std::vector<std::jthread> threads_;
  telemetry::Family<telemetry::Counter>* reloads_ = nullptr;
  std::atomic<std::int64_t> in_force_since_{0};  // seconds since 1970
};

Result<std::shared_ptr<const config::Settings>> Running::Adjust(config::Settings settings) const {
  if (auto done = Override(arguments_, settings); !done) return Fail(done.error());
  if (simulation_) simulation_->AddTo(settings);
  config::Complete(settings);
  if (const auto problems = config::Check(settings); !problems.empty()) {
    return Fail(base::Code::kInvalid, config::Print(problems.front()));
  }
  return std::make_shared<const config::Settings>(std::move(settings));
}

int Running::Start(LoadedConfig loaded) {
  file_ = loaded.file;
  config::Settings settings = loaded.settings ? *loaded.settings : config::DefaultSettings(environment_);
  if (!loaded.settings && settings.providers.empty()) {
    auto simulation = Simulation::Start(clock_);
    if (!simulation) return Complain(kEnvironment, simulation.error().detail);
    simulation_ = std::move(*simulation);
  }
  auto adjusted = Adjust(std::move(settings));
  if (!adjusted) return Complain(kWrongUsage, adjusted.error().detail);
  settings_ = std::move(*adjusted);
  if (const auto prepared = Prepare(); !prepared) return Complain(kEnvironment, prepared.error().detail);
  return kDone;
}

Result<void> Running::Prepare() {
  auto proxies = upstream::ProxyRules::FromEnvironment(environment_);
  if (!proxies) return Fail(std::move(proxies).error());
  proxies_ = std::move(*proxies);
  if (auto done = OpenTelemetry(); !done) return done;
  if (auto done = OpenKeys(); !done) return done;
  OpenCounter();
  auto prices = pricing::LoadBook(settings_->data, *settings_);
  if (!prices) return Fail(std::move(prices).error());
  if (auto done = OpenLedger(); !done) return done;
  if (auto done = OpenBudgets(); !done) return done;
  if (auto done = OpenListeners(prices->book); !done) return done;
  WatchPrices(std::move(*prices));
  return {};
}

Result<void> Running::OpenTelemetry() {
  auto log = OpenLog(settings_->telemetry.log);
  if (!log) return Fail(std::move(log).error());
  log_ = std::move(*log);
  telemetry::AddProcessMetrics(registry_);
  registry_.AddCallback(telemetry::Registry::Kind::kCounter, "sluice_log_lines_dropped_total",
                        "Log lines lost because the log could not keep up.",
                        [this] { return static_cast<double>(log_->LinesDropped()); });
  registry_.AddCallback(telemetry::Registry::Kind::kCounter, "sluice_log_write_errors_total",
                        "Writes of the log that failed.",
                        [this] { return static_cast<double>(log_->WriteErrors()); });
  reloads_ = &registry_.AddCounter({.name = "sluice_config_reloads_total",
                                    .help = "Reloads of the config (HUP), by what came of them.",
                                    .labels = {"result"},
                                    .initial = {{"accepted"}, {"refused"}}});
  registry_.AddCallback(telemetry::Registry::Kind::kGauge, "sluice_config_in_force_timestamp_seconds",
                        "When the config in force was taken: the start, or the last accepted reload.",
                        [this] { return static_cast<double>(in_force_since_.load()); });
  in_force_since_ = std::chrono::floor<std::chrono::seconds>(clock_.WallNow().time_since_epoch()).count();
  const bool traces = !settings_->telemetry.otlp.endpoint.host.empty();
  recorder_ = std::make_unique<gateway::Recorder>(clock_, registry_, *log_, traces ? &spans_ : nullptr);
  return {};
}

Result<void> Running::OpenKeys() {
  if (settings_->auth == config::Auth::kOpen) return {};
  auto store = store::KeyStore::Open(settings_->data, clock_);
  if (!store) return Fail(std::move(store).error());
  auto watch = store::KeyWatch::Start(
      std::move(*store), {.wait = store::WaitFor(kKeysLook), .on_error = [this](const base::Error& error) {
                            recorder_->Note("keys", error.detail);
                          }});
  if (!watch) return Fail(std::move(watch).error());
  keys_ = std::move(*watch);
  return {};
}

// A missing file is no news: without it tokens are estimated, as the metrics tell.
void Running::OpenCounter() {
  counter_ = std::make_unique<engine::TokenCounter>(
      config::ModelsFolder(*settings_), [this](engine::Family family, const Result<void>& loaded) {
        if (loaded || loaded.error().code == base::Code::kNotFound) return;
        recorder_->Note("tokenizer",
                        std::string(engine::Name(family)) + " is estimated: " + loaded.error().detail);
      });
  for (const auto& [unused, alias] : settings_->models) {
    for (const auto* list : {&alias.ladder, &alias.fallback}) {
      for (const config::ModelRef& model : *list) counter_->Prepare(model.provider, model.model);
    }
  }
  registry_.AddCallback(telemetry::Registry::Kind::kGauge, "sluice_tokenizers_loaded",
                        "Tokenizers in memory, of the families whose texts had to be counted.",
                        [this] { return static_cast<double>(counter_->tokenizers()); });
  registry_.AddCallback(telemetry::Registry::Kind::kGauge, "sluice_token_estimate_error_ratio",
                        "How far estimates of tokens were from what providers reported, as a share: the mean "
                        "over the last 128 texts of each model.",
                        [this] { return MeanError(counter_->Accuracies()); });
}

void Running::WatchPrices(pricing::LoadedBook loaded) {
  for (const std::string& problem : loaded.problems) recorder_->Note("prices", problem);
  calendars_.Use(std::move(loaded.book), settings_);
  prices_ = pricing::PriceWatch::Start(
      settings_, std::move(loaded.stamp), settings_->data,
      {.wait =
           [this, wait = store::WaitFor(kPricesLook)](std::stop_token stop) {
             calendars_.Look();
             return wait(std::move(stop));
           },
       .put_in_force =
           [this](std::shared_ptr<const pricing::Book> book) {
             gateway_->SetPrices(book);
             calendars_.Use(std::move(book));
           },
       .on_error = [this](const base::Error& error) { recorder_->Note("prices", error.detail); }});
}

Result<void> Running::OpenLedger() {
  const auto note = [this](std::string_view event, std::string_view sentence) {
    recorder_->Note(event, sentence);
  };
  const config::LedgerSettings& written = settings_->ledger;
  auto journal = store::Journal::Open(
      settings_->data, clock_, disk_,
      {.segment_bytes = written.segment_size,
       .sync_interval = written.sync_interval,
       .retention = std::chrono::ceil<std::chrono::hours>(written.retention),
       .when_full = written.when_full == config::LedgerWhenFull::kRefuse ? store::WhenFull::kRefuse
                                                                         : store::WhenFull::kContinue,
       .note = note});
  if (!journal) return Fail(std::move(journal).error());
  journal_ = std::move(*journal);
  store::AddLedgerMetrics(registry_, *journal_);
  auto wait = store::WaitFor({.count = [this] { return journal_->Counts().rows; },
                              .many = kLedgerRows,
                              .interval = kLedgerLook,
                              .intervals_max = kLedgerLooks});
  auto ledger = store::LiveLedger::Start(*journal_, {.wait = std::move(wait), .note = note});
  if (!ledger) return Fail(std::move(ledger).error());
  ledger_ = std::move(*ledger);
  desk_ = std::make_unique<gateway::LedgerDesk>(clock_, *ledger_);
  counting_ = std::make_unique<gateway::CountingDesk>(clock_, *counter_);
  return {};
}

Result<void> Running::OpenBudgets() {
  auto policy = budget::Policy::Compile(*settings_, scope_hash_);
  auto books = budget::Books::Open(*journal_, clock_, disk_, std::move(policy), scope_hash_,
                                   {.sync_interval = settings_->ledger.sync_interval,
                                    .note = [this](std::string_view event, std::string_view sentence) {
                                      recorder_->Note(event, sentence);
                                    }});
  if (!books) return Fail(std::move(books).error());
  books_ = std::move(*books);
  resolver_ = std::make_unique<net::Resolver>(clock_);
  auto watch = gateway::BudgetWatch::Start({.clock = clock_,
                                            .resolver = *resolver_,
                                            .recorder = *recorder_,
                                            .registry = registry_,
                                            .accounts = books_->accounts(),
                                            .hash = scope_hash_,
                                            .disk = disk_,
                                            .policy = [this] { return books_->policy(); },
                                            .data = settings_->data});
  if (!watch) return Fail(std::move(watch).error());
  watch_ = std::move(*watch);
  budget::AddBudgetMetrics(registry_, *books_, watch_->crossings(), limits_);
  return {};
}

Result<void> Running::OpenIssuers() {
  if (settings_->auth == config::Auth::kOpen) return {};
  const auto note = [this](std::string_view sentence) { recorder_->Note("issuer", sentence); };
  issuers_ = std::make_unique<gateway::Issuers>(
      gateway::Issuers::Parts{.loop = *admin_loops_.front(), .resolver = *resolver_, .note = note});
  auto made = issuers_->Make(settings_->oidc);
  if (!made) return Fail(std::move(made).error());
  issuers_->Use(std::move(*made));
  return {};
}

Result<void> Running::OpenListeners(std::shared_ptr<const pricing::Book> prices) {
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t count = settings_->threads == 0 ? cores : settings_->threads;
  for (std::size_t i = 0; i < std::min(count, kLoopsMax); ++i)
    loops_.push_back(std::make_unique<net::Loop>(clock_));
  admin_loops_.push_back(std::make_unique<net::Loop>(clock_));
  if (auto done = OpenIssuers(); !done) return done;
  auto gateway = gateway::Gateway::Start({.clock = clock_,
                                          .registry = registry_,
                                          .recorder = *recorder_,
                                          .resolver = *resolver_,
                                          .proxies = proxies_,
                                          .keys = keys_.get(),
                                          .issuers = issuers_.get(),
                                          .journal = journal_.get(),
                                          .desk = desk_.get(),
                                          .counter = counter_.get(),
                                          .counting = counting_.get(),
                                          .books = books_.get(),
                                          .crossings = &watch_->crossings(),
                                          .limits = &limits_,
                                          .loops = loops_},
                                         settings_, std::move(prices));
  if (!gateway) return Fail(std::move(gateway).error());
  gateway_ = std::move(*gateway);
  auto api =
      admin::Api::Open({.clock = clock_,
                        .data = settings_->data,
                        .note = [this](std::string_view event,
                                       std::string_view sentence) { recorder_->Note(event, sentence); },
                        .budgets = *books_,
                        .limits = limits_,
                        .crossings = watch_->crossings(),
                        .policy = [this] { return gateway_->policy(); },
                        .on_change = [this] { watch_->LookAgain(); }});
  if (!api) return Fail(std::move(api).error());
  api_ = std::move(*api);
  auto admin = admin::Listener::Start(admin_loops_, *settings_, *gateway_, registry_, api_.get());
  if (!admin) return Fail(std::move(admin).error());
  admin_ = std::move(*admin);
  if (auto noted = NoteAdminAddress(settings_->data, admin_->address().ToString()); !noted) {
    recorder_->Note("admin_address", noted.error().detail);
  }
  registry_.AddCallback(telemetry::Registry::Kind::kGauge, "sluice_connections",
                        "Open connections of applications.",
                        [this] { return static_cast<double>(gateway_->connections()); });
  if (!settings_->telemetry.otlp.endpoint.host.empty()) {
    auto exporter = gateway::SpanExport::Make(*admin_loops_.front(), *resolver_, settings_->telemetry.otlp,
                                              spans_, *recorder_, SLUICE_VERSION);
    if (!exporter) return Fail(std::move(exporter).error());
    export_ = std::move(*exporter);
    export_->Start();
  }
  return {};
}

int Running::Run() {
  for (const auto& loop : loops_) threads_.emplace_back([raw = loop.get()] { raw->Run(); });
  for (const auto& loop : admin_loops_) threads_.emplace_back([raw = loop.get()] { raw->Run(); });
  Welcome();
  if (simulation_) {
    recorder_->Note(
        "simulated",
        "no provider key is in the environment (DEEPSEEK_API_KEY, OPENAI_API_KEY, ANTHROPIC_API_KEY), "
        "so three SIMULATED providers answer: invented text, at real prices that nobody is billed");
  }
  const sigset_t signals = Signals();
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    Reload();
  }
  const bool whole = Drain();
  Stop(whole ? "all answers are given" : "answers in progress were cut off: their time was over");
  return kDone;
}

void Running::Welcome() const {
  config::Settings shown = *settings_;
  shown.listen.port = gateway_->address().port;
  std::cout << "listening " << gateway_->address().ToString() << "\nadmin " << admin_->address().ToString()
            << '\n'
            << apps::Welcome(shown, file_);
  std::cout << std::flush;
}

void Running::Reload() {
  log_->Reopen();
  const auto done = PutInForce();
  if (done)
    in_force_since_ = std::chrono::floor<std::chrono::seconds>(clock_.WallNow().time_since_epoch()).count();
  reloads_->With({done ? "accepted" : "refused"}).Add();
  recorder_->Note(done ? "reloaded" : "refused", done ? *done : done.error().detail);
}

Result<std::string> Running::PutInForce() {
  if (file_.empty()) return Fail(base::Code::kInvalid, "there is no config file to reload");
  auto read = config::ReadFile(file_, environment_);
  if (!read) {
    std::string problems;
    for (const config::Problem& problem : read.error()) {
      problems += (problems.empty() ? "" : "; ") + config::Print(problem);
    }
    return Fail(base::Code::kInvalid, problems);
  }
  auto adjusted = Adjust(**read);
  if (!adjusted) return Fail(base::Code::kInvalid, file_ + ": " + adjusted.error().detail);
  Result<gateway::Issuers::List> issuers = gateway::Issuers::List();
  if (issuers_) issuers = issuers_->Make((*adjusted)->oidc);
  if (!issuers) return Fail(issuers.error().code, file_ + ": " + issuers.error().detail);
  std::vector<std::string> kept;
  const auto put_in_force = [&](std::shared_ptr<const pricing::Book> prices) -> Result<void> {
    auto reloaded = gateway_->Reload(*adjusted, prices);
    if (reloaded) calendars_.Use(std::move(prices), *adjusted);
    if (!reloaded) return Fail(reloaded.error().code, file_ + ": " + reloaded.error().detail);
    kept = std::move(*reloaded);
    return {};
  };
  if (auto used = prices_->Use(*adjusted, put_in_force); !used) return Fail(std::move(used).error());
  if (issuers_) issuers_->Use(std::move(*issuers));
  watch_->LookAgain();
  settings_ = std::move(*adjusted);
  counter_->LookAgain();
  std::string message = file_ + " is in force";
  for (const std::string& name : kept) message += "; " + name + " needs a restart";
  return message;
}

// True when everything is answered and closed; false when the time is over or a second signal came.
bool Running::WaitUntilIdle(std::chrono::nanoseconds limit) {
  const base::MonoTime until = clock_.Now() + limit;
  sigset_t signals = Signals();
  sigdelset(&signals, SIGHUP);
  const timespec step = {0, std::chrono::nanoseconds(kStep).count()};
  while (gateway_->exchanges() > 0 || gateway_->connections() > 0) {
    if (clock_.Now() >= until || sigtimedwait(&signals, nullptr, &step) > 0) return false;
  }
  return true;
}

bool Running::Drain() {
  recorder_->Note("draining", "no new requests; answers in progress may take " +
                                  config::Print(settings_->drain_timeout) + " more");
  gateway_->Drain();
  if (WaitUntilIdle(settings_->drain_timeout)) return true;
  gateway_->GiveUp();
  if (WaitUntilIdle(kFarewell)) return false;
  gateway_->AbortAll();
  WaitUntilIdle(kFarewell);
  return false;
}

void Running::Stop(std::string_view how) {
  recorder_->Note("stopped", how);
  ForgetAdminAddress(settings_->data);
  if (export_) export_->Stop();
  if (issuers_) issuers_->Stop();
  admin_->AbortAll();
  for (const auto* group : {&loops_, &admin_loops_}) {
    for (const auto& loop : *group) loop->StopAfterPosted();
  }
  threads_.clear();
}

}  // namespace

int Serve(const std::vector<std::string>& given, const config::Environment& environment) {
  if (AsksForHelp(given)) {
    std::cout << kHelp;
    return kDone;
  }
  const auto arguments = Arguments::Parse(given, {"-c", "--listen", "--admin", "--data"});
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  if (!arguments->words().empty()) {
    return Complain(kWrongUsage, "serve takes options only, not '" + arguments->words().front() + "'");
  }
  const LoadedConfig loaded = LoadConfig(*arguments, environment, kNo);
  if (loaded.code != kDone) return loaded.code;

  // Every thread inherits the mask, so that signals reach only the sigwait of Run.
  const sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  Running running(*arguments, environment);
  if (const int code = running.Start(loaded); code != kDone) return code;
  return running.Run();
}

}  // namespace apps
