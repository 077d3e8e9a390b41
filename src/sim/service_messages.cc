#include <string>

#include "base/bytes.h"
#include "sim/messages_ask.h"
#include "sim/service.h"

namespace sim {
namespace {

constexpr std::size_t kBodyMax = 32 * base::MiB;

}  // namespace

// What is wrong with the key, the version or the size.
std::optional<ErrorReply> Service::MessagesObjection(const Request& request) const {
  if (auto objection = KeyObjection(request)) return objection;
  if (request.dialect == Dialect::kAnthropic) {
    const auto version = request.exchange.request().fields.Find("anthropic-version");
    if (!version) return InvalidRequest(request.dialect, "anthropic-version: header is required", {});
    if (*version != kVersion2023 && *version != kVersion2026) {
      return InvalidRequest(request.dialect, "anthropic-version: not a valid version", {});
    }
  }
  if (request.body->size() > kBodyMax) return ErrorOf(request.dialect, 413);
  return std::nullopt;
}

net::Task<void> Service::ServeMessages(Request& request, Sink& sink) {
  if (const auto objection = MessagesObjection(request)) {
    co_await Refuse(request, *objection, sink);
    co_return;
  }
  const auto version = request.exchange.request().fields.Find("anthropic-version");
  const MessagesRules rules{.dialect = request.dialect,
                            .counting = request.route.endpoint == Endpoint::kCountTokens,
                            .of_2026 = request.dialect == Dialect::kAnthropic && version == kVersion2026,
                            .seed = provider_.options().seed};
  auto read = ReadMessagesAsk(request.body->view(), rules);
  if (!read) {
    co_await Refuse(request, InvalidRequest(request.dialect, read.error().message, {}), sink);
    co_return;
  }
  // DeepSeek answers whatever model is asked for with one of its own.
  if (request.dialect == Dialect::kAnthropic && !provider_.HasModel(request.dialect, read->ask.model)) {
    co_await Refuse(request, NoSuchModel(request.dialect, read->ask.model), sink);
    co_return;
  }
  const std::size_t tokens = read->prompt.tokens.size();
  if (rules.counting) {
    co_await sink.Reply(200, Fields(request), "{\"input_tokens\":" + std::to_string(tokens) + "}");
    co_return;
  }
  if (request.fault.insufficient_after && !read->ask.stream) {  // a stream breaks off where it is
    co_await Refuse(request, FailureInStream(request.dialect), sink);
    co_return;
  }
  request.prompt_tokens = tokens;
  co_await ServeAnswer(request, read->ask, read->prompt, sink);
}

}  // namespace sim
