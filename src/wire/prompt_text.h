#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "wire/request.h"

namespace wire {

// What a model reads of a request, as far as it is text: for counting its tokens where the provider does not.
struct PromptText {
  static constexpr std::size_t kTextBytesMax = 1024 * 1024;  // that an event loop may look at

  std::string text;           // of all messages, instructions and tools, as far as it fits
  std::size_t bytes = 0;      // of all of it, as it stands in the body
  std::int64_t messages = 0;  // whose form costs tokens, too; instructions count as one
  bool complete = true;  // false: there are pictures, files, sounds or tools, whose form nobody publishes
  // What is no text, as far as it stands in the body: pictures and documents, by rules of thumb; sounds, and
  // what only a provider can fetch, not at all.
  std::int64_t other_tokens = 0;
};

// What a picture is taken for, and a page of a document whose bytes are no text. One page has been seen by
// every reader of a document, however short.
inline constexpr std::int64_t kPictureTokens = 1'500;
inline constexpr std::int64_t kPageTokens = 2'250;
inline constexpr std::size_t kPageBytes = 40'000;
inline constexpr std::size_t kTextFileBytesPerToken = 4;  // of a text that is sent as base64

// At most that much of its text. Linear in the body, most of which is passed over. REQUIRES: the request was
// read from its body.
PromptText ReadPromptText(const RequestView& request, std::size_t text_bytes_max = PromptText::kTextBytesMax);

}  // namespace wire
