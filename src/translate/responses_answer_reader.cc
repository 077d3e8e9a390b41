#include <algorithm>
#include <array>

#include "translate/dialects_internal.h"
#include "translate/responses_response_reader_internal.h"
#include "wire/usage_reader.h"

namespace translate {

using wire::JsonCursor;
using wire::JsonValue;

namespace internal {

namespace {

// What was asked, said again; and what a provider notes for itself.
constexpr std::array<std::string_view, 34> kSaidAgain = {"access_programs",
                                                         "background",
                                                         "billing",
                                                         "completed_at",
                                                         "context_management",
                                                         "conversation",
                                                         "frequency_penalty",
                                                         "image",
                                                         "include",
                                                         "instructions",
                                                         "max_output_tokens",
                                                         "max_tool_calls",
                                                         "metadata",
                                                         "object",
                                                         "output_text",
                                                         "parallel_tool_calls",
                                                         "presence_penalty",
                                                         "previous_response_id",
                                                         "prompt",
                                                         "prompt_cache_diagnostics",
                                                         "prompt_cache_key",
                                                         "prompt_cache_options",
                                                         "prompt_cache_retention",
                                                         "reasoning",
                                                         "safety_identifier",
                                                         "store",
                                                         "temperature",
                                                         "text",
                                                         "tool_choice",
                                                         "tools",
                                                         "top_logprobs",
                                                         "top_p",
                                                         "truncation",
                                                         "user"};
static_assert(std::is_sorted(kSaidAgain.begin(), kSaidAgain.end()));

// Seconds since 1970, with a fraction or without.
std::optional<std::int64_t> Seconds(const JsonValue& value) {
  if (value.kind != wire::JsonKind::kNumber) return std::nullopt;
  const std::string_view whole = value.raw.substr(0, value.raw.find('.'));
  return JsonValue{whole, wire::JsonKind::kNumber}.Int64();
}

JsonText TextOf(const JsonValue& value) {
  return value.IsString() ? JsonText{value.Inside()} : JsonText{};
}

void ReadError(const JsonValue& error, ResponseFacts& facts) {
  JsonCursor cursor(error.raw);
  if (error.IsNull() || !cursor.EnterObject()) return;
  while (cursor.NextMember()) {
    const bool code = cursor.KeyIs("code");
    const bool message = cursor.KeyIs("message");
    const JsonText text = TextOf(cursor.Take());
    if (code) facts.error_code = text;
    if (message) facts.error_message = text;
  }
}

Finish ReadFinish(JsonText status, const JsonValue& details) {
  using enum chat::FinishReason;
  Finish finish;
  finish.word = status;
  if (status.Is("completed")) finish.reason = kStop;
  if (!status.Is("incomplete")) return finish;
  finish.reason = kOther;
  finish.cut = true;
  JsonCursor cursor(details.raw);
  if (details.IsNull() || !cursor.EnterObject()) return finish;
  while (cursor.NextMember()) {
    const bool is_reason = cursor.KeyIs("reason");
    const JsonValue reason = cursor.Take();
    if (!is_reason) continue;
    if (reason.IsString() && !reason.IsEmptyString()) finish.word = TextOf(reason);
    if (reason.TextIs("max_output_tokens") || reason.TextIs("max_tokens")) finish.reason = kLength;
    if (reason.TextIs("content_filter")) finish.reason = kContentFilter;
  }
  return finish;
}

}  // namespace

bool ReadResponseFacts(ItemReader& reader, Members& members, ResponseFacts& facts) {
  members.Pass(kSaidAgain);
  reader.UseCounts(members, "tool_usage");
  facts.id = TextOf(members.Use("id"));
  facts.model = TextOf(members.Use("model"));
  facts.service_tier = TextOf(members.Use("service_tier"));
  facts.created = Seconds(members.Use("created_at"));
  facts.status = TextOf(members.Use("status"));
  facts.finish = ReadFinish(facts.status, members.Use("incomplete_details"));
  facts.usage = wire::ReadUsage(members.Use("usage").raw);
  ReadError(members.Use("error"), facts);
  facts.output = members.Use("output");
  return reader.Close(members);
}

}  // namespace internal

namespace {

using internal::Item;

class AnswerReader {
 public:
  explicit AnswerReader(std::string_view body) : items_(body, answer_.others, answer_.others, answer_.kept) {
    answer_.body = body;
  }

  base::Result<Answer> Read() {
    internal::Members members;
    internal::ResponseFacts facts;
    if (!members.Read(answer_.body, internal::Members::kMaxTop)) {
      items_.Fail(answer_.body, members.problem());
    } else if (internal::ReadResponseFacts(items_, members, facts)) {
      Take(facts);
    }
    if (items_.Failed()) return base::Fail(items_.error());
    return std::move(answer_);
  }

 private:
  void Take(const internal::ResponseFacts& facts) {
    if (facts.status.Is("failed") && !facts.error_code.empty()) {
      answer_.failure = {facts.error_code, facts.error_message};
      return;
    }
    if (facts.finish.reason == chat::FinishReason::kNone) {
      items_.Fail(answer_.body, "is no finished response: its status is neither completed nor incomplete");
      return;
    }
    answer_.id = facts.id;
    answer_.model = facts.model;
    answer_.service_tier = facts.service_tier;
    answer_.created = facts.created;
    answer_.finish = facts.finish;
    answer_.usage = facts.usage;
    JsonCursor cursor(facts.output.raw);
    if (facts.output.IsNull() || !cursor.EnterArray()) {
      items_.Fail(answer_.body, "has no list 'output'");
      return;
    }
    Item item;
    while (cursor.NextElement()) {
      const JsonValue value = cursor.Take();
      if (!items_.Read(value, item)) return;
      AddItem(item, value.raw);
    }
  }

  void AddItem(Item& item, std::string_view raw) {
    if (item.kind == Item::Kind::kOther || item.kind == Item::Kind::kResult) answer_.others.push_back(raw);
    if (item.kind == Item::Kind::kResult) return;
    const bool calls = item.kind == Item::Kind::kCall;
    if (calls && answer_.finish.reason == chat::FinishReason::kStop) {
      answer_.finish.reason = chat::FinishReason::kToolCalls;
    }
    for (Part& part : item.parts) answer_.parts.push_back(std::move(part));
  }

  Answer answer_;
  internal::ItemReader items_;
};

}  // namespace

base::Result<Answer> ReadResponsesAnswer(std::string_view body) {
  return AnswerReader(body).Read();
}

}  // namespace translate
