#include "wire/request_extent.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "wire/json_scanner.h"
#include "wire/service_tier_internal.h"

namespace wire {
namespace {

using chat::Operation;

constexpr int kNestedMax = 4;  // parts within parts; nobody nests them deeper

// Items of a conversation, and parts of what is said, that are text where they stand.
constexpr std::array<std::string_view, 6> kTextItems = {
    "message",          "function_call",           "function_call_output",
    "custom_tool_call", "custom_tool_call_output", "reasoning"};
constexpr std::array<std::string_view, 13> kTextParts = {
    "text",           "input_text",  "output_text",   "refusal",           "summary_text",
    "reasoning_text", "tool_use",    "thinking",      "redacted_thinking", "tool_result",
    "search_result",  "input_audio", "tool_reference"};
constexpr std::array<std::string_view, 3> kImageParts = {"image", "image_url", "input_image"};
// Tools that the caller describes.
constexpr std::array<std::string_view, 2> kDescribedTools = {"function", "custom"};
// Tools that the caller runs and the provider describes; of some a date follows.
constexpr std::array<std::string_view, 7> kKnownTools = {
    "bash_", "text_editor_", "computer_", "memory_", "local_shell", "shell", "apply_patch"};

template <std::size_t kSize>
bool IsOneOf(const std::array<std::string_view, kSize>& names, const JsonValue& value) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return value.TextIs(name); });
}

bool IsKnownTool(const JsonValue& type) {
  if (!type.IsString()) return false;
  return std::any_of(kKnownTools.begin(), kKnownTools.end(), [&](std::string_view name) {
    return name.ends_with('_') ? type.Inside().starts_with(name) : type.TextIs(name);
  });
}

bool SaysSomething(const JsonValue& value) {
  return !value.IsNull() && !value.IsEmptyArray();
}

constexpr JsonValue kNoType{"0", JsonKind::kNumber};  // in the place of one that is there twice

// What the members of one object are, as far as anybody here asks.
struct Members {
  JsonValue type;
  JsonValue role;
  JsonValue content;
  JsonValue output;
  JsonValue source;
  JsonValue audio;
  JsonValue max_uses;

  // REQUIRES: at an object, which is passed.
  explicit Members(JsonCursor& at) {
    if (!at.EnterObject()) return;
    while (at.NextMember()) {
      if (at.KeyIs("type")) {
        type = type.raw.empty() ? at.Take() : kNoType;
      } else if (JsonValue* const wanted = Find(at)) {
        *wanted = at.Take();
      }
    }
  }

 private:
  JsonValue* Find(const JsonCursor& at) {
    if (at.KeyIs("content")) return &content;
    if (at.KeyIs("role")) return &role;
    if (at.KeyIs("output")) return &output;
    if (at.KeyIs("source")) return &source;
    if (at.KeyIs("audio")) return &audio;
    return at.KeyIs("max_uses") ? &max_uses : nullptr;
  }
};

class Reader {
 public:
  explicit Reader(const RequestView& request) : request_(request) {}

  RequestExtent Read() {
    JsonCursor body(request_.body);
    if (!body.EnterObject()) return extent_;
    while (body.NextMember()) Member(body);
    const std::int64_t each = std::max(request_.n, request_.best_of);
    extent_.answers = Times(each, prompts_);
    extent_.tools = request_.tools;
    extent_.long_cache = MayKeepLonger();
    SayTier();
    if (unlimited_tools_ > 0) extent_.own_tool_uses = calls_max_;
    if (!extent_.own_tool_uses || *extent_.own_tool_uses > 0) extent_.other_output = true;
    return std::move(extent_);
  }

 private:
  static std::int64_t Times(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
  }

  // As the answer of Messages says it (UsageNotes): another speed and a region are part of it.
  void SayTier() {
    std::string& tier = extent_.service_tier;
    tier = request_.service_tier;
    if (request_.operation != Operation::kMessages) return;
    if (IsUsualTier(tier)) tier.clear();
    AddToTier(tier, speed_.IsString() ? speed_.Text() : "", region_.IsString() ? region_.Text() : "");
  }

  // Only Messages bill for that. Their word for it may be spelt with escapes, which are of these kinds.
  bool MayKeepLonger() const {
    if (request_.operation != Operation::kMessages) return false;
    constexpr std::string_view kSigns[] = {"\"ttl\"", "\\u006", "\\u007"};
    return std::any_of(std::begin(kSigns), std::end(kSigns), [this](std::string_view sign) {
      return request_.body.find(sign) != std::string_view::npos;
    });
  }

