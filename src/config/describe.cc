#include "config/describe.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/describe_internal.h"

namespace config {
namespace {

using base::GiB;
using base::KiB;
using base::MiB;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kProvidersMax = 100;
constexpr std::uint64_t kKeysMax = 100;
constexpr std::uint64_t kAliasesMax = 1'000;
constexpr std::uint64_t kRungsMax = 16;
constexpr std::uint64_t kCatalogueMax = 10'000;
constexpr std::uint64_t kHeadersMax = 20;
constexpr std::uint64_t kPricesMax = 10'000;

std::optional<Complaint> CheckName(std::string_view name) {
  if (IsSettingName(name)) return std::nullopt;
  return Complaint{"a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -", "write for example deepseek"};
}

std::optional<Complaint> CheckAlias(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    return Complaint{
        "a name that applications ask for has no slash, because provider/model already asks for a "
        "provider's own model",
        "write for example assistant"};
  }
  return CheckName(name);
}

std::optional<Complaint> CheckHeaderName(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const bool token = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [&](char c) {
    return base::IsAlnum(c) || kMarks.find(c) != std::string_view::npos;
  });
  if (token) return std::nullopt;
  return Complaint{"this is not the name of an HTTP header", "write for example authorization"};
}

std::optional<Complaint> CheckPricedModel(std::string_view name) {
  if (ModelRef::Parse(name)) return std::nullopt;
  return Complaint{"a price is of one provider's model, with a slash between",
                   "write for example deepseek/deepseek-flash"};
}

std::string_view DocOf(chat::Meter meter) {
  switch (meter) {
    case chat::Meter::kInput:
      return "tokens that are read afresh.";
    case chat::Meter::kCachedInput:
      return "tokens that are read from the provider's prompt cache; without it as `input`.";
    case chat::Meter::kCacheWrite5m:
      return "tokens that are written to its cache for the ordinary time; without it as `input`.";
    case chat::Meter::kCacheWrite1h:
      return "tokens that are written to its cache for an hour; without it and `cache_write_5m` as `input`.";
    case chat::Meter::kOutput:
      return "tokens of the answer.";
    case chat::Meter::kReasoning:
      return "tokens that are thought and not shown; without it as `output`.";
    case chat::Meter::kInputAudio:
      return "tokens of audio that is read; without it as `input`.";
    case chat::Meter::kInputImage:
      return "tokens of images that are read; without it as `input`.";
    case chat::Meter::kOutputAudio:
      return "tokens of audio that is made; without it as `output`.";
    case chat::Meter::kOutputImage:
      return "tokens of images that are made; without it as `output`.";
    case chat::Meter::kRequest:
      return "requests themselves; without it they are free.";
    case chat::Meter::kSearch:
      return "searches of the web.";
    case chat::Meter::kFetch:
      return "pages fetched from the web.";
    case chat::Meter::kPage:
      return "pages of documents.";
    case chat::Meter::kCharacter:
      return "characters of speech.";
    case chat::Meter::kImage:
      return "images that are made.";
    case chat::Meter::kSecond:
      return "seconds of audio or video.";
  }
  return {};
}

