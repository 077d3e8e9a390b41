#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/money.h"
#include "chat/dialect.h"
#include "chat/flavour.h"
#include "chat/usage.h"
#include "config/budget_settings.h"
#include "config/endpoint.h"
#include "config/model_ref.h"
#include "config/oidc_settings.h"
#include "config/secret.h"
#include "config/units.h"

// Checked settings: whoever holds a `const Settings` may rely on every bound that describe.cc declares and on
// every rule of check.h. Names here are the names in the file; the values below are the defaults.

namespace config {

enum class Auth { kKeys, kOpen };
enum class ApiDialect { kOpenAi, kDeepSeek, kAnthropic };

struct AdminSettings {
  HostPort listen{"127.0.0.1", 8081};
  Secret token;  // empty: the admin listener asks for none, and is on loopback
};

struct TlsSettings {
  std::string cert;  // PEM files; both empty: no TLS on the data listener
  std::string key;
};

// Limits of both listeners.
struct HttpSettings {
  std::uint64_t body_max = 64 * base::MiB;
  std::uint64_t header_max = 64 * base::KiB;
  std::chrono::milliseconds header_timeout{15'000};
  std::chrono::milliseconds body_idle_timeout{30'000};
  std::chrono::milliseconds body_timeout{300'000};
  std::chrono::milliseconds keep_alive{75'000};
  std::uint64_t connections_max = 20'000;
  std::uint64_t streams_max = 1'000;                     // of one HTTP/2 connection; 0: no HTTP/2
  std::uint64_t requests_max = 10'000;                   // in flight in the whole process
  std::chrono::milliseconds write_idle_timeout{60'000};  // a client that takes no byte for that long is cut
};

struct RetrySettings {
  Percent budget{2'000};  // of the last minute's calls of one provider
  std::uint64_t budget_min = 10;
  std::uint64_t attempts_max = 4;              // the first one counts
  std::chrono::milliseconds after_max{5'000};  // longest retry-after of a provider that is waited for
};

struct TimeoutSettings {
  std::chrono::milliseconds connect{3'000};
  std::chrono::milliseconds first_byte{120'000};
  std::chrono::milliseconds idle{60'000};
  std::chrono::milliseconds total{900'000};

  friend bool operator==(const TimeoutSettings&, const TimeoutSettings&) = default;
};

// Whose habits a provider has, where its address does not tell: OpenAI behind a proxy of the company's own.
enum class FlavourSetting { kByAddress, kOpenAi, kDeepSeek, kAnthropic, kCompatible };

// What becomes of a call whose client has hung up.
enum class OnHangUp { kCancel, kDrain };

struct ProviderSettings {
  ApiDialect dialect = ApiDialect::kOpenAi;
  Url base_url;  // checked settings: never empty, the dialect's own if none is written
  std::vector<chat::Dialect> endpoints;  // as written; EndpointsOf() says what holds
  std::vector<Secret> keys;              // from `key` or `keys`; empty only where local or simulated
  FlavourSetting flavour = FlavourSetting::kByAddress;
  std::uint64_t in_flight_max = 2'500;  // per key (without keys: of the provider)
  std::uint64_t queue_max = 1'000;      // requests that wait for a free place
  std::chrono::milliseconds queue_timeout{10'000};
  bool local = false;
  bool simulated = false;
  std::string ca_file;  // empty: the system's
  bool http2 = true;    // over TLS, where the provider chooses it
  OnHangUp on_hang_up = OnHangUp::kCancel;
  std::chrono::milliseconds drain_max{30'000};  // of one call that nobody waits for
  std::uint64_t idle_max = 512;
  std::chrono::milliseconds keep_alive{60'000};
  TimeoutSettings timeout;
  std::vector<std::string> models;                 // what GET /v1/models shows; empty: unknown
  base::Currency currency = base::Currency::kUsd;  // of the two price tables that some have, ours
  std::string prices;  // whose prices it has in the catalogue; empty: its own name's or its host's
  std::string region;  // of its maker's, where that costs more; empty: the one its host is known for

  friend bool operator==(const ProviderSettings&, const ProviderSettings&) = default;
};

// A name that applications ask for.
struct AliasSettings {
  std::vector<ModelRef> ladder;    // weakest and cheapest first; checked settings: never empty
  std::vector<ModelRef> fallback;  // only when the ladder cannot answer
  ModelRef preferred;              // `default`: one of the ladder, its last rung if none is written
};

// What is done with a field that the provider's dialect has no word for.
enum class Unsayable { kRefuse, kDrop };

struct TranslationSettings {
  Unsayable unsayable = Unsayable::kRefuse;
};

// What a model costs, from the operator: on top of every catalogue.
struct PriceSettings {
  base::Currency currency = base::Currency::kUsd;
  std::uint64_t per = 1'000'000;  // tokens, requests, pages... that each amount below is for
  std::array<std::optional<base::Int128>, chat::kMeters> amounts{};  // pico-units, by chat::Meter
};

// What happens to requests when the disk has no room for their rows.
enum class LedgerWhenFull { kRefuse, kContinue };

struct LedgerSettings {
  std::chrono::milliseconds sync_interval{100};
  std::uint64_t segment_size = 64 * base::MiB;
  std::chrono::milliseconds retention{0};  // 0: for ever
  LedgerWhenFull when_full = LedgerWhenFull::kRefuse;

  friend bool operator==(const LedgerSettings&, const LedgerSettings&) = default;
};

// When an agent that goes round in circles is stopped.
struct SessionSettings {
  std::uint64_t repeats_max = 20;  // times that a session may ask for the very same; 0: as often as it likes
  std::chrono::milliseconds repeats_within{600'000};
};

struct OtlpSettings {
  Url endpoint;  // empty host: no traces leave
  std::map<std::string, Secret, std::less<>> headers;
  Percent sample{10'000};

  friend bool operator==(const OtlpSettings&, const OtlpSettings&) = default;
};

struct TelemetrySettings {
  std::string log = "stderr";  // stderr, off, or a path
  OtlpSettings otlp;
};

struct Settings {
  HostPort listen{"127.0.0.1", 8080};
  AdminSettings admin;
  std::string data = "./sluice-data";
  std::string models_dir;  // empty: `models` in `data`
  std::chrono::milliseconds drain_timeout{30'000};
  Auth auth = Auth::kKeys;
  std::vector<OidcSettings> oidc;  // whose tokens are accepted as keys
  bool open_anywhere = false;
  std::uint64_t threads = 0;  // event loops; 0: one per core
  TlsSettings tls;
  HttpSettings http;
  std::uint64_t answer_max = 64 * base::MiB;             // largest non-streamed answer held in memory
  std::uint64_t stream_frame_max = 1 * base::MiB;        // largest SSE frame held back whole
  std::chrono::milliseconds stream_commit_after{5'000};  // how long queue comments are held back
  RetrySettings retry;
  TranslationSettings translation;
  // Tokens, where the caller names no limit and a provider demands one or a budget has to know it.
  // 0: what the catalogue knows of the model, else a usual number.
  std::uint64_t max_output = 0;
  // Tokens that a model reads at once at most, where nothing else bounds what a request has it read.
  // 0: the same.
  std::uint64_t context_max = 0;
  std::map<std::string, ProviderSettings, std::less<>> providers;
  std::map<std::string, AliasSettings, std::less<>> models;
  std::map<std::string, PriceSettings, std::less<>> prices;  // by provider/model
  std::vector<BudgetSettings> budgets;
  std::vector<LimitSettings> limits;
  ExchangeSettings exchange;
  Secret alert_secret;  // empty: alerts are not signed
  SmtpSettings smtp;
  SessionSettings sessions;
  LedgerSettings ledger;
  TelemetrySettings telemetry;
};

// As it is written in the file.
std::string_view Name(ApiDialect dialect);

// The base URL that each dialect's own provider publishes.
Url DefaultBaseUrl(ApiDialect dialect);

// The dialect in which a provider lists its models.
chat::Dialect NativeDialect(ApiDialect provider);

// Where below its base URL a provider that speaks `dialect` takes requests in it.
std::string_view DialectPath(ApiDialect provider, chat::Dialect dialect);

// The word of the setting `endpoints` for a dialect: chat (completions and embeddings go with it), responses
// or messages.
std::string_view EndpointWord(chat::Dialect dialect);

// The dialects in which a provider takes requests, the one to be preferred first: those that are written,
// else what its maker is known to offer (OpenAI chat and Responses, DeepSeek chat and Messages, Anthropic
// Messages, any other server chat). Valid as long as `provider`; never empty.
std::span<const chat::Dialect> EndpointsOf(const ProviderSettings& provider);

// The same in words: "chat and messages".
std::string PrintEndpoints(const ProviderSettings& provider);

bool Speaks(const ProviderSettings& provider, chat::Dialect dialect);

// By the host of the base URL where that is a maker's own, else by the dialect: an `openai` provider anywhere
// else is kCompatible unless it is simulated.
chat::Flavour FlavourOf(const ProviderSettings& provider);

// Pico-units for 1,000,000 from what `per` cost; none where that is no whole number or more than 64 bits
// hold.
std::optional<std::int64_t> RatePerMillion(base::Int128 pico, std::uint64_t per);

// Where the files of `make models` are looked for.
std::string ModelsFolder(const Settings& settings);

}  // namespace config
