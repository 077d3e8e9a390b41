#include "simulation/played_world.h"

#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "config/environment.h"
#include "config/reader.h"
#include "net/loopback_for_test.h"
#include "pricing/book.h"
#include "pricing/shipped.h"
#include "pricing/version_text.h"
#include "sim/json_find.h"
#include "sim/scenario.h"
#include "sim/service.h"
#include "store/journal_reader.h"
#include "wire/usage_reader.h"

namespace simulation {
namespace {

constexpr std::string_view kProviders[] = {"deepseek", "openai", "anthropic"};

// What goes wrong, and models whose answers take long enough to be hung up on. Streams of Messages do not
// break in their middle: they have told what the prompt costs and not what the answer does, which nobody can
// compare.
constexpr std::string_view kScenario = R"({
  "models": [{"name": "deepseek-v4-flash", "ttft": "2ms", "rate": "500/s"}, {"name": "deepseek-*"},
             {"name": "gpt-*"}, {"name": "text-embedding-*"}, {"name": "claude-*"}],
  "keys": [{"key": "sk-usd"}, {"key": "sk-cny", "currency": "CNY"}],
  "rules": [
    {"model": "deepseek-flash", "every": 7, "fault": "status=503"},
    {"model": "deepseek-flash", "path": "/chat/completions", "every": 11, "fault": "insufficient=3"},
    {"model": "deepseek-flash", "every": 23, "fault": "empty"},
    {"model": "deepseek-v4-pro", "path": "/chat/completions", "every": 5, "fault": "error_event=4"},
    {"model": "deepseek-v4-pro", "every": 9, "fault": "reset=head"},
    {"model": "gpt-5-nano", "fault": "delay=1h"},
    {"model": "gpt-5-mini", "every": 8, "fault": "status=500"},
    {"model": "gpt-5-mini", "every": 19, "fault": "not_json"},
    {"model": "claude-haiku-4-5", "every": 6, "fault": "status=529"},
    {"model": "claude-haiku-4-5", "every": 7, "fault": "error_event=6"},
    {"model": "claude-sonnet-5-5", "every": 9, "fault": "reset=2500"},
    {"model": "claude-haiku-4-5", "every": 13, "fault": "reset=before"}]})";

constexpr std::string_view kModels = R"(
translation: { unsayable: drop }
models:
  assistant:
    ladder: [deepseek/deepseek-flash, deepseek/deepseek-v4-pro]
    default: deepseek/deepseek-flash
    fallback: [openai/gpt-5-mini]
  zhushou:
    ladder: [deepseek-cn/deepseek-flash, deepseek-cn/deepseek-v4-pro]
    default: deepseek-cn/deepseek-flash
  writer:
    ladder: [anthropic/claude-haiku-4-5, anthropic/claude-sonnet-5-5]
    default: anthropic/claude-haiku-4-5
  coder:
    ladder: [openai/gpt-5-mini, openai/gpt-5.6-luna]
    default: openai/gpt-5-mini
  strong: { ladder: [anthropic/claude-sonnet-5-5] }
  thinker: { ladder: [openai/gpt-5.6-luna] }
  slow: { ladder: [deepseek/deepseek-v4-flash] }
  slow-cn: { ladder: [deepseek-cn/deepseek-v4-flash] }
  heard-out: { ladder: [deepseek-patient/deepseek-v4-flash] }
  hasty: { ladder: [openai-hasty/gpt-5-nano], fallback: [openai/gpt-5-mini] }
  retired: { ladder: [deepseek/deepseek-chat] }
  vectors: { ladder: [openai/text-embedding-3-small] }
)";

std::string ConfigText(const PlayedProviders& providers, const std::filesystem::path& data_directory) {
  std::string text = "listen: 127.0.0.1:0\nauth: open\ndata: " + data_directory.string() + "\nproviders:\n";
  const auto add = [&](std::string_view name, std::string_view of, std::string_view path,
                       std::string_view more) {
    text.append("  ").append(name).append(": { dialect: ").append(of);
    text += ", base_url: \"http://127.0.0.1:" + std::to_string(providers.PortOf(of));
    text.append(path).append("\", prices: ").append(of).append(", ").append(more).append(" }\n");
  };
  add("deepseek", "deepseek", "", "key: sk-usd, endpoints: [chat, messages]");
  add("deepseek-cn", "deepseek", "", "key: sk-cny, currency: CNY, endpoints: [chat, messages]");
  add("deepseek-patient", "deepseek", "", "key: sk-usd, on_hang_up: drain, endpoints: [chat]");
  add("openai", "openai", "/v1", "key: sk-usd");
  add("openai-hasty", "openai", "/v1", "key: sk-usd, timeout: { first_byte: 20ms }");
  add("anthropic", "anthropic", "", "key: sk-usd");
  return text.append(kModels);
}

