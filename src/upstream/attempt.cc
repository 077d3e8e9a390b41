#include "upstream/attempt.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "upstream/failure.h"
#include "upstream/retry_after.h"
#include "wire/error_body.h"

namespace upstream {
namespace {

using base::Code;
using routing::Outcome;

net::CallTimeouts TimeoutsOf(const config::TimeoutSettings& settings) {
  return {.connect = settings.connect,
          .first_byte = settings.first_byte,
          .idle = settings.idle,
          .total = settings.total};
}

// What stands before the key in its header line. An `openai` server that takes Messages too knows its keys in
// one way only.
std::string_view KeyHeader(config::ApiDialect provider, chat::Dialect dialect) {
  const bool anthropics = dialect == chat::Dialect::kAnthropic && provider != config::ApiDialect::kOpenAi;
  return anthropics ? "x-api-key: " : "authorization: Bearer ";
}

constexpr std::uint64_t kErrorBytesMax = 64 * base::KiB;
constexpr auto kWordsPatience = std::chrono::milliseconds(100);  // somebody else may be asked meanwhile

// The codes with which OpenAI refuses a key whatever the rest of the request is.
bool SaysKeyIsWrong(std::string_view code) {
  return code == "invalid_api_key" || code == "account_deactivated";
}

// Whether a 403 or 429, which is about one model as a rule, is about the whole key.
bool SaysKeyIsMeant(int status, std::string_view code) {
  return status == 429 ? code == "insufficient_quota" : SaysKeyIsWrong(code);
}

// A key that is good, but not for this.
bool SaysScopeIsMissing(std::string_view code) {
  return code == "missing_scope" || code == "insufficient_permissions";
}

// Whether header lines say on whose account a request is, beside the key.
bool NameAccount(std::string_view fields) {
  constexpr std::array<std::string_view, 2> kNames = {"openai-organization:", "openai-project:"};
  while (!fields.empty()) {
    for (const std::string_view name : kNames) {
      if (base::StartsWithIgnoringCase(fields, name)) return true;
    }
    const std::size_t end = fields.find('\n');
    fields = end == std::string_view::npos ? std::string_view() : fields.substr(end + 1);
  }
  return false;
}

}  // namespace

Attempt::Attempt(std::shared_ptr<Provider> provider, std::shared_ptr<net::Pool> pool, Place place,
                 net::Cancel& cancel)
    : provider_(std::move(provider)),
      pool_(std::move(pool)),
      place_(std::move(place)),
      cancel_(cancel),
      call_(*pool_, TimeoutsOf(provider_->settings().timeout), cancel) {}

net::Task<Outcome> Attempt::Start(const Request& request) {
  std::size_t size = 0;
  for (const std::string_view piece : request.body) size += piece.size();
  const std::string_view secret = provider_->Secret(place_.key());

  base::BlockString& head = head_text_;
  head.reserve(256 + request.path.size() + request.fields.size() + secret.size());
  head.append(request.method).append(" ").append(request.path).append(" HTTP/1.1\r\nhost: ");
  head.append(provider_->host_header()).append("\r\n");
  if (!secret.empty())
    head.append(KeyHeader(provider_->settings().dialect, request.dialect)).append(secret).append("\r\n");
  head.append(request.fields);
  if (request.method != "GET") {
    char digits[20];
    const std::string_view length(digits, std::to_chars(digits, digits + sizeof digits, size).ptr);
    head.append("content-length: ").append(length).append("\r\n");
  }
  head.append("\r\n");

  CHECK(request.body.size() <= Request::kPiecesMax);
  message_[0] = head;
  std::copy(request.body.begin(), request.body.end(), message_.begin() + 1);
  const std::span<const std::string_view> pieces(message_.data(), 1 + request.body.size());
  const auto sent = co_await call_.Send(request.method, pieces);
  if (!sent) co_return FailedCall(sent.error());
  status_ = call_.head().status;
  const bool knows_accounts = provider_->settings().dialect == config::ApiDialect::kOpenAi;
  const bool names_account = knows_accounts && NameAccount(request.fields);
  bool about_key = false;
  if ((status_ == 401 || status_ == 403) && (names_account || request.lists_models)) {
    about_key = co_await IsAboutKey(request);
    if (!about_key) {
      const std::string what = "it answered with status " + std::to_string(status_);
      co_return Fail(Outcome::kAccountRefused, std::to_string(status_),
                     names_account
                         ? what +
                               " to a request with an openai-organization or openai-project header; leave "
                               "these out, or name what the provider's key belongs to"
                         : what);
    }
  } else if (status_ == 403 || status_ == 429) {
    co_await ReadWords();
    about_key = SaysKeyIsMeant(status_, said_code_);
  }
  co_return ReadStatus(request.model, about_key);
}

// What a refusal of this request means that need not be about our key.
net::Task<bool> Attempt::IsAboutKey(const Request& request) {
  base::Buffer body;
  const auto read = co_await call_.ReadAll(body, kErrorBytesMax);
  const std::string code = read ? wire::ReadProviderError(body.view()).code : std::string();
  if (SaysKeyIsWrong(code)) co_return true;
  if (request.lists_models) co_return status_ == 401 && !SaysScopeIsMissing(code);
  co_return co_await KeyIsRefusedAlone();
}

// Asks for the provider's models with nothing but the key.
net::Task<bool> Attempt::KeyIsRefusedAlone() {
  if (!provider_->TakeQuestion(place_.key())) co_return false;
  const config::ProviderSettings& settings = provider_->settings();
  std::string head = "GET " + settings.base_url.path + "/models HTTP/1.1\r\nhost: ";
  head.append(provider_->host_header()).append("\r\n");
  head.append(KeyHeader(settings.dialect, chat::Dialect::kOpenai)).append(provider_->Secret(place_.key()));
  head.append("\r\n\r\n");
  const std::string_view pieces[] = {head};
  net::Call alone(*pool_, TimeoutsOf(settings.timeout), cancel_);
  const auto sent = co_await alone.Send("GET", pieces);
  if (!sent || alone.head().status != 401) co_return false;
  base::Buffer body;
  const auto read = co_await alone.ReadAll(body, kErrorBytesMax);
  co_return read && !SaysScopeIsMissing(wire::ReadProviderError(body.view()).code);
}

Outcome Attempt::FailedCall(const base::Error& error) {
  switch (error.code) {
    case Code::kTimeout:
      if (cancel_.why()) return Fail(Outcome::kStopped, failure::kDeadline, error.detail);
      return Fail(Outcome::kTimedOut, failure::kTimeout, error.detail);
    case Code::kCancelled:
      return Fail(Outcome::kStopped, failure::kCancelled, error.detail);
    case Code::kUnavailable:
      return Fail(Outcome::kStopped, failure::kDraining, error.detail);
    case Code::kUnreachable:
      return Fail(Outcome::kUnreachable, "connect", error.detail);
    case Code::kClosed:
      return Fail(Outcome::kUnreachable, "closed", error.detail);
    default:
      return Fail(Outcome::kServerError, "malformed", error.detail);
  }
}

Outcome Attempt::ReadStatus(std::string_view model, bool about_key) {
  const Outcome outcome = routing::OutcomeOf(status_);
  const bool key_refused = outcome == Outcome::kKeyRefused && (status_ != 403 || about_key);
  if (!key_refused) provider_->KeyAccepted(place_.key());
  if (outcome == Outcome::kAnswered) return outcome;
  if (const auto header = call_.head().fields.Find("retry-after")) {
    retry_after_ = ParseRetryAfter(*header, pool_->loop().clock().WallNow());
  }
  if (key_refused) {
    provider_->KeyRefused(place_.key(), status_);
  } else if (status_ == 403) {
    provider_->ModelRefused(place_.key(), model);
  } else if (status_ == 429 && about_key) {
    provider_->KeyLimited(place_.key(), retry_after_);
  } else if (status_ == 429) {
    provider_->ModelLimited(place_.key(), model, retry_after_);
  }
  return Fail(outcome, std::to_string(status_), "it answered with status " + std::to_string(status_));
}

void Attempt::Worked() {
  provider_->CallWorked(place_.key());
}

Outcome Attempt::Broke(std::string_view error, std::string detail) {
  return Fail(Outcome::kServerError, error, std::move(detail));
}

Outcome Attempt::Broke(std::string_view error, std::string detail, const wire::ErrorFacts& facts) {
  const wire::ProviderError said = wire::ReadProviderError(facts);
  words_ = said.message;
  status_meant_ = wire::StatusOf(said);
  return Broke(error, std::move(detail));
}

net::Task<void> Attempt::ReadWords() {
  if (status_ < 400 || !words_.empty() || std::exchange(words_read_, true)) co_return;
  const net::Loop& loop = pool_->loop();
  const base::MonoTime until = loop.clock().Now() + kWordsPatience;
  std::string body;
  while (!call_.done() && body.size() < kErrorBytesMax) {
    const auto left = until - loop.clock().Now();
    if (left <= left.zero()) co_return;
    call_.SetPatience(left);
    const auto piece = co_await call_.Read();
    if (!piece) co_return;
    body += *piece;
  }
  wire::ProviderError said = wire::ReadProviderError(body);
  words_ = std::move(said.message);
  said_code_ = std::move(said.code);
}

Outcome Attempt::Fail(Outcome outcome, std::string_view error, std::string detail) {
  error_ = error;
  detail_ = std::move(detail);
  if (outcome == Outcome::kStopped) return outcome;
  provider_->metrics().errors.With({provider_->name(), error_}).Add();
  const bool ails =
      outcome == Outcome::kUnreachable || outcome == Outcome::kTimedOut || outcome == Outcome::kServerError;
  if (!ails) return outcome;
  const auto shared = call_.shared_failure();
  if (!shared || !std::exchange(shared->counted, true)) provider_->CallFailed();
  return outcome;
}

}  // namespace upstream
