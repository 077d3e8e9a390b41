#include "translate/translate.h"

#include <utility>

#include "base/check.h"
#include "translate/carried.h"
#include "translate/dialects_internal.h"
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
  WordsOf(target.operation).write_request(request, target, said.body, losses);
  if (losses.AnyUnsayable() && (!target.drop_unsayable || losses.AnyPartElsewhere(request.body))) {
    return tl::unexpected(Unsayable{.field = losses.FirstName(request.body),
                                    .detail = losses.Refusal(request.body, NameOf(target)).detail});
  }
  said.unsayable = losses.Unsayable();
  said.dropped = losses.Names(request.body);
  return said;
}

base::Result<SaidAnswer> TranslateAnswer(const Between& between, std::string_view body) {
  auto answer = WordsOf(between.provider).read_answer(body);
  if (!answer) return base::Fail(answer.error());
  if (Claim claim(between); claim.Needed()) {
    for (Part& part : answer->parts) {
      claim.On(part);
      if (part.mind == Mind::kMaker) part.id = {answer->Keep(std::string(part.id.inside))};
    }
  }
  if (answer->failure) return SayFailure(*answer->failure, between);
  Losses losses;
  SaidAnswer said;
  said.body.reserve(body.size() + 256);
  WordsOf(between.request.operation).write_answer(*answer, between, said.body, losses);
  said.dropped = losses.Names(body);
  return said;
}

struct StreamTranslation::Parts {
  std::unique_ptr<StreamReader> reader;
  std::unique_ptr<StreamWriter> writer;
  std::vector<Event> events;
  std::optional<Claim> claim;
  bool ended = false;
  bool broken = false;
};

StreamTranslation::StreamTranslation(const Between& between) : parts_(std::make_unique<Parts>()) {
  parts_->reader = WordsOf(between.provider).make_reader();
  parts_->writer = WordsOf(between.request.operation).make_writer(between);
  parts_->claim.emplace(between);
}

StreamTranslation::~StreamTranslation() = default;
StreamTranslation::StreamTranslation(StreamTranslation&&) noexcept = default;
StreamTranslation& StreamTranslation::operator=(StreamTranslation&&) noexcept = default;

base::Result<void> StreamTranslation::Take(const wire::SseFrame& frame, std::string& out) {
  if (parts_->ended || parts_->broken) return {};
  parts_->events.clear();
  auto read = parts_->reader->Read(frame, parts_->events);
  for (Event& event : parts_->events) {
    if (parts_->claim->Needed()) parts_->claim->On(event);
    if (auto written = parts_->writer->Write(event, out); !written) return written;
    if (parts_->claim->Needed() && IsThoughtToCome(event)) {
      Event seal{.kind = Event::Kind::kSignature, .part = event.part};
      parts_->claim->On(seal);
      if (auto written = parts_->writer->Write(seal, out); !written) return written;
    }
    parts_->ended = event.kind == Event::Kind::kEnd;
    parts_->broken = event.kind == Event::Kind::kError;
    if (parts_->ended || parts_->broken) break;
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
