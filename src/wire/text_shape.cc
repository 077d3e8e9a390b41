#include "wire/text_shape.h"

#include <functional>

#include "wire/json_scanner.h"

namespace wire {
namespace {

bool LiesWithin(std::string_view inner, std::string_view outer) {
  const std::less<const char*> before;
  return before(outer.data(), inner.data()) &&
         before(inner.data() + inner.size(), outer.data() + outer.size());
}

// The inside of the string between the two, if there is one and nothing else.
std::optional<std::string_view> Between(std::string_view payload, std::string_view before,
                                        std::string_view behind) {
  if (!payload.starts_with(before)) return std::nullopt;
  JsonCursor cursor(payload.substr(before.size()));
  if (!cursor.AtString()) return std::nullopt;
  const JsonValue text = cursor.Take();
  if (!text.IsString() || text.IsEmptyString()) return std::nullopt;
  if (payload.substr(before.size() + text.raw.size()) != behind) return std::nullopt;
  return text.Inside();
}

}  // namespace

std::optional<std::string_view> TextShape::Find(std::string_view payload) {
  if (misses_ >= kMissesMax) return std::nullopt;
  auto inside = kept_ ? Between(payload, kept_->before, kept_->behind) : std::nullopt;
  misses_ = inside ? 0 : misses_ + 1;
  return inside;
}

bool TextShape::Keep(std::string_view payload, std::string_view inside) {
  kept_.reset();
  if (misses_ >= kMissesMax || !LiesWithin(inside, payload)) return false;
  if (payload.size() - inside.size() > kBytesMax) return false;
  const auto quote = static_cast<std::size_t>(inside.data() - payload.data()) - 1;
  const std::size_t end = quote + inside.size() + 2;
  if (payload[quote] != '"' || payload[end - 1] != '"') return false;
  kept_.emplace(
      Around{.before = std::string(payload.substr(0, quote)), .behind = std::string(payload.substr(end))});
  return true;
}

std::string_view TextShape::Own(std::string_view payload, std::string_view part) const {
  if (part.empty()) return part;
  const auto at = static_cast<std::size_t>(part.data() - payload.data());
  if (at < kept_->before.size()) return std::string_view(kept_->before).substr(at, part.size());
  const std::size_t end = payload.size() - kept_->behind.size();
  return std::string_view(kept_->behind).substr(at - end, part.size());
}

}  // namespace wire
