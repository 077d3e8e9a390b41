#include "wire/prompt_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "wire/json_scanner.h"
#include "wire/json_string.h"

namespace wire {
namespace {

constexpr std::array<std::string_view, 6> kTopMembers = {"messages", "prompt",       "input",
                                                         "system",   "instructions", "suffix"};
// Members, at any depth below those, that hold text or lead to it; names of tools and their arguments are
// read by the model as well.
constexpr std::array<std::string_view, 15> kTextMembers = {
    "content",           "text",  "input",      "output",   "arguments", "name",
    "reasoning_content", "file",  "tool_calls", "function", "summary",   "thinking",
    "refusal",           "title", "context"};
// Values of `type` whose parts are more than text.
constexpr std::array<std::string_view, 9> kOtherTypes = {"image",       "image_url", "input_image",
                                                         "document",    "file",      "input_file",
                                                         "input_audio", "audio",     "redacted_thinking"};

template <std::size_t kSize>
bool IsOneOf(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 3> kPictures = {"image", "image_url", "input_image"};

class Walk {
 public:
  Walk(PromptText& found, std::size_t text_bytes_max) : found_(found), text_bytes_max_(text_bytes_max) {}

  void Value(JsonCursor& at) {
    if (at.AtString()) {
      Text(at.Take().Inside());
    } else if (at.EnterArray()) {
      while (at.NextElement()) Value(at);
    } else if (at.EnterObject()) {
      while (at.NextMember()) Member(at);
    }
  }

  // JSON that the model reads as it stands.
  void Raw(std::string_view json) {
    found_.bytes += json.size();
    if (found_.text.size() + json.size() <= text_bytes_max_) found_.text.append(json);
  }

 private:
  void Text(std::string_view inside) {
    found_.bytes += inside.size();
    const std::size_t room = text_bytes_max_ - std::min(found_.text.size(), text_bytes_max_);
    AppendUnescaped(found_.text, CutInside(inside, room));
  }

  void Member(JsonCursor& at) {
    if (at.KeyIs("type")) {
      const JsonValue type = at.Take();
      if (!type.IsString() || !IsOneOf(kOtherTypes, type.Inside())) return;
      found_.complete = false;
      if (IsOneOf(kPictures, type.Inside())) found_.other_tokens += kPictureTokens;
    } else if (at.KeyIs("input") && at.AtObject()) {  // of a tool
      Raw(at.Take().raw);
    } else if (at.KeyIs("source")) {
      Source(at);
    } else if (at.KeyIs("file_data")) {
      const JsonValue url = at.Take();
      if (url.IsString()) FileData(url.Inside());
    } else if (IsOneOf(kTextMembers, at.Key())) {
      Value(at);
    }
  }

  // Of a document or a picture in Messages.
  void Source(JsonCursor& at) {
    JsonValue type, media_type, data;
    if (!at.EnterObject()) return;
    while (at.NextMember()) {
      if (at.KeyIs("type")) {
        type = at.Take();
      } else if (at.KeyIs("media_type")) {
        media_type = at.Take();
      } else if (at.KeyIs("data")) {
        data = at.Take();
      } else if (at.KeyIs("content")) {
        Value(at);
      }
    }
    if (!data.IsString()) return;
    if (type.TextIs("text")) {
      Text(data.Inside());
    } else if (media_type.IsString() && !media_type.Inside().starts_with("image/")) {
      File(media_type.Inside(), data.Inside().size());
    }
  }

  // A data: URL.
  void FileData(std::string_view url) {
    constexpr std::string_view kData = "data:";
    const std::size_t comma = url.find(',');
    if (!url.starts_with(kData) || comma == std::string_view::npos) return;
    File(url.substr(kData.size()), url.size() - comma - 1);
  }

  void File(std::string_view media_type, std::size_t digits) {
    const std::size_t bytes = digits / 4 * 3;
    if (media_type.starts_with("text/")) {
      found_.other_tokens += static_cast<std::int64_t>(bytes / kTextFileBytesPerToken);
    } else {
      found_.other_tokens += static_cast<std::int64_t>(bytes / kPageBytes + 1) * kPageTokens;
    }
  }

  PromptText& found_;
  const std::size_t text_bytes_max_;
};

std::int64_t Elements(std::string_view raw) {
  JsonCursor at(raw);
  if (!at.EnterArray()) return 1;
  std::int64_t count = 0;
  while (at.NextElement()) ++count;
  return count;
}

}  // namespace

PromptText ReadPromptText(const RequestView& request, std::size_t text_bytes_max) {
  PromptText found;
  found.text.reserve(std::min(request.body.size(), text_bytes_max));
  JsonCursor body(request.body);
  if (!body.EnterObject()) return found;
  while (body.NextMember()) {
    if (IsOneOf(kTopMembers, body.Key())) {
      const JsonValue value = body.Take();
      if (value.IsNull()) continue;
      found.messages += Elements(value.raw);
      JsonCursor inside(value.raw);
      Walk(found, text_bytes_max).Value(inside);
    } else if (body.KeyIs("tools") || body.KeyIs("functions")) {
      const JsonValue tools = body.Take();
      if (tools.IsNull()) continue;
      Walk(found, text_bytes_max).Raw(tools.raw);
      found.complete = false;
    }
  }
  return found;
}

}  // namespace wire
