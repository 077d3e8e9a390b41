#include <utility>

#include "sim/answer.h"
#include "sim/compose.h"
#include "sim/hash.h"
#include "sim/service.h"
#include "sim/signature.h"

namespace sim {
namespace {

std::shared_ptr<const ResponseItem> MessageItem(const Answer& answer) {
  ResponseItem item{.id = answer.responses.message_id, .role = "assistant", .text = answer.choices[0].text};
  AppendMessageTokens(item.tokens, item.role, item.text);
  return std::make_shared<const ResponseItem>(std::move(item));
}

std::shared_ptr<const ResponseItem> CallItem(const Answer& answer, std::size_t call) {
  const Choice& choice = answer.choices[0];
  ResponseItem item{.kind = ResponseItem::Kind::kCall,
                    .id = answer.responses.call_item_ids[call],
                    .call_id = choice.call_ids[call]};
  AppendCallTokens(item.tokens, choice.calls[call].name, choice.calls[call].arguments);
  return std::make_shared<const ResponseItem>(std::move(item));
}

// The conversation with the answer behind it, as the next turn would have it.
Conversation Continued(const Answer& answer, Conversation conversation) {
  if (!answer.responses.reasoning_id.empty()) {
    conversation.push_back(std::make_shared<const ResponseItem>(
        ResponseItem{.kind = ResponseItem::Kind::kReasoning, .id = answer.responses.reasoning_id}));
  }
  if (!answer.choices[0].text.empty()) conversation.push_back(MessageItem(answer));
  for (std::size_t call = 0; call < answer.choices[0].calls.size(); ++call) {
    conversation.push_back(CallItem(answer, call));
  }
  return conversation;
}

}  // namespace

net::Task<void> Service::ServeResponses(Request& request, Sink& sink) {
  if (const auto objection = KeyObjection(request)) {
    co_await Refuse(request, *objection, sink);
    co_return;
  }
  const ResponsesRules rules{
      .seed = provider_.options().seed,
      .find_response = [this](const std::string& id) -> std::optional<Conversation> {
        return provider_.responses().With([&](const ResponseStore& store) {
          const Conversation* found = store.Find(id);
          return found == nullptr ? std::nullopt : std::optional(*found);
        });
      },
      .find_item =
          [this](const std::string& id) {
            return provider_.responses().With([&](const ResponseStore& store) { return store.FindItem(id); });
          }};
  auto read = ReadResponsesAsk(request.body->view(), rules);
  if (!read) {
    co_await Refuse(request, read.error(), sink);
    co_return;
  }
  if (!provider_.HasModel(request.dialect, read->ask.model)) {
    co_await Refuse(request, NoSuchModel(request.dialect, read->ask.model), sink);
    co_return;
  }
  request.responses = &*read;
  co_await ServeAnswer(request, read->ask, read->prompt, sink);
  request.responses = nullptr;
}

// Gives the items of an answer their ids, which the answer's own decides, and what belongs to its thoughts,
// and keeps it if that is wanted.
void Service::DressResponse(Answer& answer, const ResponsesAsk& ask) {
  constexpr std::size_t kIdSize = 48;
  base::Random random(HashBytes(answer.id, provider_.options().seed));
  const std::string nonce = RandomText(kSealNonceSize, 62, random);
  const auto id = [&random](std::string_view prefix) {
    return std::string(prefix).append(RandomText(kIdSize, 16, random));
  };
  const Choice& choice = answer.choices[0];
  ResponsesTerms& terms = answer.responses;
  terms = ask.terms;
  terms.reasoning_id = id("rs_");
  terms.message_id = id("msg_");
  for (const ToolCall& call : choice.calls) terms.call_item_ids.push_back(id(call.custom ? "ctc_" : "fc_"));
  if (answer.usage.reasoning == 0) {
    terms.reasoning_id.clear();
  } else {
    if (terms.summarised) terms.summary = ComposeReasoning(ask.ask, random);
    if (terms.sealed) terms.seal = Seal(provider_.options().seed, nonce);
  }
  if (!terms.stored || choice.ending == Ending::kInsufficient) return;
  provider_.responses().With(
      [&](ResponseStore& store) { store.Keep(answer.id, Continued(answer, ask.conversation)); });
}

}  // namespace sim
