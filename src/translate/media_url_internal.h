#pragma once

#include <cstddef>
#include <string_view>

#include "translate/form.h"

namespace translate::internal {

// Reads a data: URL with base64 digits into `media`, any other as the URL it is.
inline void ReadMediaUrl(JsonText url, Media& media) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kBase64 = ";base64,";
  constexpr std::size_t kHeadMax = 256;  // bytes before the digits
  const std::string_view text = url.inside;
  const std::size_t comma = text.starts_with(kScheme) ? text.substr(0, kHeadMax).find(kBase64) : text.npos;
  if (comma == text.npos) {
    media.source = Media::Source::kUrl;
    media.url = url;
    return;
  }
  const std::string_view type = text.substr(kScheme.size(), comma - kScheme.size());
  media.source = Media::Source::kBase64;
  media.media_type = {type.substr(0, type.find(';'))};
  media.data = {text.substr(comma + kBase64.size())};
}

}  // namespace translate::internal
