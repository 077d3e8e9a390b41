#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "net/http_head.h"

namespace net {

// Header fields as they go on the wire. A value that could break the framing is not sent: control characters
// in it become blanks.
class HeaderText {
 public:
  HeaderText() { text_.reserve(240); }

  HeaderText& Add(std::string_view name, std::string_view value) {
    text_ += name;
    text_ += ": ";
    const std::size_t start = text_.size();
    text_ += value;
    if (!IsFieldValue(value)) {
      for (std::size_t i = start; i < text_.size(); ++i) {
        if (!IsFieldValue(std::string_view(text_).substr(i, 1))) text_[i] = ' ';
      }
    }
    text_ += "\r\n";
    return *this;
  }

  std::string_view view() const { return text_; }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// The standard phrase of a status code, "Unknown" for others.
std::string_view ReasonPhrase(int status);

}  // namespace net
