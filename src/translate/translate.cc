#include "translate/translate.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/check.h"
#include "translate/alike_internal.h"
#include "translate/carried.h"
#include "translate/dialects_internal.h"
#include "translate/told_whole_internal.h"
#include "translate/tool_names_internal.h"
#include "wire/error_body.h"

namespace translate {
namespace {

using chat::Operation;

constexpr DialectWords kChat = {.api = "OpenAI chat completions",
                                .read_request = ReadChatRequest,
                                .write_request = WriteChatRequest,
                                .read_answer = ReadChatAnswer,
                                .write_answer = WriteChatAnswer,
                                .make_reader = MakeChatStreamReader,
                                .make_writer = MakeChatStreamWriter};
constexpr DialectWords kResponses = {.api = "OpenAI Responses",
                                     .read_request = ReadResponsesRequest,
                                     .write_request = WriteResponsesRequest,
                                     .read_answer = ReadResponsesAnswer,
                                     .write_answer = WriteResponsesAnswer,
                                     .make_reader = MakeResponsesStreamReader,
                                     .make_writer = MakeResponsesStreamWriter};
constexpr DialectWords kMessages = {.api = "Anthropic Messages",
                                    .read_request = ReadMessagesRequest,
                                    .write_request = WriteMessagesRequest,
                                    .read_answer = ReadMessagesAnswer,
                                    .write_answer = WriteMessagesAnswer,
                                    .make_reader = MakeMessagesStreamReader,
                                    .make_writer = MakeMessagesStreamWriter};

// What people call a target.
std::string NameOf(const Target& target) {
  const std::string_view api = ApiName(target.operation);
  const std::string_view plain = api.substr(api.find(' ') + 1);  // without its maker
  switch (target.flavour) {
    case chat::Flavour::kOpenai:
    case chat::Flavour::kAnthropic:
      return std::string(api);
    case chat::Flavour::kDeepseek:
      return "DeepSeek's " + std::string(plain);
    case chat::Flavour::kCompatible:
      return "this provider's " + std::string(plain);
  }
  return {};
}

// Tells whose the thoughts of an answer are whose provider speaks a family's dialect without being of it:
// that family would refuse them.
class Claim {
 public:
  explicit Claim(const Between& between)
      : family_(FamilyOf(between.provider)),
        maker_(MakerOf(between.provider, between.flavour, between.provider_name)) {}

  bool Needed() const { return !maker_.empty(); }

  // `mind` and `id` of a thought, or of its seal. The id's text lives until the next call.
  void On(Mind& mind, JsonText& id) {
    if (mind != family_ && mind != Mind::kNobody) return;
    mind = Mind::kMaker;
    const bool fits = id.inside.find('.') == std::string_view::npos;
    id_.assign(maker_).append(".").append(fits ? id.inside : std::string_view());
    id = {id_};
  }
  void On(Part& part) {
    if (part.kind == Part::Kind::kReasoning) On(part.mind, part.id);
  }
  void On(Event& event) {
    if (event.kind == Event::Kind::kSignature) On(event.mind, event.id);
    if (event.whole == nullptr || event.whole->kind != Part::Kind::kReasoning) return;
    whole_ = *event.whole;
    On(whole_);
    event.whole = &whole_;
  }

