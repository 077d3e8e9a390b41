#include <algorithm>
#include <chrono>
#include <cstring>

#include "store/pending_sums_internal.h"

namespace store {
namespace {

constexpr char kFine = '\0';
constexpr char kCoarse = '\1';
constexpr std::size_t kHourBytes = sizeof(std::int64_t);
using TextSize = std::uint16_t;
constexpr std::size_t kTextMax = 0xffff;  // what is longer is cut: no gateway writes such a row

// The text that `key` begins with, which is taken from it; false: there is none.
bool TakeText(std::string_view& key, std::string_view& text) {
  TextSize size = 0;
  if (key.size() < sizeof size) return false;
  std::memcpy(&size, key.data(), sizeof size);
  key.remove_prefix(sizeof size);
  if (size > key.size()) return false;
  text = key.substr(0, size);
  key.remove_prefix(size);
  return true;
}

// The key of the coarse group that a fine one belongs to, in the same hour.
std::string CoarseKey(std::string_view fine) {
  std::string_view rest = fine.substr(kHourBytes + 1);
  std::string_view text;
  for (std::size_t i = 0; i < kCoarseDimensions; ++i) TakeText(rest, text);
  std::string coarse(fine.substr(0, fine.size() - rest.size()));
  coarse[kHourBytes] = kCoarse;
  return coarse;
}

}  // namespace

bool IsCoarse(std::string_view key) {
  return !key.empty() && key[0] == kCoarse;
}

bool ParseGroupKey(std::string_view key, SummedTexts& texts) {
  texts = {};
  if (key.empty()) return false;
  const std::size_t count = IsCoarse(key) ? kCoarseDimensions : texts.size();
  key.remove_prefix(1);
  for (std::size_t i = 0; i < count; ++i) {
    if (!TakeText(key, texts[i])) return false;
  }
  return key.empty();
}

std::string_view PendingSums::KeyOf(std::int64_t hour, const SummedTexts& texts) {
  std::size_t bytes = kHourBytes + 1;
  for (const std::string_view text : texts) bytes += sizeof(TextSize) + std::min(text.size(), kTextMax);
  if (key_.size() < bytes) key_.resize(bytes);
  char* at = key_.data();
  std::memcpy(at, &hour, kHourBytes);
  at += kHourBytes;
  *at++ = kFine;
  for (const std::string_view text : texts) {
    const auto size = static_cast<TextSize>(std::min(text.size(), kTextMax));
    std::memcpy(at, &size, sizeof size);
    at += sizeof size;
    at += text.copy(at, size);
  }
  return {key_.data(), bytes};
}

void PendingSums::Add(const LedgerRow& row) {
  const std::int64_t hour = std::chrono::floor<std::chrono::hours>(row.started).time_since_epoch().count();
  ForEachContribution(row, model_, [&](const Contribution& contribution) {
    const std::string_view key = KeyOf(hour, contribution.texts);
    auto entry = sums_.find(key);
    if (entry == sums_.end()) entry = sums_.emplace(key, LedgerSums()).first;
    entry->second += contribution.sums;
  });
}

base::Result<> PendingSums::ForEach(const Use& use) const {
  Sums coarse;
  for (const auto& [key, sums] : sums_) coarse[CoarseKey(key)] += sums;
  for (const Sums* const level : {&sums_, static_cast<const Sums*>(&coarse)}) {
    for (const auto& [key, sums] : *level) {
      std::int64_t hour = 0;
      std::memcpy(&hour, key.data(), kHourBytes);
      if (auto used = use(hour, std::string_view(key).substr(kHourBytes), sums); !used) return used;
    }
  }
  return {};
}

}  // namespace store
