#include "gateway/relay.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "gateway/forward.h"
#include "gateway/refusal.h"
#include "net/header_text.h"
#include "translate/losses.h"
#include "translate/marked.h"
#include "upstream/failure.h"
#include "wire/error_body.h"
#include "wire/json_string.h"

namespace gateway {
namespace {

namespace failure = upstream::failure;
using routing::Outcome;
using wire::SseKind;

constexpr std::size_t kSignsMax = 4096;                     // bytes of held back comments that are kept
constexpr std::string_view kLifeSign = ": keep-alive\n\n";  // a comment, which every dialect passes over
constexpr std::size_t kWordsKept = 16 * 1024;  // bytes of room for translated frames that a stream keeps
constexpr std::string_view kDroppedComment = ": sluice dropped ";
constexpr std::string_view kEventStream = "text/event-stream";
constexpr std::string_view kJson = "application/json";
constexpr auto kEndPatience = std::chrono::milliseconds(100);

}  // namespace

Relay::Relay(net::Exchange& exchange, upstream::Attempt& attempt, net::Cancel& cancel,
             const RelayOptions& options, RequestRecord& record, Settlement& settlement)
    : exchange_(exchange),
      attempt_(attempt),
      cancel_(cancel),
      options_(options),
      record_(record),
      settlement_(settlement),
      framer_(options.frame_bytes_max),
      reader_(options.operation),
      begun_(exchange.loop().Now()),
      usage_(chat::DialectOf(options.operation)) {
  if (options.between != nullptr) translation_.emplace(*options.between);
  NameDropped(options.dropped);
}

void Relay::Learn(const wire::AnswerFacts& facts) {
  if (facts.finish != chat::FinishReason::kNone) record_.finish = facts.finish;
  usage_.Learn(facts);
  if (record_.response_model.empty() && facts.model.kind == wire::JsonKind::kString) {
    const std::string_view inside = facts.model.Inside();
    if (inside.find('\\') == std::string_view::npos) {
      record_.response_model = inside;
    } else {
      record_.response_model = facts.model.Text();
    }
  }
}

void Relay::NameDropped(std::span<const std::string> names) {
  for (const std::string& name : names) translate::AddName(name, record_.dropped);
}

void Relay::KeepLearned() {
  if (auto usage = usage_.Read()) record_.usage = *usage;
  record_.provider_usage = usage_.Verbatim();
  record_.service_tier = usage_.service_tier();
  if (translation_) NameDropped(translation_->dropped());
}

// What leaves for the client next ends its answer.
Settlement::Closing Relay::Settle() {
  KeepLearned();
  if (error_seen_) record_.error_code = FactsOf(Refusal::kUpstreamError).code;
  if (record_.status == 0) record_.status = attempt_.status();
  return settlement_.Close();
}

// ---- answers that are not streams

Outcome Relay::Judge(std::string_view body) {
  if (attempt_.status() >= 300) return Outcome::kAnswered;  // the caller's own error, passed on as it is
  const auto facts = wire::ReadAnswer(options_.operation, body, &settlement_.text());
  if (!facts) return attempt_.Broke("not_json", "its answer is not a JSON object");
  Learn(*facts);
  KeepLearned();
  if (facts->error)
    return attempt_.Broke(failure::kErrorIn200, "it answered 200 with an error inside", *facts->error);
  if (facts->finish == chat::FinishReason::kInsufficientResource) {
    return attempt_.Broke("insufficient_system_resource",
                          "it ran out of capacity in the middle of the answer");
  }
  return Outcome::kAnswered;
}

// What the caller gets of the provider's refusal of its request.
std::string Relay::TranslateError(std::string_view body) const {
  const wire::ProviderError error = wire::ReadProviderError(body);
  const RefusalFacts facts = FactsOf(Refusal::kInvalidRequest);
  const std::string status = "the provider answered with status " + std::to_string(attempt_.status());
  const std::string& code = error.code.empty() ? error.type : error.code;
  return wire::WriteError(caller_dialect(), {.message = error.message.empty() ? status : error.message,
                                             .type = facts.type,
                                             .code = code.empty() ? facts.code : code,
                                             .param = error.param,
                                             .status = attempt_.status(),
                                             .request_id = record_.id});
}

// What the caller gets of an answer in another dialect: a stream where it asked for one, even if the provider
// did not give it as such.
Outcome Relay::Translate(std::string_view body, translate::SaidAnswer& said) {
  if (attempt_.status() >= 300) {
    said.body = TranslateError(body);
    return Outcome::kAnswered;
  }
  auto translated = options_.between->request.stream
                        ? translate::TranslateAnswerToStream(*options_.between, body)
                        : translate::TranslateAnswer(*options_.between, body);
  if (!translated) {
    return attempt_.Broke(failure::kNotTranslatable,
                          "its answer cannot be translated: " + translated.error().detail);
  }
  said = std::move(*translated);
  return Outcome::kAnswered;
}

net::Task<Outcome> Relay::PassWhole(base::BlockString fields) {
  base::Buffer body;
  auto read = attempt_.call().TryReadAll(body, options_.answer_bytes_max);
  if (read && !*read) {
    const base::MonoTime asked = exchange_.loop().clock().Now();
    const auto rest = co_await attempt_.call().ReadAll(body, options_.answer_bytes_max);
    record_.NoteWait(asked, exchange_.loop().Now());
    if (!rest) read = base::Fail(rest.error());
  }
  if (!read) {
    if (cancel_.why()) co_return Outcome::kStopped;
    co_return attempt_.Broke(base::Name(read.error().code), "its answer broke off: " + read.error().detail);
  }
  Outcome outcome = Judge(body.view());
  std::string_view text = body.view();
  translate::SaidAnswer said;
  if (outcome == Outcome::kAnswered && options_.between != nullptr) {
    outcome = Translate(text, said);
    text = said.body;
    NameDropped(said.dropped);
    AppendDropped(options_.dropped, said.dropped, fields);
    const bool stream = options_.between->request.stream && attempt_.status() < 300 && !said.error_status;
    net::AppendField(fields, "content-type", stream ? kEventStream : kJson);
  } else if (!options_.maker.empty() && attempt_.status() < 300) {
    auto marked = translate::MarkThoughts(options_.operation, options_.maker, translate::Said::kWhole, text);
    if (marked) text = said.body = std::move(*marked);
  }
  if (outcome != Outcome::kAnswered) co_return outcome;
  if (attempt_.status() < 300) attempt_.Worked();
  if (Abandoned()) NoteDrained();
  record_.status = said.error_status.value_or(attempt_.status());
  co_await settlement_.Close();
  settlement_.AppendFields(fields);
  const auto sent = co_await exchange_.Reply(record_.status, fields, text);
  if (!sent) record_.aborted = true;
  co_return Outcome::kAnswered;
}

// ---- streams

net::Task<Outcome> Relay::PassStream(std::string_view fields) {
  const Outcome outcome = co_await PassEvents(fields);
  patience_.reset();
  if (releasing_) co_await Released();
  co_return outcome;
}

net::Task<Outcome> Relay::PassEvents(std::string_view fields) {
  base::MonoTime asked = begun_;
  while (true) {
    const auto block = co_await attempt_.call().Read();
    record_.NoteWait(asked, exchange_.loop().Now());
    if (!block) {
      co_return co_await BreakStream(base::Name(block.error().code),
                                     "the stream broke off: " + block.error().detail);
    }
    if (block->empty()) break;
    const bool going = co_await PassBlock(*block, fields);
    if (failed_) co_return co_await HearPrice();
    if (!going) co_return co_await Drain();
    if (!untranslatable_.empty()) co_return co_await BreakStream(failure::kNotTranslatable, untranslatable_);
    if (done_) co_return co_await FinishAtDone();
    asked = exchange_.loop().clock().Now();
  }
  // Half a frame at the end is dropped, so that an error event never lands inside it; only the end of the
  // stream itself may lack its blank line.
  const auto last = framer_.Finish();
  if (last && IsEnd(*last)) {
    TakeFrame(*last, {});
    if (failed_) {
      KeepLearned();
      co_return *failed_;
    }
    ForgetUnsent();
    const bool going = co_await Flush(fields);
    if (!going) co_return Outcome::kAnswered;
    if (!untranslatable_.empty()) co_return co_await BreakStream(failure::kNotTranslatable, untranslatable_);
  }
  co_return co_await FinishStream();
}

// The client has its end at once, whatever the provider still does. The provider's own end is waited for, not
// long, only so that its connection can be used again.
net::Task<Outcome> Relay::FinishAtDone() {
  const Outcome outcome = co_await FinishStream();
  if (!attempt_.call().done()) {
    attempt_.call().SetPatience(kEndPatience);
    [[maybe_unused]] const auto rest = co_await attempt_.call().Read();
  }
  co_return outcome;
}

// Takes one received block and all others that have come with it, then sends what may be sent. False when
// the relay is over: `failed_`, or the client is gone.
net::Task<bool> Relay::PassBlock(std::string_view block, std::string_view fields) {
  while (true) {
    framer_.Feed(block);
    while (const auto frame = framer_.Next()) {
      if (failed_ || !untranslatable_.empty()) {
        TakePrice(*frame);
      } else {
        TakeFrame(*frame, block);
      }
    }
    const auto more = attempt_.call().TryRead();
    if (!more || !*more || (**more).empty()) break;  // an error shows again at the next Read
    block = **more;
  }
  if (failed_) {
    patience_.reset();
    KeepLearned();
    co_return false;
  }
  ForgetUnsent();
  co_return co_await Flush(fields);
}

// What could be translated of a stream that cannot, while somebody else can still be asked.
void Relay::ForgetUnsent() {
  if (untranslatable_.empty() || said_ || exchange_.started()) return;
  held_.clear();
  ClearOut();
}

bool Relay::IsEnd(const wire::SseFrame& frame) const {
  const auto facts = wire::ReadFrame(options_.operation, frame);
  return facts && facts->ends;
}

void Relay::TakeFrame(const wire::SseFrame& frame, std::string_view block) {
  says_ = false;
  switch (frame.kind) {
    case SseKind::kComment:
    case SseKind::kOther:
      if (!TakeSign(frame)) return;
      break;
    case SseKind::kDone:
    case SseKind::kData:
      if (!TakeData(frame)) return;
      break;
    case SseKind::kPart:
      data_seen_ = true;
      says_ = true;
      part_open_ = !frame.ends;
      break;
  }
  Say(frame, block);
  said_ |= says_ && untranslatable_.empty();
}

// What the client gets of a frame: its bytes, or what it says in the client's dialect.
void Relay::Say(const wire::SseFrame& frame, std::string_view block) {
  const bool comment = frame.kind == SseKind::kComment || frame.kind == SseKind::kOther;
  if (comment && translation_) {
    words_ += frame.bytes;
    return;
  }
  if (comment || (!translation_ && options_.maker.empty())) return Forward(frame.bytes, block);
  if (frame.kind == SseKind::kPart) {
    untranslatable_ = "an event is larger than stream_frame_max and answer_max and cannot be read";
    return;
  }
  if (!translation_) return Pass(frame, block);
  const std::size_t before = words_.size();
  const auto taken = translation_->Take(frame, words_);
  if (!taken) untranslatable_ = "its stream cannot be translated: " + taken.error().detail;
  if (translation_->ended() && !translation_->dropped().empty()) words_.insert(before, DroppedComment());
}

// What has been sent, or is not to be.
void Relay::ClearOut() {
  out_.clear();
  owned_.clear();
  words_.clear();
  if (words_.capacity() > kWordsKept) words_.shrink_to_fit();
}

// A stream's header has left before its losses are known; a comment in front of its end, which no client
// reads as an event, names them.
std::string Relay::DroppedComment() const {
  std::string comment(kDroppedComment);
  for (const std::string& name : translation_->dropped()) {
    comment.append(comment.size() == kDroppedComment.size() ? "" : ", ").append(name);
  }
  return comment.append("\n\n");
}

// The provider's own bytes, but for the mark of whose its thoughts are.
void Relay::Pass(const wire::SseFrame& frame, std::string_view block) {
  const auto marked =
      translate::MarkThoughts(options_.operation, options_.maker, translate::Said::kEvent, frame.payload);
  if (!marked) return Forward(frame.bytes, block);
  std::string& said = owned_.emplace_back();
  const std::less_equal<const char*> before;
  const char* const payload_end = frame.payload.data() + frame.payload.size();
  const char* const end = frame.bytes.data() + frame.bytes.size();
  if (before(frame.bytes.data(), frame.payload.data()) && before(payload_end, end)) {
    said.append(frame.bytes.data(), frame.payload.data()).append(*marked).append(payload_end, end);
  } else {  // it came in several lines
    said.append("event: ").append(frame.event).append("\ndata: ").append(*marked);
    std::replace(said.begin() + static_cast<std::ptrdiff_t>(said.size() - marked->size()), said.end(), '\n',
                 ' ');
    said.append("\n\n");
  }
  out_.push_back(said);
}

bool Relay::TakeSign(const wire::SseFrame& frame) {
  if (begun_for_client() || exchange_.loop().Now() - begun_ >= options_.commit_after) return true;
  const std::string_view sign = translation_ && frame.kind == SseKind::kData ? kLifeSign : frame.bytes;
  if (signs_.size() + sign.size() <= kSignsMax) signs_ += sign;
  return false;
}

// An end that says why the model stopped holds the answer itself.
bool Relay::TakeEnd(const wire::AnswerFacts& facts) {
  done_ = begun_for_client() || facts.finish != chat::FinishReason::kNone;
  if (!done_) failed_ = attempt_.Broke("empty", "its stream ended before it began");
  return done_;
}

bool Relay::TakeData(const wire::SseFrame& frame) {
  const auto facts = reader_.Read(frame, &settlement_.text());
  if (facts && facts->sequence_number) next_sequence_number_ = *facts->sequence_number + 1;
  if (facts && facts->sign_of_life) return TakeSign(frame);
  if (facts) Learn(*facts);
  if (facts && facts->ends && !facts->error) return TakeEnd(*facts);
  if (!facts && !begun_for_client()) {
    failed_ = attempt_.Broke("not_json", "its stream does not begin with a JSON object");
  } else if (facts && !said_ && !exchange_.started()) {  // what came before it says nothing, and is held
    if (facts->error) {
      failed_ = attempt_.Broke(failure::kErrorIn200, "its stream began with an error", *facts->error);
    } else if (facts->finish == chat::FinishReason::kInsufficientResource) {
      failed_ =
          attempt_.Broke("insufficient_system_resource", "it ran out of capacity before the answer began");
    }
  }
  if (failed_) return false;
  data_seen_ = true;
  if (!facts) return true;
  if (facts->error) {
    error_seen_ = true;
    done_ = facts->ends;
  }
  says_ = facts->has_text || facts->finish != chat::FinishReason::kNone;
  if (facts->has_text && !record_.first_token) record_.first_token = exchange_.loop().Now();
  return translation_ || !(options_.hide_usage && facts->IsUsageOnly());
}

// A failed answer has its price all the same, which follows the reason in a chunk of its own; what has come
// with it is looked at.
void Relay::TakePrice(const wire::SseFrame& frame) {
  if (frame.kind != SseKind::kData) return;
  const auto facts = wire::ReadFrame(options_.operation, frame, Abandoned() ? &settlement_.text() : nullptr);
  if (!facts) return;
  Learn(*facts);
  done_ |= facts->ends;
}

// Where a failed answer has its price and has not told it yet, that may come in a write of its own.
net::Task<Outcome> Relay::HearPrice() {
  std::uint64_t bytes = 0;
  const base::MonoTime until = exchange_.loop().clock().Now() + kEndPatience;
  while (record_.finish == chat::FinishReason::kInsufficientResource && !record_.usage && !done_ &&
         bytes <= options_.frame_bytes_max) {
    const auto left = until - exchange_.loop().clock().Now();
    if (left <= left.zero()) break;
    attempt_.call().SetPatience(left);
    const auto block = co_await attempt_.call().Read();
    if (!block || block->empty()) break;
    bytes += block->size();
    framer_.Feed(*block);
    while (const auto frame = framer_.Next()) TakePrice(*frame);
    KeepLearned();
  }
  co_return *failed_;
}

// The client has gone. Where the provider bills the answer to its end all the same, it is heard out: it says
// at the end what it bills.
net::Task<Outcome> Relay::Drain() {
  std::uint64_t bytes = 0;
  while (Abandoned() && !done_ && bytes <= options_.answer_bytes_max) {
    const auto block = co_await attempt_.call().Read();
    if (!block || block->empty()) break;
    bytes += block->size();
    framer_.Feed(*block);
    while (const auto frame = framer_.Next()) TakePrice(*frame);
  }
  if (Abandoned()) NoteDrained();
  co_return Outcome::kAnswered;
}

void Relay::NoteDrained() {
  KeepLearned();
  record_.aborted = true;
  if (record_.usage) record_.usage_source = chat::UsageSource::kDrained;
}

void Relay::Forward(std::string_view bytes, std::string_view block) {
  const std::less_equal<const char*> before;
  const bool in_block =
      before(block.data(), bytes.data()) && before(bytes.data() + bytes.size(), block.data() + block.size());
  if (!in_block) {
    out_.push_back(owned_.emplace_back(bytes));
  } else if (!out_.empty() && out_.back().data() + out_.back().size() == bytes.data()) {
    out_.back() = {out_.back().data(), out_.back().size() + bytes.size()};
  } else {
    out_.push_back(bytes);
  }
}

// Whether somebody else can still be asked, and what is to be sent waits for that.
bool Relay::Holds() const {
  if (exchange_.started() || said_ || done_ || exchange_.loop().Now() - begun_ >= options_.commit_after) {
    return false;
  }
  std::size_t bytes = held_.size();
  for (const std::string_view piece : out_) bytes += piece.size();
  return bytes <= kHeldMax;
}

void Relay::Hold(std::string_view fields) {
  for (const std::string_view piece : out_) held_ += piece;
  ClearOut();
  if (patience_) return;
  patience_.emplace(exchange_.loop().timers(), [this, fields] {
    if (!exchange_.started() && !held_.empty()) net::Spawn(Release(fields));
  });
  patience_->SetAt(begun_ + options_.commit_after);
}

// Sends what is held, while the next event is waited for.
net::Task<void> Relay::Release(std::string_view fields) {
  releasing_.emplace();
  record_.status = attempt_.status();
  exchange_.StartStream(attempt_.status(), fields);
  const std::string held = signs_ + std::exchange(held_, {});
  const std::string_view pieces[] = {held};
  [[maybe_unused]] const auto sent = co_await exchange_.SendChunk(pieces);  // an error shows again
  releasing_->Notify();
}

// Waits until what was held, and is being sent, has been sent.
net::Task<void> Relay::Released() {
  co_await *releasing_;
  releasing_.reset();
}

// False when the client is gone.
net::Task<bool> Relay::Flush(std::string_view fields) {
  if (!words_.empty()) out_.push_back(words_);
  if (out_.empty() && (held_.empty() || !done_)) co_return true;
  if (Holds()) {
    Hold(fields);
    co_return true;
  }
  patience_.reset();
  if (releasing_) co_await Released();
  if (done_ && untranslatable_.empty()) co_await Settle();  // else BreakStream knows what went wrong
  std::string held;  // leaves now, and is not kept for as long as the stream lasts
  if (!exchange_.started()) {
    record_.status = attempt_.status();
    exchange_.StartStream(attempt_.status(), fields);
    held = std::exchange(held_, {});
    if (!held.empty()) out_.insert(out_.begin(), held);
    if (!signs_.empty()) out_.insert(out_.begin(), signs_);
  }
  const auto sent = co_await exchange_.SendChunk(out_);
  ClearOut();
  if (!sent) {
    record_.aborted = true;
    KeepLearned();  // what came with the bytes that nobody took was used all the same
    if (options_.leash != nullptr) options_.leash->Abandon();
  }
  co_return sent.has_value();
}

net::Task<Outcome> Relay::FinishStream() {
  if (!begun_for_client()) co_return attempt_.Broke("empty", "its stream held nothing");
  if (!done_ && !error_seen_) {
    const auto end = wire::EndOfStream(chat::DialectOf(options_.operation));
    co_return co_await BreakStream("truncated", "the stream ended without " + std::string(end));
  }
  if (error_seen_) {
    attempt_.Broke("error_in_stream", "it sent an error inside its stream");
  } else {
    attempt_.Worked();
  }
  if (releasing_) co_await Released();
  co_await Settle();
  const auto ended = co_await exchange_.EndStream();
  if (!ended) record_.aborted = true;
  co_return Outcome::kAnswered;
}

// The provider, the caller's deadline or a drain has ended the stream early. What the client has not seen
// yet can be tried elsewhere; a client in the middle of it is told.
net::Task<Outcome> Relay::BreakStream(std::string_view error, std::string detail) {
  KeepLearned();
  const auto why = cancel_.why();
  if (why == base::Code::kCancelled) {
    record_.aborted = true;
    co_return Outcome::kStopped;
  }
  if (!exchange_.started()) {
    if (why) co_return Outcome::kStopped;
    co_return attempt_.Broke(error, std::move(detail));
  }
  RefusalText text{
      .refusal = Refusal::kUpstreamError,
      .message = std::string(record_.provider) + "/" + std::string(record_.model) + ": " + detail};
  if (why == base::Code::kTimeout) {
    text = {.refusal = Refusal::kDeadlineExceeded,
            .message = "the deadline passed in the middle of the answer"};
  } else if (why == base::Code::kUnavailable) {
    text = GoingDown();
  } else {
    attempt_.Broke(error, std::move(detail));
  }
  record_.error_code = FactsOf(text.refusal).code;
  if (releasing_) co_await Released();
  co_await Settle();
  const std::string event = LastWords(text);
  const std::string_view pieces[] = {event};
  const auto told = co_await exchange_.SendChunk(pieces);
  const auto ended = co_await exchange_.EndStream();
  if (!told || !ended) record_.aborted = true;
  co_return Outcome::kAnswered;
}

// The event that ends a stream which has begun.
std::string Relay::LastWords(const RefusalText& text) {
  if (!translation_) {
    return (part_open_ ? "\n\n" : "") + text.Event(caller_dialect(), record_.id, next_sequence_number_);
  }
  const RefusalFacts facts = FactsOf(text.refusal);
  std::string event;
  translation_->Break(wire::ErrorType(caller_dialect(), text.Status(), facts.type), facts.code, text.message,
                      event);
  return event;
}

}  // namespace gateway