  void Member(JsonCursor& body) {
    if (body.KeyIs("messages") || body.KeyIs("input") || body.KeyIs("instructions")) {
      Conversation(body);
    } else if (body.KeyIs("system")) {
      Parts(body.Take(), 0);
    } else if (body.KeyIs("prompt")) {
      Prompt(body.Take());
    } else if (body.KeyIs("tools")) {
      Tools(body);
    } else if (request_.operation == Operation::kMessages && body.KeyIs("speed")) {
      speed_ = body.Take();
    } else if (request_.operation == Operation::kMessages && body.KeyIs("inference_geo")) {
      region_ = body.Take();
    } else if (body.KeyIs("max_tool_calls")) {
      calls_max_ = body.Take().Int64();
    } else if (body.KeyIs("mcp_servers")) {
      if (SaysSomething(body.Take())) ++unlimited_tools_;
    } else if (body.KeyIs("web_search_options")) {
      if (SaysSomething(body.Take())) UseTool(1);
    } else if (body.KeyIs("previous_response_id") || body.KeyIs("conversation")) {
      extent_.reads_elsewhere |= SaysSomething(body.Take());
    } else if (body.KeyIs("prediction")) {
      extent_.prediction_bytes = static_cast<std::int64_t>(body.Take().raw.size());
    } else if (body.KeyIs("modalities")) {
      Modalities(body.Take());
    } else if (body.KeyIs("thinking")) {
      Thinking(body.Take());
    }
  }

  void Conversation(JsonCursor& at) {
    if (!at.EnterArray()) return;
    while (at.NextElement()) {
      if (at.AtObject()) Item(at);
    }
  }

  void Item(JsonCursor& at) {
    const Members members(at);
    const bool message = members.type.IsNull() && !members.role.IsNull();
    if (!message && !IsOneOf(kTextItems, members.type)) extent_.reads_elsewhere = true;
    if (SaysSomething(members.audio)) extent_.reads_elsewhere = true;
    Parts(members.content, 0);
    Parts(members.output, 0);
  }

  void Parts(const JsonValue& value, int depth) {
    JsonCursor at(value.raw);
    if (value.IsObject()) return Part(at, depth);
    if (!value.IsArray() || !at.EnterArray()) return;
    while (at.NextElement()) {
      if (at.AtObject()) Part(at, depth);
    }
  }

  void Part(JsonCursor& at, int depth) {
    const std::size_t before = at.Passed();
    const Members members(at);
    if (IsOneOf(kImageParts, members.type)) {
      ++extent_.images;
      extent_.image_bytes += at.Passed() - before;
    } else if (members.type.TextIs("document") && depth < kNestedMax) {
      Document(members.source, depth);
    } else if (!IsOneOf(kTextParts, members.type) || depth >= kNestedMax) {
      extent_.reads_elsewhere = true;
    } else {
      extent_.sounds |= members.type.TextIs("input_audio");
      Parts(members.content, depth + 1);
    }
  }

  void Document(const JsonValue& source, int depth) {
    JsonCursor at(source.IsObject() ? source.raw : std::string_view("{}"));
    const Members members(at);
    if (members.type.TextIs("content")) {
      Parts(members.content, depth + 1);
    } else if (!members.type.TextIs("text")) {
      extent_.reads_elsewhere = true;
    }
  }

  // Of a completion: a text, tokens, or a list of either, each of which is answered. Of Responses: one that
  // the provider keeps.
  void Prompt(const JsonValue& value) {
    if (request_.operation == Operation::kResponses) {
      extent_.reads_elsewhere |= SaysSomething(value);
      return;
    }
    JsonCursor at(value.raw);
    if (!at.EnterArray()) return;
    std::int64_t texts = 0;
    while (at.NextElement()) texts += at.AtString() || at.AtArray() ? 1 : 0;
    prompts_ = std::max<std::int64_t>(texts, 1);
  }

  void Tools(JsonCursor& at) {
    if (!at.EnterArray()) return;
    while (at.NextElement()) {
      if (at.AtObject()) Tool(at);
    }
  }

  void Tool(JsonCursor& at) {
    const Members members(at);
    if (members.type.IsNull() || IsOneOf(kDescribedTools, members.type)) return;
    if (IsKnownTool(members.type)) {
      ++extent_.known_tools;
    } else if (const auto uses = members.max_uses.Int64(); uses && *uses >= 0) {
      UseTool(*uses);
    } else {
      ++unlimited_tools_;
    }
  }

  void UseTool(std::int64_t times) {
    std::int64_t& uses = *extent_.own_tool_uses;
    if (__builtin_add_overflow(uses, times, &uses)) uses = INT64_MAX;
  }

  void Modalities(const JsonValue& value) {
    JsonCursor at(value.raw);
    if (!at.EnterArray()) return;
    while (at.NextElement()) extent_.other_output |= !at.Take().TextIs("text");
  }

  void Thinking(const JsonValue& value) {
    JsonCursor at(value.raw);
    if (!at.EnterObject()) return;
    while (at.NextMember()) {
      if (!at.KeyIs("budget_tokens")) continue;
      extent_.thinking_budget = std::max<std::int64_t>(at.Take().Int64().value_or(0), 0);
    }
  }

  const RequestView& request_;
  RequestExtent extent_;
  JsonValue speed_;
  JsonValue region_;
  std::int64_t prompts_ = 1;
  int unlimited_tools_ = 0;
  std::optional<std::int64_t> calls_max_;  // of all of the provider's tools together
};

}  // namespace

RequestExtent ReadExtent(const RequestView& request) {
  return Reader(request).Read();
}

}  // namespace wire
