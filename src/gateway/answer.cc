#include "gateway/answer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "gateway/forward.h"
#include "gateway/relay.h"
#include "gateway/untold_use.h"
#include "net/header_text.h"
#include "translate/carried.h"
#include "translate/translate.h"

namespace gateway {
namespace {

using base::Code;
using routing::Candidate;
using routing::Outcome;
using std::chrono::milliseconds;

constexpr std::string_view kTooDear = "those before it may cost more than is left to spend";
constexpr std::size_t kUsualFieldBytes = 640;  // of an answer's head: ours and a provider's

milliseconds Since(base::MonoTime begun, net::Loop& loop) {
  return std::chrono::duration_cast<milliseconds>(loop.Now() - begun);
}

bool IsEventStream(const net::ResponseHead& head) {
  return base::StartsWithIgnoringCase(head.fields.Find("content-type").value_or(""), "text/event-stream");
}

std::chrono::nanoseconds DrainOf(const config::ProviderSettings& provider) {
  return provider.on_hang_up == config::OnHangUp::kDrain ? provider.drain_max : milliseconds(0);
}

// What is translated has to be read whole, and the first and last event of a Responses stream hold all that
// was asked and answered.
std::size_t FrameMaxOf(const config::Settings& settings) {
  return std::max(settings.stream_frame_max, settings.answer_max);
}

}  // namespace

Answer::Answer(const Parts& parts, const Asked& asked, const wire::RequestView& request,
               base::BlockString request_fields)
    : parts_(parts),
      asked_(asked),
      request_(request),
      request_fields_(std::move(request_fields)),
      wordings_(request, parts.settings, parts.prices) {}

net::Task<std::optional<RefusalText>> Answer::Give(const routing::Plan& plan) {
  Outcome outcome = co_await TryAll(plan);
  const bool only_rests = calls_ == 0 && resting_ && outcome != Outcome::kStopped;
  if (outcome == Outcome::kOverloaded || only_rests) {
    const bool again = co_await WaitForLimits(plan);
    if (again) outcome = co_await TryAll(plan);
  }
  if (outcome == Outcome::kAnswered) co_return std::nullopt;
  if (parts_.exchange.started() || parts_.cancel.why() == Code::kCancelled) co_return std::nullopt;
  co_return Failure(outcome);
}

net::Task<Outcome> Answer::TryAll(const routing::Plan& plan) {
  Outcome outcome = Outcome::kNoRoom;
  for (const Candidate& candidate : plan.candidates) {
    if (!candidate.rejected.empty()) continue;
    if (!MayTryAgain()) break;
    const std::size_t calls_before = calls_;
    const Outcome one = co_await TryCandidate(candidate);
    if (!routing::WorthAnotherTry(one) || parts_.exchange.started()) co_return one;
    if (parts_.cancel.why()) co_return Outcome::kStopped;
    if (calls_ > calls_before || calls_ == 0) outcome = one;  // one that was not asked says nothing new
  }
  co_return outcome;
}

// One candidate under each of its keys, as long as it is only the key that is refused.
net::Task<Outcome> Answer::TryCandidate(const Candidate& candidate) {
  const std::shared_ptr<upstream::Provider>& provider = parts_.directory.Find(candidate.target.provider);
  const std::size_t keys = std::max<std::size_t>(provider->settings().keys.size(), 1);
  Outcome outcome = Outcome::kNoRoom;
  Wording wording;
  if (auto found = wordings_.Find(candidate.target, provider->settings(), wording); !found) {
    Note(candidate, "unsayable", parts_.exchange.loop().Now());
    if (!unsayable_) unsayable_ = std::move(found.error());
    co_return outcome;
  }
  if (wording.translated()) {
    wording.Lacks(LostFields(request_fields_, asked_.dialect, wording.operation()));
  }
  ++could_be_asked_;
  for (std::size_t i = 0; i < keys; ++i) {
    const std::size_t calls_before = calls_;
    const Outcome one = co_await TryOnce(candidate, provider, wording);
    if (i > 0 && calls_ == calls_before) break;  // no other key was free: the first one's outcome stands
    outcome = one;
    const bool key_only = outcome == Outcome::kKeyRefused || last_status_ == 429;
    if (!key_only || calls_ == calls_before || outcome == Outcome::kAnswered) break;
    if (i + 1 == keys || !MayTryAgain()) break;
  }
  co_return outcome;
}

// Whether another call after a failed one is worth looking for.
bool Answer::MayTryAgain() const {
  if (calls_ == 0) return true;
  if (calls_ >= parts_.settings.retry.attempts_max || !failed_) return false;
  return (failure_ && failure_->charged) || failed_->retries().HasExtra();
}

// Counts the call that is made now. The first calls of different requests are not counted against each other.
void Answer::CountCall(upstream::Provider& provider) {
  if (calls_ == 0) {
    provider.retries().CountCall(parts_.exchange.loop().Now());
  } else {
    failed_->metrics().retries.With({failed_->name()}).Add();
  }
  ++calls_;
  last_status_ = 0;
}

// Whether the retry budget lets the call be made; it may have been used up meanwhile. What failed with a
// connection that others shared is one failure: one of them pays for all.
bool Answer::ChargeExtra() {
  if (calls_ == 0 || (failure_ && failure_->charged)) return true;
  const bool allowed = failed_->retries().TakeExtra();
  if (failure_) failure_->charged = allowed;
  if (!allowed && parts_.spending != nullptr) parts_.spending->Drop();
  return allowed;
}

// The caller's header fields for this call; none where they are passed on as they are.
base::BlockString Answer::OtherFields(const Wording& wording) const {
  if (wording.translated()) return TranslatedFields(request_fields_, asked_.dialect, wording.operation());
  base::BlockString fields;
  if (asked_.dialect == chat::Dialect::kAnthropic &&
      !parts_.exchange.request().fields.Find("anthropic-version")) {
    fields = request_fields_;
    AppendMessagesVersion(fields);
  }
  return fields;
}

net::Task<Outcome> Answer::TryOnce(const Candidate& candidate, std::shared_ptr<upstream::Provider> provider,
                                   Wording& wording) {
  net::Loop& loop = parts_.exchange.loop();
  RequestRecord& record = parts_.record;
  const auto ask = [&] {
    record.provider = candidate.target.provider;
    record.model = candidate.target.model;
    record.rung = candidate.rung;
  };
  if (calls_ == 0) ask();  // until somebody is called, whoever was wanted last
  const base::MonoTime begun = loop.Now();
  if (parts_.spending != nullptr) {
    const auto without = co_await Reserve(candidate, *provider, wording);
    if (without) co_return *without;
  }
  std::optional<upstream::Place> place = provider->TryEnter(candidate.target.model);
  if (!place) {
    const auto without = co_await WaitForPlace(candidate, *provider, place, begun);
    if (without && parts_.spending != nullptr) parts_.spending->Drop();
    if (without) co_return *without;
  }
  // What is waited for comes first: a limit counts calls that are made, from when they are.
  if (!IsAdmitted(candidate)) co_return Outcome::kNoRoom;
  bool may_call = ChargeExtra();
  if (may_call) may_call = co_await Promise(candidate);
  if (!may_call) {
    if (parts_.admission != nullptr) parts_.admission->LeaveCall(std::nullopt);
    co_return Outcome::kNoRoom;
  }
  CountCall(*provider);
  ask();
  const auto path = ProviderPath(asked_, wording.operation(), provider->settings(), wording.beta());
  const base::BlockString other_fields = OtherFields(wording);
  Leash leash(parts_.cancel, loop, DrainOf(provider->settings()));
  upstream::Attempt attempt(provider, parts_.pools.For(provider), std::move(*place), leash.cancel());
  const base::MonoTime asked = loop.clock().Now();
  NoteCall(*provider, wording.operation());
  Note(candidate, {}, begun);
  record.attempts.back().said_as = wording.operation();
  record.attempts.back().reserved = record.reserved;
  record.attempts.back().dispatched = *record.dispatched;
  upstream::Request message;
  message.model = candidate.target.model;
  message.path = path;
  message.fields = other_fields.empty() ? request_fields_ : other_fields;
  message.body = wording.body();
  message.dialect = chat::DialectOf(wording.operation());
  Outcome outcome = co_await attempt.Start(message);
  record.NoteWait(asked, loop.Now());
  NoteHead(attempt);
  if (outcome == Outcome::kAnswered) outcome = co_await Pass(attempt, leash, candidate, wording);
  AttemptNote& note = record.attempts.back();
  note.error = attempt.error();
  note.took = Since(begun, loop);
  if (outcome == Outcome::kAnswered || outcome == Outcome::kStopped) co_return outcome;
  NoteFailure();
  parts_.settlement.ForgetAnswer();
  co_await attempt.ReadWords();
  LearnFailure(attempt, candidate, std::move(provider));
  co_return outcome;
}

// What the last attempt, which has failed, has used, and what becomes of its places and its reservation.
void Answer::NoteFailure() {
  const RequestRecord& record = parts_.record;
  const std::size_t last = record.attempts.size() - 1;
  AttemptNote& note = parts_.record.attempts[last];
  const UntoldUse use = UntoldUseOf(note, false);
  note.usage = record.usage;
  note.untold = use == UntoldUse::kUnknown && (!note.usage || TellsOnlyBeginning(record));
  if (!note.usage && note.untold) note.usage.emplace();
  if (!note.usage && use == UntoldUse::kCounted) note.usage = parts_.settlement.CountPrompt();
  note.completed = parts_.exchange.loop().WallNow();
  note.service_tier = record.service_tier;
  if (parts_.admission != nullptr) parts_.admission->LeaveCall(note.usage, note.untold);
  if (parts_.spending == nullptr) return;
  if (note.usage) {
    parts_.spending->Keep(last);
  } else {
    parts_.spending->GiveBack();
  }
}

// Waits in the line of a provider that has no place free. What became of it, where none was had.
net::Task<std::optional<Outcome>> Answer::WaitForPlace(const Candidate& candidate,
                                                       upstream::Provider& provider,
                                                       std::optional<upstream::Place>& place,
                                                       base::MonoTime begun) {
  net::Loop& loop = parts_.exchange.loop();
  const base::MonoTime waiting = loop.clock().Now();
  auto entered = co_await provider.Enter(candidate.target.model, loop, parts_.cancel);
  parts_.record.NoteWait(waiting, loop.Now());
  if (entered) {
    place = std::move(*entered);
    co_return std::nullopt;
  }
  if (parts_.cancel.why()) co_return Outcome::kStopped;
  const bool refused = entered.error().code == Code::kDenied;
  Note(candidate, refused ? "key_refused" : "no_room", begun);
  story_ += (story_.empty() ? "" : "; ") + candidate.target.Print() + ": " + entered.error().detail;
  const auto rests_for = provider.WaitForLimit(candidate.target.model);
  if (rests_for) resting_ = true;
  if (calls_ == 0) retry_after_ = rests_for;
  co_return refused ? Outcome::kKeyRefused : Outcome::kNoRoom;
}

void Answer::PassOver(const Candidate& candidate, std::string_view error, std::string_view why) {
  Note(candidate, error, parts_.exchange.loop().Now());
  story_ += story_.empty() ? "" : "; ";
  story_.append(candidate.target.Print()).append(": ").append(why);
}

// Reserves what a call may cost, with its output limit lowered where that helps. What becomes of it, where
// that cannot be had.
net::Task<std::optional<Outcome>> Answer::Reserve(const Candidate& candidate,
                                                  const upstream::Provider& provider, Wording& wording) {
  Spending& spending = *parts_.spending;
  Spending::Verdict verdict = spending.Reserve(candidate, provider.settings(), wording);
  net::Loop& loop = parts_.exchange.loop();
  if (verdict == Spending::Verdict::kCount) {
    const base::MonoTime counting = loop.clock().Now();
    verdict = co_await spending.CountPrompt(candidate, provider.settings(), wording);
    parts_.record.NoteWait(counting, loop.Now());
  }
  if (verdict == Spending::Verdict::kBusy) {
    const base::MonoTime waiting = loop.clock().Now();
    verdict = co_await spending.Wait(parts_.cancel);
    parts_.record.NoteWait(waiting, loop.Now());
  }
  if (verdict == Spending::Verdict::kGranted) co_return std::nullopt;
  if (verdict == Spending::Verdict::kStopped) co_return Outcome::kStopped;
  ++too_dear_;
  PassOver(candidate, "too_dear", spending.why());
  co_return Outcome::kNoRoom;
}

// Whether the limits of its provider and model let a call pass.
bool Answer::IsAdmitted(const Candidate& candidate) {
  if (parts_.admission == nullptr) return true;
  RefusalText refusal{.refusal = Refusal::kRateLimited, .message = {}};
  if (parts_.admission->EnterCall(candidate, refusal)) return true;
  if (parts_.spending != nullptr) parts_.spending->Drop();
  ++limited_;
  PassOver(candidate, "limited", refusal.message);
  if (calls_ == 0 && (!retry_after_ || (refusal.retry_after && *refusal.retry_after < *retry_after_))) {
    retry_after_ = refusal.retry_after;
  }
  return false;
}

// Whether what was reserved for a call is written down, without which it is not made, and somebody waits for
// it still. Goes on when the turn ends, also where there is nothing to write: calls that go out one right
// after the other wake up whoever answers them less often.
net::Task<bool> Answer::Promise(const Candidate& candidate) {
  if (parts_.spending == nullptr) {
    co_await net::TurnEnd(parts_.exchange.loop());
    co_return !parts_.cancel.why();
  }
  const base::Money reserved = parts_.spending->reserved();
  const std::int64_t lowered_to = parts_.spending->lowered_to();
  if (const auto promised = co_await parts_.spending->Promise(parts_.record); !promised) {
    PassOver(candidate, "unpromised", promised.error().detail);
    co_return false;
  }
  if (parts_.cancel.why()) {
    parts_.spending->GiveBack();
    co_return false;
  }
  parts_.record.reserved = reserved;
  parts_.record.lowered_to = lowered_to;
  co_return true;
}

// What the record says of a call that is about to be made.
void Answer::NoteCall(const upstream::Provider& provider, chat::Operation said_as) {
  RequestRecord& record = parts_.record;
  record.dispatched = parts_.exchange.loop().WallNow();
  record.said_as = said_as;
  record.server_address = provider.pool_options().origin.host;
  record.server_port = provider.pool_options().origin.port;
  if (calls_ > 1) {
    record.reason = "those before it failed";  // its attempts tell how
  } else if (too_dear_ > 0) {
    record.reason = kTooDear;
  } else if (unsayable_) {
    record.reason = "those before it have no word for a field of the request";
  }
}

// What the record says of a call whose answer's head has come, or never will.
void Answer::NoteHead(upstream::Attempt& attempt) {
  AttemptNote& note = parts_.record.attempts.back();
  note.status = attempt.status();
  note.sent = attempt.call().progress() != net::Call::Progress::kNotSent;
  const bool answers = attempt.status() != 0;
  note.stream = request_.stream && (!answers || IsEventStream(attempt.head()));
}

// What a failed call leaves for the next one, and for the caller if there is none.
void Answer::LearnFailure(const upstream::Attempt& attempt, const Candidate& candidate,
                          std::shared_ptr<upstream::Provider> provider) {
  if (!attempt.words().empty()) words_ = candidate.target.provider + " says: " + attempt.words();
  failed_ = std::move(provider);
  failure_ = attempt.shared_failure();
  last_status_ = attempt.status_meant();
  story_ += (story_.empty() ? "" : "; ") + candidate.target.Print() + ": " + attempt.detail();
  retry_after_ = attempt.retry_after();
  last_should_retry_.reset();
  if (attempt.status() == 0) return;
  if (const auto said = attempt.head().fields.Find("x-should-retry")) last_should_retry_ = *said == "true";
}

net::Task<Outcome> Answer::Pass(upstream::Attempt& attempt, Leash& leash, const Candidate& candidate,
                                const Wording& wording) {
  const bool stream = request_.stream && attempt.status() < 300 && IsEventStream(attempt.head());
  base::BlockString fields = AnswerFields(attempt, candidate, wording, stream);
  const chat::Flavour flavour =
      config::FlavourOf(parts_.directory.Find(candidate.target.provider)->settings());
  std::string maker;
  std::optional<translate::Between> between;
  if (!wording.translated()) {
    maker = translate::MakerOf(wording.operation(), flavour, candidate.target.provider);
  } else {
    const auto now = parts_.record.started.time_since_epoch();
    between.emplace(translate::Between{.request = wordings_.form(),
                                       .provider = wording.operation(),
                                       .flavour = flavour,
                                       .provider_name = candidate.target.provider,
                                       .now = std::chrono::duration_cast<std::chrono::seconds>(now).count(),
                                       .request_id = parts_.record.id,
                                       .dropped = wording.dropped(),
                                       .answer_max = parts_.settings.answer_max});
  }
  Relay relay(parts_.exchange, attempt, leash.cancel(),
              {.operation = wording.operation(),
               .between = between ? &*between : nullptr,
               .maker = maker,
               .dropped = wording.dropped(),
               .hide_usage = request_.stream && !request_.include_usage,
               .answer_bytes_max = parts_.settings.answer_max,
               .frame_bytes_max = wording.translated() || !maker.empty() ? FrameMaxOf(parts_.settings)
                                                                         : parts_.settings.stream_frame_max,
               .commit_after = parts_.settings.stream_commit_after,
               .leash = &leash},
              parts_.record, parts_.settlement);
  if (stream) co_return co_await relay.PassStream(fields);
  co_return co_await relay.PassWhole(std::move(fields));
}

base::BlockString Answer::AnswerFields(const upstream::Attempt& attempt, const Candidate& candidate,
                                       const Wording& wording, bool stream) const {
  const net::Fields& answered = attempt.head().fields;
  const config::ModelRef& target = candidate.target;
  base::BlockString model;
  model.reserve(target.provider.size() + 1 + target.model.size());
  model.append(target.provider).append("/").append(target.model);
  base::BlockString fields;
  fields.reserve(kUsualFieldBytes);
  net::AppendField(fields, "x-sluice-request-id", parts_.record.id);
  net::AppendField(fields, "x-sluice-rung", Name(candidate.rung));
  net::AppendSafeField(fields, "x-sluice-model", model);
  if (calls_ > 1) {
    net::AppendSafeField(fields, "x-sluice-reason", "those before it failed: " + story_);
  } else if (too_dear_ > 0) {
    net::AppendField(fields, "x-sluice-reason", kTooDear);
  } else if (unsayable_) {
    net::AppendSafeField(fields, "x-sluice-reason",
                         "those before it have no word for " +
                             (unsayable_->field.empty() ? "the request" : unsayable_->field));
  } else {
    net::AppendSafeField(fields, "x-sluice-reason", candidate.reason);
  }
  if (parts_.record.lowered_to > 0) {
    net::AppendField(fields, "x-sluice-max-tokens", std::to_string(parts_.record.lowered_to));
  }
  if (stream || !wording.translated()) AppendDropped(wording.dropped(), {}, fields);
  if (wording.translated()) {
    if (stream) net::AppendField(fields, "content-type", "text/event-stream");  // else when it is known
    AppendTranslatedFields(answered, asked_.dialect, fields);
  } else {
    AppendResponseFields(answered, fields);
  }
  return fields;
}

// Its status, and how long it took, are added when they are known.
void Answer::Note(const Candidate& candidate, std::string_view error, base::MonoTime begun) {
  parts_.record.attempts.push_back({.provider = candidate.target.provider,
                                    .model = candidate.target.model,
                                    .error = std::string(error),
                                    .begun = begun,
                                    .took = Since(begun, parts_.exchange.loop())});
}

// Every candidate was tried and the last one is only limited, or none was as they rest: waits as long as they
// asked for, if that is short enough.
net::Task<bool> Answer::WaitForLimits(const routing::Plan& plan) {
  std::optional<milliseconds> wait;
  for (const Candidate& candidate : plan.candidates) {
    if (!candidate.rejected.empty()) continue;
    const auto one = parts_.directory.Find(candidate.target.provider)->WaitForLimit(candidate.target.model);
    if (one && (!wait || *one < *wait)) wait = one;
  }
  const config::RetrySettings& limits = parts_.settings.retry;
  const bool told = retry_after_ || calls_ == 0;
  if (!told || !wait || *wait > limits.after_max || calls_ >= limits.attempts_max) co_return false;
  net::Loop& loop = parts_.exchange.loop();
  net::Event over;
  bool ended = false;
  const auto tell = [&over, &ended] {
    if (!std::exchange(ended, true)) over.Notify();
  };
  const net::Cancel::Hook hook(parts_.cancel, [&tell](Code) { tell(); });
  net::Timer timer(loop.timers(), [&tell] { tell(); });
  timer.SetAfter(*wait);
  const base::MonoTime begun = loop.Now();
  if (!parts_.cancel.why()) co_await over;
  parts_.record.waited += loop.Now() - begun;
  co_return !parts_.cancel.why();
}

RefusalText Answer::Failure(Outcome outcome) const {
  if (parts_.cancel.why() == Code::kTimeout) {
    return {.refusal = Refusal::kDeadlineExceeded,
            .message = "no answer within the deadline" + (story_.empty() ? "" : "; " + story_)};
  }
  if (parts_.cancel.why()) {
    return GoingDown();
  }
  if (unsayable_ && could_be_asked_ == 0) {
    return {.refusal = Refusal::kInvalidRequest, .message = unsayable_->detail, .param = unsayable_->field};
  }
  if (calls_ == 0 && too_dear_ > 0 && too_dear_ + limited_ == could_be_asked_) {
    return {.refusal = Refusal::kBudgetExceeded, .message = "no candidate can be paid for: " + story_};
  }
  if (outcome == Outcome::kNoRoom && calls_ == 0) {
    return {.refusal = Refusal::kRateLimited,
            .message = "no provider has room: " + story_,
            .retry_after = retry_after_.value_or(std::chrono::seconds(1))};
  }
  RefusalText text{.refusal = Refusal::kUpstreamError, .message = "no candidate answered: " + story_};
  if (!words_.empty()) text.message += "; " + words_;
  if (outcome == Outcome::kAccountRefused) {
    text.status = last_status_;
    text.should_retry = false;
    return text;
  }
  text.retry_after = retry_after_;
  // Our key, or an answer that broke after a good status, is no status of the caller's.
  if (last_status_ >= 400 && outcome != Outcome::kKeyRefused) text.status = last_status_;
  const int status = text.Status();
  const bool may_pass = outcome != Outcome::kKeyRefused &&  // somebody has to change the config first
                        (status >= 500 || status == 429 || status == 408 || status == 409);
  text.should_retry = last_should_retry_.value_or(may_pass);
  return text;
}

}  // namespace gateway
