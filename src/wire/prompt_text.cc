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
constexpr std::array<std::string_view, 14> kTextMembers = {
    "content",    "text",     "input",   "output",   "arguments", "name",  "reasoning_content",
    "tool_calls", "function", "summary", "thinking", "refusal",   "title", "context"};
// Values of `type` whose parts are more than text.
constexpr std::array<std::string_view, 9> kOtherTypes = {"image",       "image_url", "input_image",
                                                         "document",    "file",      "input_file",
                                                         "input_audio", "audio",     "redacted_thinking"};

template <std::size_t kSize>
bool IsOneOf(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

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

  void Text(std::string_view inside) {
    found_.bytes += inside.size();
    const std::size_t room = text_bytes_max_ - std::min(found_.text.size(), text_bytes_max_);
    AppendUnescaped(found_.text, CutInside(inside, room));
  }

 private:
  void Member(JsonCursor& at) {
    if (at.KeyIs("type")) {
      const JsonValue type = at.Take();
      if (type.IsString() && IsOneOf(kOtherTypes, type.Inside())) found_.complete = false;
    } else if (IsOneOf(kTextMembers, at.Key())) {
      Value(at);
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
      found.bytes += tools.raw.size();
      if (found.text.size() + tools.raw.size() <= text_bytes_max) found.text.append(tools.raw);
      found.complete = false;
    }
  }
  return found;
}

}  // namespace wire