 private:
  const Mind family_;
  const std::string maker_;
  std::string id_;
  Part whole_;
};

// What cannot be said, and is all that the last turn of the user asks; empty: something is left of it.
std::string_view LostQuestion(const Request& request, const Losses& losses) {
  if (!losses.AnyUnsayable()) return {};
  const auto last = std::find_if(request.turns.rbegin(), request.turns.rend(), [](const Turn& turn) {
    return turn.role != Role::kSystem && turn.role != Role::kDeveloper;
  });
  if (last == request.turns.rend() || last->role != Role::kUser) return {};
  const std::vector<const char*> lost = losses.UnsayablePlaces();
  const auto is_lost = [&lost](std::string_view where) {
    return !where.empty() && std::binary_search(lost.begin(), lost.end(), where.data(), std::less<>());
  };
  std::string_view first;
  for (const Part& part : last->parts) {
    const Media& media = part.media;
    const bool nothing = part.kind == Part::Kind::kText && part.text.empty();
    if (nothing) continue;
    const bool gone = is_lost(part.raw) || is_lost(media.file_id.inside) || is_lost(media.url.inside) ||
                      is_lost(media.media_type.inside) || is_lost(media.data.inside);
    if (!gone) return {};
    if (first.empty()) first = part.raw;
  }
  return first;
}

// Frames of one stream that are looked into for names of what they hold and cannot be said: what comes in
// each chunk has been named long before.
constexpr int kLossyFramesMax = 256;

// A thought whose seal comes later, or never.
bool IsThoughtToCome(const Event& event) {
  return event.kind == Event::Kind::kPartBegin && event.part_kind == Part::Kind::kReasoning &&
         event.whole == nullptr;
}

SaidAnswer SayFailure(const Answer::Failure& failure, const Between& between) {
  constexpr int kStatus = 400;
  const std::string message = failure.message.Plain();
  const std::string code = failure.code.Plain();
  return {.body = wire::WriteError(chat::DialectOf(between.request.operation),
                                   {.message = message,
                                    .type = "invalid_request_error",
                                    .code = code,
                                    .status = kStatus,
                                    .request_id = between.request_id}),
          .error_status = kStatus};
}

}  // namespace

const DialectWords& WordsOf(Operation operation) {
  CHECK(chat::IsTranslatable(operation));
  switch (chat::DialectOf(operation)) {
    case chat::Dialect::kOpenai:
      return kChat;
    case chat::Dialect::kResponses:
      return kResponses;
    case chat::Dialect::kAnthropic:
      break;
  }
  return kMessages;
}

std::string_view ApiName(Operation operation) {
  return WordsOf(operation).api;
}

bool CanTranslate(Operation from, Operation to) {
  return from != to && chat::IsTranslatable(from) && chat::IsTranslatable(to);
}

base::Result<Request> ReadRequest(Operation operation, std::string_view body) {
  return WordsOf(operation).read_request(body);
}

tl::expected<SaidRequest, Unsayable> WriteRequest(const Request& request, const Target& target) {
  if (request.turns.empty()) {
    return tl::unexpected(
        Unsayable{.field = request.operation == Operation::kResponses ? "input" : "messages",
                  .detail = "there is nothing in the request that a model could answer"});
  }
  Losses losses;
  SaidRequest said;
  said.body.reserve(request.body.size() + 256);
  const auto renamed = internal::WithShortToolNames(request, target.operation, target.flavour);
  WordsOf(target.operation).write_request(renamed ? *renamed : request, target, said.body, losses);
  if (losses.AnyUnsayable() && (!target.drop_unsayable || losses.AnyPartElsewhere(request.body))) {
    return tl::unexpected(Unsayable{.field = losses.FirstName(request.body),
                                    .detail = losses.Refusal(request.body, NameOf(target)).detail});
  }
  if (const std::string_view asked = LostQuestion(request, losses); !asked.empty()) {
    const std::string name = PathOf(request.body, asked);
    return tl::unexpected(
        Unsayable{.field = name,
                  .detail = "'" + name + "' cannot be said to " + NameOf(target) +
                            ", and without it nothing would be left of what is asked; send it in words, or "
                            "ask for a model of a provider that knows it"});
  }
  said.beta = target.operation == Operation::kChat && IsForBeta(request, target);
  said.unsayable = losses.Unsayable();
  said.dropped = losses.Names(request.body);
  return said;
}

namespace {

// An answer as the caller is to hear it: whose its thoughts are, its tools by the caller's names.
base::Result<Answer> ReadAnswer(const Between& between, std::string_view body) {
  auto answer = WordsOf(between.provider).read_answer(body);
  if (!answer) return base::Fail(answer.error());
  if (Claim claim(between); claim.Needed()) {
    for (Part& part : answer->parts) {
      claim.On(part);
      if (part.mind == Mind::kMaker) part.id = {answer->Keep(std::string(part.id.inside))};
    }
  }
  const internal::ToolNames tools(between);
  for (Part& part : answer->parts) {
    if (part.kind == Part::Kind::kToolCall) tools.Restore(part.name);
  }
  return answer;
}

}  // namespace

base::Result<SaidAnswer> TranslateAnswer(const Between& between, std::string_view body) {
  const auto answer = ReadAnswer(between, body);
  if (!answer) return base::Fail(answer.error());
  if (answer->failure) return SayFailure(*answer->failure, between);
  Losses losses;
  SaidAnswer said;
  said.body.reserve(body.size() + 256);
  WordsOf(between.request.operation).write_answer(*answer, between, said.body, losses);
  said.dropped = losses.Names(body);
  return said;
}

base::Result<SaidAnswer> TranslateAnswerToStream(const Between& between, std::string_view body) {
  const auto answer = ReadAnswer(between, body);
  if (!answer) return base::Fail(answer.error());
  if (answer->failure) return SayFailure(*answer->failure, between);
  const auto writer = WordsOf(between.request.operation).make_writer(between);
  Losses untold;
  SaidAnswer said;
  if (auto told = internal::TellWhole(*answer, *writer, said.body, untold); !told) {
    return base::Fail(told.error());
  }
  for (const Losses* losses : {&untold, &writer->losses()}) {
    for (std::string& name : losses->Names(body)) AddName(std::move(name), said.dropped);
  }
  for (std::string& name : writer->names()) AddName(std::move(name), said.dropped);
  return said;
}

struct StreamTranslation::Parts {
  base::Result<void> Take(const wire::SseFrame& frame, std::string& out);
  base::Result<void> Read(const wire::SseFrame& frame);
  void NameLosses(const wire::SseFrame& frame);

