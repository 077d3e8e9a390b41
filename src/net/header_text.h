#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_head.h"

namespace net {

// Appends `name: value` and CR LF to `out`, a string of any kind, as they are. REQUIRES: IsToken(name),
// IsFieldValue(value).
template <class String>
void AppendField(String& out, std::string_view name, std::string_view value) {
  const std::size_t before = out.size();
  out.resize(before + name.size() + value.size() + 4);
  char* at = std::copy(name.begin(), name.end(), out.data() + before);
  *at++ = ':';
  *at++ = ' ';
  at = std::copy(value.begin(), value.end(), at);
  *at++ = '\r';
  *at = '\n';
}

// The same for any value: one that could break the framing is not sent, control characters become blanks.
template <class String>
void AppendSafeField(String& out, std::string_view name, std::string_view value) {
  AppendField(out, name, value);
  if (IsFieldValue(value)) return;
  for (std::size_t i = out.size() - 2 - value.size(); i < out.size() - 2; ++i) {
    if (!IsFieldValue(std::string_view(out).substr(i, 1))) out[i] = ' ';
  }
}

// Header fields as they go on the wire, made of any values as AppendSafeField does.
class HeaderText {
 public:
  HeaderText() { text_.reserve(kUsual); }

  HeaderText& Add(std::string_view name, std::string_view value) {
    AppendSafeField(text_, name, value);
    return *this;
  }

  std::string_view view() const { return text_; }
  std::string Take() { return std::move(text_); }

 private:
  static constexpr std::size_t kUsual = 640;  // bytes of room: our own fields and a provider's
  std::string text_;
};

// The standard phrase of a status code, "Unknown" for others.
std::string_view ReasonPhrase(int status);

}  // namespace net
