#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "store/key_rules.h"

namespace store {
namespace {

bool IsWord(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return base::IsAlnum(c) || also.find(c) != std::string_view::npos; });
}

bool IsScope(std::string_view text) {
  return text.size() <= kKeyTextBytesMax && IsWord(text, "._-");
}

bool IsPrintable(std::string_view text, std::size_t bytes_max) {
  const bool control = std::any_of(text.begin(), text.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return text.size() <= bytes_max && !control && base::IsUtf8(text);
}

base::Result<> Invalid(std::string sentence) {
  return base::Fail(base::Code::kInvalid, std::move(sentence));
}

}  // namespace

base::Result<> CheckKey(const NewKey& key, base::WallTime now) {
  if (key.team.empty()) return Invalid("team: the key needs one");
  for (const auto& [field, text] : {std::pair<const char*, const std::string&>{"org", key.org},
                                    {"team", key.team},
                                    {"project", key.project}}) {
    if (!IsScope(text)) return Invalid(std::string(field) + ": at most 64 of A-Z a-z 0-9 . _ -");
  }
  if (!IsPrintable(key.user, kKeyUserBytesMax)) {
    return Invalid("user: at most 256 bytes of UTF-8 without control characters");
  }
  if (!IsPrintable(key.name, kKeyTextBytesMax)) {
    return Invalid("name: at most 64 bytes of UTF-8 without control characters");
  }
  if (key.expires && *key.expires <= now) return Invalid("expires: must lie in the future");
  if (key.models.size() > kKeyModelsMax) return Invalid("models: at most 100");
  for (const std::string& model : key.models) {
    if (model.empty() || model.size() > kKeyModelBytesMax || !IsWord(model, "._:/@-")) {
      return Invalid("models: each is 1 to 128 of A-Z a-z 0-9 . _ : / @ -");
    }
  }
  if (key.networks.size() > kKeyNetworksMax) return Invalid("networks: at most 32");
  return {};
}

}  // namespace store
