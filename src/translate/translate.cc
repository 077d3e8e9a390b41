#include "translate/translate.h"

#include <utility>

#include "base/check.h"
#include "translate/dialects_internal.h"
#include "wire/error_body.h"

namespace translate {
namespace {

using base::Code;
using chat::Operation;

base::Result<Answer> ReadAnswer(Operation operation, std::string_view body) {
  switch (operation) {
    case Operation::kChat:
      return ReadChatAnswer(body);
    case Operation::kResponses:
      return ReadResponsesAnswer(body);
    case Operation::kMessages:
      return ReadMessagesAnswer(body);
    default:
      CHECK(chat::IsTranslatable(operation));
      return base::Fail(Code::kInvalid, {});
  }
}

void WriteAnswer(const Answer& answer, const Between& between, std::string& out, Losses& losses) {
  switch (between.request.operation) {
    case Operation::kChat:
      return WriteChatAnswer(answer, between, out, losses);
    case Operation::kResponses:
      return WriteResponsesAnswer(answer, between, out, losses);
    case Operation::kMessages:
      return WriteMessagesAnswer(answer, between, out, losses);
    default:
      CHECK(chat::IsTranslatable(between.request.operation));
  }
}

std::unique_ptr<StreamReader> MakeReader(Operation operation) {
  switch (operation) {
    case Operation::kChat:
      return MakeChatStreamReader();
    case Operation::kResponses:
      return MakeResponsesStreamReader();
    case Operation::kMessages:
      return MakeMessagesStreamReader();
    default:
      CHECK(chat::IsTranslatable(operation));
      return nullptr;
  }
}

std::unique_ptr<StreamWriter> MakeWriter(const Between& between) {
  switch (between.request.operation) {
    case Operation::kChat:
      return MakeChatStreamWriter(between);
    case Operation::kResponses:
      return MakeResponsesStreamWriter(between);
    case Operation::kMessages:
      return MakeMessagesStreamWriter(between);
    default:
      CHECK(chat::IsTranslatable(between.request.operation));
      return nullptr;
  }
}

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

// DeepSeek's copy of Messages seals thoughts with signatures that nobody checks, and that Anthropic would
// refuse: they are thoughts in plain text.
bool SealsNothing(const Between& between) {
  return between.provider == Operation::kMessages && between.flavour == chat::Flavour::kDeepseek;
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

std::string_view ApiName(Operation operation) {
  switch (operation) {
    case Operation::kChat:
      return "OpenAI chat completions";
    case Operation::kResponses:
      return "OpenAI Responses";
    case Operation::kMessages:
      return "Anthropic Messages";
    case Operation::kCompletion:
    case Operation::kEmbedding:
    case Operation::kCountTokens:
      break;
  }
  return {};
}

bool CanTranslate(Operation from, Operation to) {
  return from != to && chat::IsTranslatable(from) && chat::IsTranslatable(to);
}

base::Result<Request> ReadRequest(Operation operation, std::string_view body) {
  switch (operation) {
    case Operation::kChat:
      return ReadChatRequest(body);
    case Operation::kResponses:
      return ReadResponsesRequest(body);
    case Operation::kMessages:
      return ReadMessagesRequest(body);
    default:
      CHECK(chat::IsTranslatable(operation));
      return base::Fail(Code::kInvalid, {});
  }
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
  switch (target.operation) {
    case Operation::kChat:
      WriteChatRequest(request, target, said.body, losses);
      break;
    case Operation::kResponses:
      WriteResponsesRequest(request, target, said.body, losses);
      break;
    case Operation::kMessages:
      WriteMessagesRequest(request, target, said.body, losses);
      break;
    default:
      CHECK(chat::IsTranslatable(target.operation));
  }
  if (losses.AnyUnsayable() && (!target.drop_unsayable || losses.AnyPartElsewhere(request.body))) {
    return tl::unexpected(Unsayable{.field = losses.FirstName(request.body),
                                    .detail = losses.Refusal(request.body, NameOf(target)).detail});
  }
  said.unsayable = losses.Unsayable();
  said.dropped = losses.Names(request.body);
  return said;
}

base::Result<SaidAnswer> TranslateAnswer(const Between& between, std::string_view body) {
  auto answer = ReadAnswer(between.provider, body);
  if (!answer) return base::Fail(answer.error());
  if (SealsNothing(between)) {
    for (Part& part : answer->parts) {
      part.mind = Mind::kNobody;
      part.signature = {};
    }
  }
  if (answer->failure) return SayFailure(*answer->failure, between);
  Losses losses;
  SaidAnswer said;
  said.body.reserve(body.size() + 256);
  WriteAnswer(*answer, between, said.body, losses);
  said.dropped = losses.Names(body);
  return said;
}

struct StreamTranslation::Parts {
  std::unique_ptr<StreamReader> reader;
  std::unique_ptr<StreamWriter> writer;
  std::vector<Event> events;
  bool seals_nothing = false;
  bool ended = false;
  bool broken = false;
};

StreamTranslation::StreamTranslation(const Between& between) : parts_(std::make_unique<Parts>()) {
  parts_->reader = MakeReader(between.provider);
  parts_->writer = MakeWriter(between);
  parts_->seals_nothing = SealsNothing(between);
}

StreamTranslation::~StreamTranslation() = default;
StreamTranslation::StreamTranslation(StreamTranslation&&) noexcept = default;
StreamTranslation& StreamTranslation::operator=(StreamTranslation&&) noexcept = default;

base::Result<void> StreamTranslation::Take(const wire::SseFrame& frame, std::string& out) {
  if (parts_->ended || parts_->broken) return {};
  parts_->events.clear();
  auto read = parts_->reader->Read(frame, parts_->events);
  for (const Event& event : parts_->events) {
    if (parts_->seals_nothing && event.kind == Event::Kind::kSignature) continue;
    if (auto written = parts_->writer->Write(event, out); !written) return written;
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