std::shared_ptr<const config::Settings> SettingsOf(const std::string& text) {
  auto read = config::ReadText(text, "config", config::Environment());
  CHECK(read.has_value());
  return *std::move(read);
}

std::shared_ptr<const pricing::Book> BookOf(const config::Settings& settings) {
  auto shipped = pricing::ShippedCatalogue();
  CHECK(shipped.has_value());
  pricing::BookSources sources;
  sources.shipped = std::move(*shipped);
  auto book = pricing::Book::Make(std::move(sources), settings);
  CHECK(book.has_value());
  return *std::move(book);
}

std::string Label(std::string_view provider, std::string_view phase, std::string_view currency) {
  const std::string_view maker = provider.substr(0, provider.find_first_of("-/"));
  return std::string(maker) + " " + (phase.empty() ? "all-day" : std::string(phase)) + " " +
         std::string(currency);
}

}  // namespace

// ---- providers

PlayedProviders::PlayedProviders(const base::Clock& clock) : thread_(clock) {
  const sim::Pace at_once{.first_token = std::chrono::nanoseconds(0), .tokens_per_second = 0, .jitter = 0};
  for (const std::string_view name : kProviders) {
    auto scenario = sim::ParseScenario(kScenario, at_once);
    CHECK(scenario.has_value());
    One& one = providers_[std::string(name)];
    sim::ProviderOptions options;
    options.dialect = sim::ParseDialect(name);
    options.pace = at_once;
    options.scenario = *std::move(scenario);
    options.visits.visits_max = 100'000;
    options.visits.body_bytes_max = base::GiB;
    one.provider = std::make_unique<sim::Provider>(clock, std::move(options));
    auto service = std::make_shared<sim::Service>(thread_.loop(), *one.provider);
    one.server = net::PlayServer(thread_.loops(),
                                 [service](net::Exchange& exchange) { return service->Handle(exchange); });
  }
  thread_.Start();
}

PlayedProviders::~PlayedProviders() {
  for (auto& [unused, one] : providers_) {
    one.server->Drain();
    one.server->AbortAll();
  }
  thread_.Join();
}

std::uint16_t PlayedProviders::PortOf(std::string_view provider) const {
  return providers_.find(provider)->second.server->local().port;
}

bool PlayedProviders::idle() {
  for (const auto& [unused, one] : providers_) {
    if (one.server->exchanges() > 0) return false;
  }
  return true;
}

Amounts PlayedProviders::Owed(std::string_view part) const {
  Amounts owed;
  for (const auto& [unused, one] : providers_) {
    const std::string bill = one.provider->BillJson();
    const auto lines = sim::FindMember(sim::FindMember(bill, part)->raw, "lines");
    sim::ForEachElement(lines->raw, [&](const wire::JsonValue& line) {
      const auto cost = base::ParsePico(sim::FindText(line.raw, "cost"));
      CHECK(cost.has_value());
      owed[Label(sim::FindText(line.raw, "provider"), sim::FindText(line.raw, "phase"),
                 sim::FindText(line.raw, "currency"))] += *cost;
    });
  }
  return owed;
}

std::uint64_t PlayedProviders::RequestsOf(std::string_view part) const {
  std::uint64_t requests = 0;
  for (const auto& [unused, one] : providers_) {
    const std::string bill = one.provider->BillJson();
    const auto found = sim::FindMember(bill, part);
    const auto lines = found->IsObject() ? sim::FindMember(found->raw, "lines") : found;
    sim::ForEachElement(lines->raw, [&](const wire::JsonValue& line) {
      requests += static_cast<std::uint64_t>(sim::FindInteger(line.raw, "requests").value_or(0));
    });
  }
  return requests;
}

std::map<std::size_t, Amounts> PlayedProviders::BilledByQuestion() const {
  constexpr std::string_view kMark = "Question ";
  std::map<std::size_t, Amounts> billed;
  for (const auto& [name, one] : providers_) {
    const std::string visits = one.provider->visits().WriteJson();
    sim::ForEachElement(sim::FindMember(visits, "requests")->raw, [&](const wire::JsonValue& visit) {
      if (sim::FindText(visit.raw, "charged_as") != "billed") return;
      const auto number = static_cast<std::uint64_t>(*sim::FindInteger(visit.raw, "number"));
      const auto body = one.provider->visits().Body(number);
      const auto cost = base::ParseMoney(sim::FindText(visit.raw, "charged"));
      if (!body || !cost || cost->pico == 0) return;
      const std::string_view text = body->view().substr(body->view().find(kMark) + kMark.size());
      const auto question = base::ParseDecimal(text.substr(0, text.find(':')));
      CHECK(question.has_value());
      billed[*question][std::string(cost->currency.code())] += cost->pico;
    });
  }
  return billed;
}

// ---- the gateway

