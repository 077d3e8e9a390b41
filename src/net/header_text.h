#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_head.h"

namespace net {

// Appends `name: value` and CR LF to `out`, as they are. REQUIRES: IsToken(name), IsFieldValue(value).
inline void AppendField(std::string& out, std::string_view name, std::string_view value) {
  const std::size_t before = out.size();
  out.resize(before + name.size() + value.size() + 4);
  char* at = std::copy(name.begin(), name.end(), out.data() + before);
  *at++ = ':';
  *at++ = ' ';
  at = std::copy(value.begin(), value.end(), at);
  *at++ = '\r';
  *at = '\n';
}

// Header fields as they go on the wire. A value that could break the framing is not sent: control characters
// in it become blanks.
class HeaderText {
 public:
  HeaderText() { text_.reserve(kUsual); }

  HeaderText& Add(std::string_view name, std::string_view value) {
    AppendField(text_, name, value);
    if (!IsFieldValue(value)) {
      for (std::size_t i = text_.size() - 2 - value.size(); i < text_.size() - 2; ++i) {
        if (!IsFieldValue(std::string_view(text_).substr(i, 1))) text_[i] = ' ';
      }
    }
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
