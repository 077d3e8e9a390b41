#include "wire/usage_notes.h"

#include <algorithm>

#include "base/ascii.h"
#include "wire/json_scanner.h"
#include "wire/service_tier_internal.h"
#include "wire/usage_count_internal.h"
#include "wire/usage_reader.h"

namespace wire {
namespace {

using internal::Count;

// tool_usage.web_search.num_requests: the searches that are charged.
bool TakeSearches(std::string_view tool_usage, Count& searches) {
  bool good = true;
  JsonCursor cursor(tool_usage);
  if (!cursor.EnterObject()) return good;
  while (cursor.NextMember()) {
    if (!cursor.KeyIs("web_search") || !cursor.EnterObject()) continue;
    while (cursor.NextMember()) {
      if (cursor.KeyIs("num_requests")) good &= internal::TakeCount(cursor, searches);
    }
  }
  return good;
}

void Assign(const JsonValue& word, base::BlockString& text) {
  const std::string_view inside = word.Inside();
  if (inside.find('\\') == std::string_view::npos) {
    text = inside;
  } else {
    text = word.Text();
  }
}

}  // namespace

void UsageNotes::Learn(const AnswerFacts& facts) {
  if (!facts.usage.empty()) KeepUsage(facts.usage);
  if (facts.service_tier.IsString() || facts.speed.IsString() || facts.inference_geo.IsString())
    KeepTier(facts);
  if (facts.tool_usage.empty() && facts.searches == 0 && facts.images == 0) return;
  Count searches;
  bad_units_ = !TakeSearches(facts.tool_usage, searches);
  units_ = {};
  units_[static_cast<std::size_t>(chat::Meter::kSearch) - chat::kTokenMeters] =
      searches.value_or(facts.searches);
  units_[static_cast<std::size_t>(chat::Meter::kImage) - chat::kTokenMeters] = facts.images;
}

// An object without a digit counts nothing, and does not undo what was told before.
void UsageNotes::KeepUsage(std::string_view object) {
  if (std::none_of(object.begin(), object.end(), base::IsDigit)) return;
  if (dialect_ != chat::Dialect::kAnthropic || objects_ == 0) {
    usage_ = object;
    objects_ = 1;
    first_size_ = object.size();
    return;
  }
  if (objects_ == 1) {
    usage_.insert(usage_.begin(), '[');
  } else {
    usage_.pop_back();  // the bracket
    // What was told between the first and the last is the first to go.
    if (usage_.size() + object.size() > kUsageTextBytesMax) usage_.resize(1 + first_size_);
  }
  usage_ += ',';
  usage_ += object;
  usage_ += ']';
  ++objects_;
}

void UsageNotes::KeepTier(const AnswerFacts& facts) {
  if (facts.service_tier.IsString()) Assign(facts.service_tier, plain_tier_);
  if (facts.speed.IsString()) Assign(facts.speed, speed_);
  if (facts.inference_geo.IsString()) Assign(facts.inference_geo, region_);
  tier_ = plain_tier_;
  AddToTier(tier_, speed_, region_);
  if (tier_.size() > kServiceTierBytesMax) tier_.resize(kServiceTierBytesMax);
}

std::optional<chat::Usage> UsageNotes::Read() const {
  std::optional<chat::Usage> usage;
  if (dialect_ != chat::Dialect::kAnthropic) {
    usage = ReadUsage(usage_);
  } else {
    usage = objects_ > 1 ? internal::ReadMessagesUsages(usage_) : ReadMessagesUsage(usage_, {});
  }
  if (!usage) return usage;
  for (std::size_t i = 0; i < chat::kUnitMeters; ++i) usage->units[i] += units_[i];
  usage->inconsistent |= bad_units_;
  return usage;
}

std::string_view UsageNotes::Verbatim() const {
  return usage_.size() <= kUsageTextBytesMax ? std::string_view(usage_) : std::string_view();
}

}  // namespace wire
