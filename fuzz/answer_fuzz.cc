// Whatever a provider sends as an answer, a chunk, usage, an error or a balance is read without harm, and
// what is read is in range and lies in the text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "wire/answer_reader.h"
#include "wire/balance.h"
#include "wire/error_body.h"
#include "wire/json_string.h"
#include "wire/usage_notes.h"
#include "wire/usage_reader.h"

namespace {

class Text : public wire::TextSink {
 public:
  void OnText(wire::TextKind, std::string_view inside) override {
    CHECK(!inside.empty());
    std::string text;
    wire::AppendUnescaped(text, inside);
    CHECK(base::IsUtf8(text) && wire::UnescapedEquals(inside, text));
    std::size_t leads = 0;
    for (const char c : text) leads += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    CHECK(leads == wire::CountCharacters(inside));
  }
};

void CheckUsage(const std::optional<chat::Usage>& usage) {
  if (!usage) return;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const std::int64_t count = (*usage)[static_cast<chat::Meter>(i)];
    CHECK(count >= 0 && count <= 2 * wire::kTokensMax);
  }
}

bool LiesIn(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void CheckFacts(chat::Dialect dialect, const wire::AnswerFacts& facts, std::string_view body) {
  CHECK(LiesIn(facts.usage, body) && LiesIn(facts.model.raw, body));
  CHECK(LiesIn(facts.tool_usage, body) && LiesIn(facts.service_tier.raw, body));
  CHECK(!facts.IsUsageOnly() || (!facts.has_text && facts.finish == chat::FinishReason::kNone));
  CHECK(facts.sequence_number.value_or(0) >= 0);
  if (facts.error) CHECK(LiesIn(facts.error->message, body) && LiesIn(facts.error->code, body));
  wire::UsageNotes notes(dialect);
  for (int told = 0; told < 3; ++told) {
    notes.Learn(facts);
    CheckUsage(notes.Read());
    CHECK(notes.Verbatim().size() <= wire::kUsageTextBytesMax);
    CHECK(notes.Verbatim().empty() || wire::ScanJson(notes.Verbatim()));
    CHECK(notes.service_tier().size() <= wire::kServiceTierBytesMax);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  Text text;
  for (const auto operation :
       {chat::Operation::kChat, chat::Operation::kCompletion, chat::Operation::kEmbedding,
        chat::Operation::kResponses, chat::Operation::kMessages}) {
    const auto whole = wire::ReadAnswer(operation, body, &text);
    const auto chunk = wire::ReadChunk(operation, body, &text);
    CHECK(whole.has_value() == chunk.has_value());
    for (const auto* facts : {&whole, &chunk}) {
      if (*facts) CheckFacts(chat::DialectOf(operation), **facts, body);
    }
  }
  CheckUsage(wire::ReadUsage(body));
  CheckUsage(wire::ReadMessagesUsage(body.substr(0, size / 2), body.substr(size / 2)));
  CheckUsage(wire::ReadMessagesUsage(body, body));
  const auto error = wire::ReadProviderError(body);
  for (const std::string& said : {error.message, error.type, error.code}) {
    CHECK(said.size() <= wire::kErrorTextMax && base::IsUtf8(said));
  }
  if (const auto balances = wire::ReadBalances(body)) {
    CHECK(balances->size() <= wire::kBalancesMax);
    for (const wire::Balance& one : *balances) CHECK(!one.currency.none() && one.decimals >= 0);
  }
  return 0;
}
