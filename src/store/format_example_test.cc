#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "store/directory_for_test.h"
#include "store/row_codec.h"
#include "store/segment_internal.h"

namespace store {
namespace {

using namespace std::chrono_literals;

// Lines of sixteen bytes, as `hexdump -C` begins them.
std::vector<std::string> Dump(const std::string& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto hex = [&](std::size_t value, int digits) {
    std::string text;
    for (int i = digits - 1; i >= 0; --i) text += kDigits[value >> 4 * i & 15];
    return text;
  };
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    std::string line = hex(at, 8) + " ";
    for (std::size_t i = at; i < std::min(at + 16, bytes.size()); ++i) {
      line += " " + hex(static_cast<unsigned char>(bytes[i]), 2);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string Example() {
  const SegmentIdentity identity{
      .number = 17, .salt = 0x5c1e9a77d0b3f214, .made = base::WallTime(1'795'420'800s)};
  char header[kSegmentHeaderBytes];
  EncodeSegmentHeader(identity, header);
  std::string bytes(header, sizeof header);
  std::vector<char> record(kRecordBytesMax);
  const std::size_t price =
      EncodePrice({.version = "v1", .text = "input: 0.15"}, &record[kRecordHeaderBytes]);
  bytes.append(record.data(), FrameRecord(record.data(), price, RecordKind::kPrice, 1, identity.salt));

  const std::vector<std::pair<std::string_view, std::string_view>> tags = {{"app", "checkout"}};
  std::vector<LedgerAttempt> attempts(1);
  attempts[0].model = "deepseek/deepseek-flash";
  attempts[0].status = 200;
  attempts[0].ms = 900;
  LedgerRow row;
  row.request_id = "req_1";
  row.started = base::WallTime(1'795'420'801s);
  row.dispatched = row.started + 40us;
  row.completed = row.started + 900ms;
  row.team = "support";
  row.tags = tags;
  row.asked_model = "assistant";
  row.provider = "deepseek";
  row.model = "deepseek-flash";
  row.response_model = "deepseek-flash";
  row.said_as = chat::Operation::kChat;
  row.rung = chat::Rung::kCheap;
  row.attempts = attempts;
  row.stream = true;
  row.status = 200;
  row.finish = chat::FinishReason::kStop;
  row.usage.input = 120;
  row.usage.cached_input = 1'204;
  row.usage.output = 30;
  row.usage_source = chat::UsageSource::kProvider;
  row.provider_usage = "{}";
  row.price = {.version = "v1", .phase = "peak", .currency = base::Currency::kUsd, .cost = 39'612'000};
  row.saved = 0;
  const std::size_t payload =
      EncodeRow(row, std::span<char, kRowBytesMax>(record.data() + kRecordHeaderBytes, kRowBytesMax));
  bytes.append(record.data(), FrameRecord(record.data(), payload, RecordKind::kRow, 2, identity.salt));
  return bytes;
}

TEST(LedgerFormatTest, TheWorkedExampleOfTheDocumentIsWhatIsWritten) {
  const std::string document = ReadFile(LEDGER_DOCUMENT);
  ASSERT_FALSE(document.empty());
  std::string whole;
  for (const std::string& line : Dump(Example())) {
    whole += line + "\n";
    EXPECT_NE(document.find(line + "\n"), std::string::npos) << line;
  }
  EXPECT_NE(document.find(whole), std::string::npos) << "these lines, one after the other:\n" << whole;
}

}  // namespace
}  // namespace store