PlayedGateway::PlayedGateway(const base::Clock& clock, const PlayedProviders& providers,
                             const std::filesystem::path& data_directory, store::Disk& disk,
                             const store::JournalOptions& options)
    : clock_(clock),
      settings_(SettingsOf(ConfigText(providers, data_directory))),
      log_(telemetry::LineLog::Off()),
      recorder_(clock, registry_, *log_, nullptr),
      resolver_(clock),
      thread_(clock) {
  auto journal = store::Journal::Open(settings_->data, clock_, disk, options);
  CHECK(journal.has_value());
  journal_ = *std::move(journal);
  auto gateway = gateway::Gateway::Start({.clock = clock_,
                                          .registry = registry_,
                                          .recorder = recorder_,
                                          .resolver = resolver_,
                                          .proxies = proxies_,
                                          .keys = nullptr,
                                          .journal = journal_.get(),
                                          .counter = &counter_,
                                          .loops = thread_.loops()},
                                         settings_, BookOf(*settings_));
  CHECK(gateway.has_value());
  gateway_ = *std::move(gateway);
  thread_.Start();
}

void PlayedGateway::Shut() {
  if (!gateway_) return;
  gateway_->Drain();
  gateway_->AbortAll();
  thread_.Until([this] { return gateway_->exchanges() == 0 && gateway_->connections() == 0; });
  thread_.Join();
  gateway_.reset();
  journal_.reset();
}

// ---- the ledger

// What a stream of Messages that its provider broke off had told at its beginning, which is what that charges
// for; the rest of the row's cost is for the text that came, as it was counted.
base::Int128 BeginningOf(const store::LedgerRow& row, const pricing::PriceVersion& version) {
  const auto usage = wire::ReadMessagesUsage(row.provider_usage, {});
  CHECK(usage.has_value());
  return pricing::Total(pricing::TermsOf(version.rates, *usage)).value();
}

void Spent::Take(const store::JournalRecord& record) {
  if (record.row != nullptr) {
    Take(*record.row);
  } else if (auto version = pricing::ReadVersion(record.price.text)) {
    versions.insert_or_assign(std::string(record.price.version), *std::move(version));
  }
}

void Spent::Take(const store::LedgerRow& row) {
  Request& request = requests[std::string(row.request_id)];
  const auto add = [&](bool guessed, std::string_view provider, const store::LedgerPrice& price) {
    if (price.cost.value_or(0) == 0) return;
    const std::string_view currency = price.currency.code();
    (guessed ? counted : told)[Label(provider, price.phase, currency)] += *price.cost;
    if (!guessed) request.told[std::string(currency)] += *price.cost;
  };
  ++rows, ++request.rows;
  aborted += row.aborted;
  drained += row.usage_source == chat::UsageSource::kDrained;
  const auto price_of = [&](const store::LedgerPrice& said, const chat::Usage& usage) {
    (usage == chat::Usage() ? lost : unknown) += said.unknown();
  };
  price_of(row.price, row.usage);
  inconsistent += row.usage.inconsistent;
  const bool guessed =
      row.usage_source == chat::UsageSource::kCounted || row.usage_source == chat::UsageSource::kEstimated;
  const bool told_its_beginning = guessed && !row.aborted && row.said_as == chat::Operation::kMessages &&
                                  !row.provider_usage.empty() && !row.price.unknown();
  store::LedgerPrice price = row.price;
  if (told_its_beginning) {
    ++broken_off;
    store::LedgerPrice beginning = row.price;
    beginning.cost = BeginningOf(row, versions.find(row.price.version)->second);
    add(false, row.provider, beginning);
    *price.cost -= *beginning.cost;
  }
  add(guessed, row.provider, price);
  counted_twice += guessed && !row.attempts.empty() && row.attempts.back().usage.has_value();
  not_heard_out += guessed && row.provider == "deepseek-patient";
  for (const store::LedgerAttempt& attempt : row.attempts) {
    if (!attempt.usage) continue;
    timed_out += attempt.error == "timeout" && attempt.price.unknown();
    if (attempt.error == "timeout") continue;
    ++failed_attempts_paid;
    price_of(attempt.price, *attempt.usage);
    add(false, attempt.model, attempt.price);
  }
}

Spent ReadJournal(const std::filesystem::path& data_directory) {
  Spent spent;
  const auto segments = store::ListSegments(data_directory);
  CHECK(segments.has_value());
  for (const store::SegmentFile& segment : *segments) {
    auto reader = store::SegmentReader::Open(segment);
    CHECK(reader.has_value());
    while (true) {
      const auto record = (*reader)->Next([&spent](const store::JournalDamage&) { ++spent.damaged; });
      CHECK(record.has_value());
      if (*record == nullptr) break;
      spent.Take(**record);
    }
  }
  return spent;
}

}  // namespace simulation