  std::unique_ptr<StreamReader> reader;
  std::unique_ptr<StreamWriter> writer;
  std::vector<Event> events;
  std::optional<internal::AlikeFrames> alike;
  std::optional<Claim> claim;
  std::optional<internal::ToolNames> tools;
  std::vector<std::string> dropped;
  int lossy_frames = 0;
  bool ended = false;
  bool broken = false;
};

StreamTranslation::StreamTranslation(const Between& between) : parts_(std::make_unique<Parts>()) {
  parts_->reader = WordsOf(between.provider).make_reader();
  parts_->writer = WordsOf(between.request.operation).make_writer(between);
  // The events of Responses are numbered, and tell what has been told again.
  if (between.provider != Operation::kResponses) parts_->alike.emplace();
  parts_->claim.emplace(between);
  parts_->tools.emplace(between);
}

StreamTranslation::~StreamTranslation() = default;
StreamTranslation::StreamTranslation(StreamTranslation&&) noexcept = default;
StreamTranslation& StreamTranslation::operator=(StreamTranslation&&) noexcept = default;

// Names what the frame holds that could not be said.
void StreamTranslation::Parts::NameLosses(const wire::SseFrame& frame) {
  Losses& unread = reader->losses();
  Losses& unsaid = writer->losses();
  if (unread.empty() && unsaid.empty() && reader->names().empty() && writer->names().empty()) return;
  if (++lossy_frames <= kLossyFramesMax) {
    for (const Losses* losses : {&unread, &unsaid}) {
      for (std::string& name : losses->Names(frame.payload))
        AddName(reader->InAnswer(std::move(name)), dropped);
    }
    for (auto* names : {&reader->names(), &writer->names()}) {
      for (std::string& name : *names) AddName(std::move(name), dropped);
    }
  }
  unread.Clear();
  unsaid.Clear();
  reader->names().clear();
  writer->names().clear();
}

base::Result<void> StreamTranslation::Take(const wire::SseFrame& frame, std::string& out) {
  if (parts_->ended || parts_->broken) return {};
  auto taken = parts_->Take(frame, out);
  parts_->NameLosses(frame);
  return taken;
}

const std::vector<std::string>& StreamTranslation::dropped() const {
  return parts_->dropped;
}

bool StreamTranslation::ended() const {
  return parts_->ended;
}

// What `frame` tells, into `events`.
base::Result<void> StreamTranslation::Parts::Read(const wire::SseFrame& frame) {
  events.clear();
  if (Event event; alike && alike->Fits(frame, event)) {
    events.push_back(event);
    return {};
  }
  auto read = reader->Read(frame, events);
  if (!read) {
    alike.reset();
  } else if (alike) {
    alike->Keep(frame, events);
  }
  return read;
}

base::Result<void> StreamTranslation::Parts::Take(const wire::SseFrame& frame, std::string& out) {
  auto read = Read(frame);
  for (Event& event : events) {
    if (claim->Needed()) claim->On(event);
    if (event.kind == Event::Kind::kPartBegin) tools->Restore(event.name);
    if (auto written = writer->Write(event, out); !written) return written;
    if (claim->Needed() && IsThoughtToCome(event)) {
      Event seal{.kind = Event::Kind::kSignature, .part = event.part};
      claim->On(seal);
      if (auto written = writer->Write(seal, out); !written) return written;
    }
    ended = event.kind == Event::Kind::kEnd;
    broken = event.kind == Event::Kind::kError;
    if (ended || broken) break;
  }
  return read;
}

void StreamTranslation::Break(std::string_view type, std::string_view code, std::string_view message,
                              std::string& out) {
  if (parts_->ended || parts_->broken) return;
  parts_->broken = true;
  parts_->writer->WriteError(type, code, message, out);
}

}  // namespace translate