void DescribePrice(Visitor& v, PriceSettings& s) {
  v.Value(CurrencyCode("currency", s.currency, "What the amounts are in."));
  v.Value(Count("per", s.per, {1, 1'000'000'000}, "How many tokens, requests and so on each amount is for."));
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const auto meter = static_cast<chat::Meter>(i);
    v.Value(Amount(chat::Name(meter), s.amounts[i], "For `per` " + std::string(DocOf(meter))));
  }
}

void DescribeHttp(Visitor& v, HttpSettings& s) {
  v.Value(Size("body_max", s.body_max, {1 * KiB, 1 * GiB},
               "Largest request body; a larger one is answered 413."));
  v.Value(Size("header_max", s.header_max, {1 * KiB, 1 * MiB},
               "Largest request line and header block; a larger one is answered 431."));
  v.Value(Time("header_timeout", s.header_timeout, {milliseconds(100), minutes(10)},
               "How long a client may take to send the header block."));
  v.Value(Time("body_idle_timeout", s.body_idle_timeout, {milliseconds(100), hours(1)},
               "How long a client may send nothing in the middle of a body."));
  v.Value(Time("body_timeout", s.body_timeout, {milliseconds(100), hours(24)},
               "How long a client may take for a whole body."));
  v.Value(Time("keep_alive", s.keep_alive, {milliseconds(0), hours(24)},
               "How long an idle client connection stays open; 0s closes it after each answer."));
  v.Value(Count("connections_max", s.connections_max, {1, 1'000'000},
                "Client connections that are open at once, each open stream of HTTP/2 counted as one more; "
                "whoever comes then is answered 503."));
  v.Value(Count(
      "streams_max", s.streams_max, {0, 10'000},
      "Requests that one HTTP/2 connection to the data listener may carry at once; 0 turns HTTP/2 off."));
  v.Value(Count("requests_max", s.requests_max, {1, 1'000'000},
                "Requests in flight in the whole process; one more is answered 503."));
  v.Value(Time("write_idle_timeout", s.write_idle_timeout, {milliseconds(100), hours(24)},
               "A client that takes no byte of its answer for that long is cut."));
}

void DescribeRetry(Visitor& v, RetrySettings& s) {
  v.Value(Share("budget", s.budget,
                "How many retries a provider may cause, as a share of its calls of the last minute."));
  v.Value(Count("budget_min", s.budget_min, {0, 1'000'000},
                "Retries per minute and provider that are allowed whatever the share says."));
  v.Value(Count("attempts_max", s.attempts_max, {1, 20},
                "Calls made for one request at most, the first one included."));
  v.Value(Time("after_max", s.after_max, {milliseconds(0), minutes(5)},
               "Longest retry-after of a provider that is waited for; a longer one means to try elsewhere."));
}

void DescribeTimeout(Visitor& v, TimeoutSettings& s) {
  v.Value(Time("connect", s.connect, {milliseconds(1), minutes(5)}, "For DNS, TCP and TLS together."));
  v.Value(Time("first_byte", s.first_byte, {milliseconds(1), hours(24)},
               "From the end of the request to the first byte of the answer."));
  v.Value(Time("idle", s.idle, {milliseconds(1), hours(24)}, "Between two pieces of an answer."));
  v.Value(Time("total", s.total, {milliseconds(1), hours(24)}, "For one call from beginning to end."));
}

void DescribeProvider(Visitor& v, ProviderSettings& s) {
  v.Value(Choice("dialect", s.dialect,
                 {{"openai", ApiDialect::kOpenAi},
                  {"deepseek", ApiDialect::kDeepSeek},
                  {"anthropic", ApiDialect::kAnthropic}},
                 "Whose API it has; any OpenAI-compatible server is `openai` with its own base_url. "
                 "`deepseek` takes Messages under /anthropic.")
              .Required());
  v.Value(Link("base_url", s.base_url,
               "Where its API begins, as the provider publishes it; without it https://api.openai.com/v1, "
               "https://api.deepseek.com or https://api.anthropic.com, by dialect."));
  v.List(Choices("endpoints", s.endpoints,
                 {{"chat", chat::Dialect::kOpenai},
                  {"responses", chat::Dialect::kResponses},
                  {"messages", chat::Dialect::kAnthropic}},
                 "The APIs that it generates by, the preferred one first; completions and embeddings go with "
                 "`chat`. Without it `chat` and `responses` for OpenAI itself, `chat` for another `openai` "
                 "server, `chat` and `messages` for `deepseek`, `messages` for `anthropic`."));
  v.Value(
      Choice("flavour", s.flavour,
             {{"by_address", FlavourSetting::kByAddress},
              {"openai", FlavourSetting::kOpenAi},
              {"deepseek", FlavourSetting::kDeepSeek},
              {"anthropic", FlavourSetting::kAnthropic},
              {"compatible", FlavourSetting::kCompatible}},
             "Whose habits it has, for translation: which fields it knows, ignores or refuses. Its address "
             "tells, unless it is behind a proxy of your own: then write it."));
  Secret one;
  Field key = Key("key", one, "Its API key, most often from the environment; `keys` for several.");
  key.set = [&s, set = std::move(key.set), &one](std::string_view text) {
    std::optional<Complaint> complaint = set(text);
    if (!complaint) s.keys.push_back(one);
    return complaint;
  };
  v.Value(key);
  v.List(Keys("keys", s.keys, kKeysMax, "Its API keys, used evenly."));
  v.Value(Count("in_flight_max", s.in_flight_max, {1, 1'000'000},
                "Calls in flight per key; more wait in line, then are answered 429."));
  v.Value(Count("queue_max", s.queue_max, {0, 1'000'000},
                "Requests that wait in line; one more is answered 429."));
  v.Value(Time("queue_timeout", s.queue_timeout, {milliseconds(0), hours(1)},
               "How long one request waits in line."));
  v.Value(
      Choice("on_hang_up", s.on_hang_up, {{"cancel", OnHangUp::kCancel}, {"drain", OnHangUp::kDrain}},
             "When a client hangs up: cancel ends the call, so that the provider stops working, and what "
             "was delivered is counted; drain hears the answer out to learn its true usage, for a provider "
             "that bills to the end anyway."));
  v.Value(Time("drain_max", s.drain_max, {milliseconds(100), hours(1)},
               "How long an answer that nobody waits for is heard out."));
  v.Value(Flag("local", s.local, "Own hardware: its rung is called local, and it needs no key."));
  v.Value(Flag("simulated", s.simulated, "A simulated provider, labelled so, which needs no key."));
  v.Value(Path("ca_file", s.ca_file, "PEM file with the authorities to trust instead of the system's."));
  v.Value(Flag("http2", s.http2,
               "Offers HTTP/2 to a provider that is reached over TLS; false asks over HTTP/1.1 only."));
  v.Value(Count("idle_max", s.idle_max, {0, 100'000}, "Idle connections that are kept for the next call."));
  v.Value(
      Time("keep_alive", s.keep_alive, {milliseconds(0), hours(24)}, "How long an idle connection is kept."));
  v.Group(Section("timeout", "Times that one call to it may take."), [&] { DescribeTimeout(v, s.timeout); });
  v.List(Names("models", s.models, kCatalogueMax, "The models it has, for GET /v1/models."));
  v.Value(CurrencyCode("currency", s.currency, "Which of its price tables you pay by."));
  v.Value(Name("prices", s.prices, "deepseek",
               "Whose prices it has (`sluice prices list` shows them); without it those of its own name, or "
               "of its host."));
  v.Value(
      Name("region", s.region, "eu",
           "The region in which it works for you, where its maker charges more for that; without it the one "
           "that its host is known for."));
}

void DescribeAlias(Visitor& v, AliasSettings& s) {
  Field ladder = Rungs("ladder", s.ladder, kRungsMax,
                       "Models in the order they are climbed, weakest and cheapest first.");
  v.List(std::move(ladder).Required());
  v.List(
      Rungs("fallback", s.fallback, kRungsMax, "Models that are tried only when the ladder cannot answer."));
  v.Value(Rung("default", s.preferred,
               "The rung that answers where nothing chooses another; the last of the ladder if not given."));
}

void DescribeLedger(Visitor& v, LedgerSettings& s) {
  v.Value(Time("sync_interval", s.sync_interval, {milliseconds(1), minutes(1)},
               "How often rows are brought to the disk: a power cut can take what was answered since."));
  v.Value(Size("segment_size", s.segment_size, {1 * MiB, 1 * GiB},
               "Size of one file of the ledger; the space of the next one is taken ahead."));
  v.Value(Time("retention", s.retention, {milliseconds(0), hours(24 * 36'500)},
               "How long a row is kept, to an eighth of that time; 0s keeps it for ever."));
  v.Value(Choice("when_full", s.when_full,
                 {{"refuse", LedgerWhenFull::kRefuse}, {"continue", LedgerWhenFull::kContinue}},
                 "When the disk has no room for further rows: new requests are refused with 503, or answered "
                 "without a row, counted in sluice_ledger_lost_total."));
}

void DescribeOtlp(Visitor& v, OtlpSettings& s) {
  v.Value(
      Link("endpoint", s.endpoint, "Where traces are sent (OTLP over HTTP, as JSON); without it none are."));
  v.Pairs(Table("headers", kHeadersMax, "Headers sent along, for example authorization.", CheckHeaderName),
          [&](std::string_view name) {
            return HeaderValue("", s.headers[std::string(name)], "The value of one header.");
          });
  v.Value(Share("sample", s.sample, "How many requests leave a trace."));
}

}  // namespace

void Describe(Visitor& v, Settings& s) {
  v.Value(Address("listen", s.listen, "Where applications connect; port 0 takes any free one."));
  v.Group(Section("admin", "The listener for operators: health, metrics, admin API."), [&] {
    v.Value(Address("listen", s.admin.listen, "Where operators connect; beyond loopback only with a token."));
    v.Value(Key("token", s.admin.token, "What operators send as bearer token."));
  });
  v.Value(
      Path("data", s.data, "Directory for what must survive a restart; relative to the working directory."));
  v.Value(Path("models_dir", s.models_dir,
               "Where the tokenizers that `make models` fetches are; without it `models` in `data`. A model "
               "whose tokenizer is not there is estimated."));
  v.Value(Time("drain_timeout", s.drain_timeout, {milliseconds(0), hours(1)},
               "How long streams may go on after TERM or INT."));
  v.Value(Choice("auth", s.auth, {{"keys", Auth::kKeys}, {"open", Auth::kOpen}},
                 "Whether applications need a key; open is for loopback only."));
  v.Value(Flag("open_anywhere", s.open_anywhere, "Allows `auth: open` beyond loopback."));
  v.Value(Count("threads", s.threads, {0, 256}, "Event loops; 0 is one per core."));
  v.Group(Section("tls", "TLS on the data listener; both files or none."), [&] {
    v.Value(Path("cert", s.tls.cert, "PEM file with the certificate and its chain."));
    v.Value(Path("key", s.tls.key, "PEM file with the private key."));
  });
  v.Group(Section("http", "Limits of both listeners."), [&] { DescribeHttp(v, s.http); });
  v.Value(Size("answer_max", s.answer_max, {1 * KiB, 1 * GiB},
               "Largest answer of a provider that is not a stream; a larger one is an upstream error."));
  v.Value(Size("stream_frame_max", s.stream_frame_max, {1 * KiB, 64 * MiB},
               "Largest event of a provider's stream that is read; a larger one passes unread, in pieces."));
  v.Value(Time("stream_commit_after", s.stream_commit_after, {milliseconds(0), minutes(5)},
               "How long the beginning of a stream that says nothing yet (waiting comments, empty events) "
               "is held back before the client gets it; until then somebody else can still be asked."));
  v.Group(Section("retry", "When a failed call is made again."), [&] { DescribeRetry(v, s.retry); });
  v.Group(Section("translation", "When a request is passed on in another dialect than it came in."), [&] {
    v.Value(Choice(
        "unsayable", s.translation.unsayable, {{"refuse", Unsayable::kRefuse}, {"drop", Unsayable::kDrop}},
        "What happens to a field that the provider's dialect has no word for: the request is refused "
        "with its name, or the field is left out and named in x-sluice-dropped."));
  });
  v.Value(
      Count("max_output", s.max_output, {0, 10'000'000},
            "Output limit in tokens that is sent where the request has none and a provider demands one, or "
            "what it may cost is limited; 0: the model's own maximum, and 8192 where that is not known."));
  v.Value(
      Count("context_max", s.context_max, {0, 1'000'000'000},
            "Tokens that a model reads at once at most: what a request counts for where its cost is limited "
            "and its bytes bound nothing, as with files; 0: the model's own context, else 1048576."));
  v.Map(Table("providers", kProvidersMax, "Who answers; the name is yours.", CheckName),
        [&](std::string_view name) { DescribeProvider(v, s.providers[std::string(name)]); });
  v.Map(Table("models", kAliasesMax, "The names that applications ask for.", CheckAlias),
        [&](std::string_view name) { DescribeAlias(v, s.models[std::string(name)]); });
  v.Map(
      Table("prices", kPricesMax,
            "Your own prices, by provider/model: on top of every catalogue, at all hours and for all tiers.",
            CheckPricedModel, "^[A-Za-z0-9._-]{1,64}/.+$"),
      [&](std::string_view name) { DescribePrice(v, s.prices[std::string(name)]); });
  DescribeOidc(v, s);
  DescribeBudgets(v, s);
  v.Group(Section("sessions", "Runs of agents, which name themselves in x-sluice-session."), [&] {
    v.Value(
        Count("repeats_max", s.sessions.repeats_max, {0, 1'000},
              "How often a session may ask for the very same; then it is answered 429, since an agent that "
              "goes round in circles finds no end by itself. 0: as often as it likes."));
    v.Value(Time("repeats_within", s.sessions.repeats_within, {milliseconds(1'000), hours(24)},
                 "The time in which repetitions count."));
  });
  v.Group(Section("ledger", "The rows of answered requests, which bills are made of."),
          [&] { DescribeLedger(v, s.ledger); });
  v.Group(Section("telemetry", "What leaves about the work done; never prompts, answers or keys."), [&] {
    v.Value(Path("log", s.telemetry.log, "Where log lines go: `stderr`, `off`, or the path of a file."));
    v.Group(Section("otlp", "OpenTelemetry export."), [&] { DescribeOtlp(v, s.telemetry.otlp); });
  });
}

}  // namespace config
