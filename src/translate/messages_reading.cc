#include "translate/messages_reading_internal.h"

#include <string>

#include "translate/caller_internal.h"
#include "translate/carried.h"
#include "translate/losses.h"

namespace translate::internal {
namespace {

using wire::JsonValue;

// Members of blocks; each type has some of them.
enum : std::size_t {
  kType,
  kText,
  kCitations,
  kCacheControl,
  kSource,
  kTitle,
  kContext,
  kId,
  kName,
  kInput,
  kCaller,
  kToolUseId,
  kContent,
  kIsError,
  kThinking,
  kSignature,
  kData,
  kToolName,
  kBlockMembers,
};
constexpr std::string_view kBlockNames[kBlockMembers] = {
    "type",    "text",     "citations", "cache_control", "source", "title",
    "context", "id",       "name",      "input",         "caller", "tool_use_id",
    "content", "is_error", "thinking",  "signature",     "data",   "tool_name"};

// The members of one block, each taken at most once; what is left over belongs to no block of that type.
class BlockMembers {
 public:
  JsonValue values[kBlockMembers];

  JsonValue Take(std::size_t which) { return std::exchange(values[which], {}); }
  void LeaveTo(MessagesReading& reading) const {
    for (const JsonValue& value : values) reading.Other(value);
  }
};

bool ReadSource(MessagesReading& reading, const JsonValue& block, const JsonValue& source, Part& part) {
  enum { kSourceType, kMediaType, kSourceData, kUrl, kFileId, kSourceContent, kSourceMembers };
  static constexpr std::string_view kNames[] = {"type", "media_type", "data", "url", "file_id", "content"};
  if (source.raw.empty()) return reading.Fail(block.raw, "needs a source");
  JsonValue values[kSourceMembers];
  if (!ReadMembers(reading, source, kNames, values)) return false;
  const JsonValue& type = values[kSourceType];
  Media& media = part.media;
  if (type.TextIs("base64") || type.TextIs("text")) {
    media.source = type.TextIs("text") ? Media::Source::kText : Media::Source::kBase64;
    return NeedText(reading, source, "media_type", values[kMediaType], media.media_type) &&
           NeedText(reading, source, "data", values[kSourceData], media.data);
  }
  if (type.TextIs("url")) {
    media.source = Media::Source::kUrl;
    return NeedText(reading, source, "url", values[kUrl], media.url);
  }
  if (type.TextIs("file")) {
    media.source = Media::Source::kFileId;
    return NeedText(reading, source, "file_id", values[kFileId], media.file_id);
  }
  part.kind = Part::Kind::kOther;  // blocks inside a document, or something newer
  return true;
}

bool ReadDocument(MessagesReading& reading, const JsonValue& block, BlockMembers& members, Part& part) {
  part.kind = Part::Kind::kDocument;
  if (!ReadText(reading, members.Take(kTitle), part.media.filename) ||
      !ReadText(reading, members.Take(kContext), part.media.context)) {
    return false;
  }
  if (const JsonValue citations = members.Take(kCitations); !citations.raw.empty()) {
    static constexpr std::string_view kNames[] = {"enabled"};
    JsonValue values[1];
    if (!ReadMembers(reading, citations, kNames, values)) return false;
    if (values[0].Bool().value_or(false)) part.media.to_cite_raw = citations.raw;
  }
  return ReadSource(reading, block, members.Take(kSource), part);
}

bool ReadToolUse(MessagesReading& reading, const JsonValue& block, BlockMembers& members, Part& part) {
  part.kind = Part::Kind::kToolCall;
  const JsonValue input = members.Take(kInput);
  if (!input.raw.empty() && !input.IsObject()) return reading.Fail(input.raw, "must be an object");
  part.input_raw = input.raw.empty() ? "{}" : input.raw;
  if (const JsonValue caller = members.Take(kCaller); !IsDirectCaller(caller)) reading.Other(caller);
  return NeedText(reading, block, "id", members.Take(kId), part.id) &&
         NeedText(reading, block, "name", members.Take(kName), part.name);
}

bool ReadToolResult(MessagesReading& reading, const JsonValue& block, BlockMembers& members, Part& part) {
  part.kind = Part::Kind::kToolResult;
  if (const JsonValue failed = members.Take(kIsError); !failed.raw.empty()) {
    if (!failed.Bool()) return reading.Fail(failed.raw, "must be true or false");
    part.failed = *failed.Bool();
  }
  if (!NeedText(reading, block, "tool_use_id", members.Take(kToolUseId), part.id)) return false;
  const JsonValue content = members.Take(kContent);
  return content.raw.empty() || ReadContent(reading, content, part.inner, Within::kResult);
}

// What a search among tools has found. Elsewhere all tools are known from the beginning: its name is enough.
bool ReadToolReference(MessagesReading& reading, const JsonValue& block, BlockMembers& members, Part& part) {
  part.kind = Part::Kind::kText;
  if (!NeedText(reading, block, "tool_name", members.Take(kToolName), part.name)) return false;
  part.text = part.name;
  return true;
}

bool ReadThinking(MessagesReading& reading, const JsonValue& block, BlockMembers& members, Part& part) {
  part.kind = Part::Kind::kReasoning;
  JsonText seal;
  if (!NeedText(reading, block, "thinking", members.Take(kThinking), part.text) ||
      !ReadText(reading, members.Take(kSignature), seal)) {
    return false;
  }
  // A thought without a seal is anybody's: servers that only speak the dialect have none.
  if (!seal.empty()) Unseal(seal, Mind::kAnthropic, part);
  return true;
}

bool ReadRedacted(MessagesReading& reading, const JsonValue& block, BlockMembers& members, Part& part) {
  part.kind = Part::Kind::kReasoning;
  JsonText seal;
  if (!NeedText(reading, block, "data", members.Take(kData), seal)) return false;
  Unseal(seal, Mind::kAnthropic, part);
  part.redacted = part.mind == Mind::kAnthropic || part.mind == Mind::kMaker;
  return true;
}

bool ReadTextBlock(MessagesReading& reading, const JsonValue& block, BlockMembers& members, Part& part) {
  part.kind = Part::Kind::kText;
  if (const JsonValue citations = members.Take(kCitations); !citations.raw.empty()) {
    if (!citations.IsArray()) return reading.Fail(citations.raw, "must be an array");
    if (!citations.IsEmptyArray()) part.citations_raw = citations.raw;
  }
  return NeedText(reading, block, "text", members.Take(kText), part.text);
}

// As ReadBlock, with the members that the type has taken out. A kOther keeps them all: it is told whole.
bool ReadTyped(MessagesReading& reading, const JsonValue& block, BlockMembers& members, Within within,
               Part& part) {
  const JsonValue type = members.Take(kType);
  if (!type.IsString()) return reading.Fail(block.raw, "needs a type");
  part.cache_raw = members.Take(kCacheControl).raw;
  if (type.TextIs("text")) return ReadTextBlock(reading, block, members, part);
  if (type.TextIs("tool_use")) return ReadToolUse(reading, block, members, part);
  if (type.TextIs("tool_result") && within == Within::kTurn)
    return ReadToolResult(reading, block, members, part);
  if (type.TextIs("tool_reference") && within == Within::kResult)
    return ReadToolReference(reading, block, members, part);
  if (type.TextIs("thinking")) return ReadThinking(reading, block, members, part);
  if (type.TextIs("redacted_thinking")) return ReadRedacted(reading, block, members, part);
  if (type.TextIs("document")) return ReadDocument(reading, block, members, part);
  if (type.TextIs("image")) {
    part.kind = Part::Kind::kImage;
    return ReadSource(reading, block, members.Take(kSource), part);
  }
  part.kind = Part::Kind::kOther;
  return true;
}

}  // namespace

bool MessagesReading::Fail(std::string_view where, std::string_view what) {
  if (!error) {
    error = base::Error{base::Code::kInvalid, QuotedPath(body, where) + " " + std::string(what)};
  }
  return false;
}

bool ReadText(MessagesReading& reading, const JsonValue& value, JsonText& text) {
  if (value.raw.empty()) return true;
  if (!value.IsString()) return reading.Fail(value.raw, "must be a string");
  text = {value.Inside()};
  return true;
}

bool NeedText(MessagesReading& reading, const JsonValue& owner, std::string_view name, const JsonValue& value,
              JsonText& text) {
  if (value.raw.empty()) return reading.Fail(owner.raw, "needs " + std::string(name));
  return ReadText(reading, value, text);
}

bool ReadBlock(MessagesReading& reading, const JsonValue& block, Part& part, Within within) {
  part.raw = block.raw;
  BlockMembers members;
  const std::size_t others = reading.others.size();
  if (!ReadMembers(reading, block, kBlockNames, members.values)) return false;
  if (!ReadTyped(reading, block, members, within, part)) return false;
  if (part.kind == Part::Kind::kOther) {
    reading.others.resize(others);
    part.cache_raw = {};
  } else {
    members.LeaveTo(reading);
  }
  return true;
}

bool ReadContent(MessagesReading& reading, const JsonValue& content, std::vector<Part>& parts,
                 Within within) {
  if (content.IsString()) {
    Part& part = parts.emplace_back();
    part.text = {content.Inside()};
    part.raw = content.raw;
    return true;
  }
  if (!content.IsArray()) return reading.Fail(content.raw, "must be a string or an array of blocks");
  wire::JsonCursor cursor(content.raw);
  cursor.EnterArray();
  while (cursor.NextElement()) {
    if (!ReadBlock(reading, cursor.Take(), parts.emplace_back(), within)) return false;
  }
  return true;
}

}  // namespace translate::internal
