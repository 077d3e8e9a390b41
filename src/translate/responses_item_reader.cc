#include "translate/responses_item_reader_internal.h"

#include "translate/caller_internal.h"
#include "translate/carried.h"
#include "translate/losses.h"
#include "translate/media_url_internal.h"
#include "translate/responses_input_writer_internal.h"

namespace translate::internal {

using wire::JsonCursor;
using wire::JsonValue;

namespace {

JsonText Inside(const JsonValue& value) {
  return value.IsString() ? JsonText{value.Inside()} : JsonText{};
}

bool IsWord(const JsonValue& value, std::string_view word) {
  return value.TextIs(word);
}

// The word that a failed result begins with, if it was we who put it there.
void TakeFailedOff(std::vector<Part>& inner) {
  if (inner.empty() || inner.front().kind != Part::Kind::kText) return;
  std::string_view& text = inner.front().text.inside;
  if (!text.starts_with(kFailed)) return;
  text.remove_prefix(kFailed.size());
  if (text.empty() && inner.size() > 1) inner.erase(inner.begin());
}

std::string_view IfNotEmpty(const JsonValue& list) {
  return list.IsArray() && !list.IsEmptyArray() ? list.raw : std::string_view();
}

}  // namespace

bool ItemReader::Fail(std::string_view where, std::string_view problem) {
  if (!error_) {
    error_ = {base::Code::kInvalid, QuotedPath(body_, where) + " " + std::string(problem)};
  }
  return false;
}

bool ItemReader::Open(const JsonValue& value, Members& members) {
  return members.Read(value.raw) || Fail(value.raw, members.problem());
}

bool ItemReader::UseText(Members& members, std::string_view name, bool needed, JsonText& text) {
  const JsonValue value = members.Use(name);
  if (value.IsNull()) return !needed || Fail(members.raw(), "lacks '" + std::string(name) + "'");
  if (!value.IsString()) return Fail(value.raw, "must be a string");
  text = {value.Inside()};
  return true;
}

bool ItemReader::Close(Members& members) {
  if (members.twice()) return Fail(members.raw(), "has a member twice");
  members.AppendRest(others_);
  return true;
}

bool ItemReader::Read(const JsonValue& value, Item& item) {
  item.kind = Item::Kind::kOther;
  item.parts.clear();
  item.id = {};
  if (!Open(value, item_)) return false;
  const JsonValue type = item_.Use("type");
  if (IsWord(type, "message") || (type.IsNull() && !item_.Use("role").IsNull())) {
    item.kind = Item::Kind::kMessage;
    return ReadMessage(item);
  }
  Part part;
  part.raw = value.raw;
  if (IsWord(type, "reasoning")) {
    item.kind = Item::Kind::kReasoning;
    if (!ReadReasoning(part)) return false;
  } else if (IsWord(type, "function_call") || IsWord(type, "custom_tool_call")) {
    item.kind = Item::Kind::kCall;
    part.custom = IsWord(type, "custom_tool_call");
    if (!ReadCall(part)) return false;
  } else if (IsWord(type, "function_call_output") || IsWord(type, "custom_tool_call_output")) {
    item.kind = Item::Kind::kResult;
    part.custom = IsWord(type, "custom_tool_call_output");
    if (!ReadResult(part)) return false;
  } else {
    return true;
  }
  item.id = Inside(item_.Use("id"));
  item.parts.push_back(std::move(part));
  return true;
}

bool ItemReader::ReadMessage(Item& item) {
  const JsonValue role = item_.Use("role");
  if (IsWord(role, "user")) {
    item.role = Role::kUser;
  } else if (IsWord(role, "assistant")) {
    item.role = Role::kAssistant;
  } else if (IsWord(role, "system")) {
    item.role = Role::kSystem;
  } else if (IsWord(role, "developer")) {
    item.role = Role::kDeveloper;
  } else {
    return Fail(role.IsNull() ? item_.raw() : role.raw, "needs a role: user, assistant, system or developer");
  }
  item.id = Inside(item_.Use("id"));
  item_.Use("status");
  UseHint(item_, "phase");
  const JsonValue content = item_.Use("content");
  if (content.IsNull()) return Fail(item_.raw(), "lacks 'content'");
  return Close(item_) && ReadContent(content, item.parts);
}

// Appends the texts of `list`, a blank line between two of them. As long as there is one only, `only` is it
// and nothing is put together.
bool ItemReader::ReadThoughts(const JsonValue& list, std::string& joined, std::size_t& pieces,
                              JsonText& only) {
  if (list.IsNull()) return true;
  JsonCursor cursor(list.raw);
  if (!cursor.EnterArray()) return Fail(list.raw, "must be a list");
  while (cursor.NextElement()) {
    JsonText text;
    if (!Open(cursor.Take(), part_)) return false;
    part_.Use("type");
    if (!UseText(part_, "text", true, text) || !Close(part_)) return false;
    if (pieces++ == 0) {
      only = text;
      continue;
    }
    if (pieces == 2) joined = only.inside;
    joined += "\\n\\n";
    joined += text.inside;
  }
  return true;
}

bool ItemReader::ReadReasoning(Part& part) {
  part.kind = Part::Kind::kReasoning;
  std::string joined;
  std::size_t pieces = 0;
  JsonText seal;
  if (!ReadThoughts(item_.Use("summary"), joined, pieces, part.text) ||
      !ReadThoughts(item_.Use("content"), joined, pieces, part.text) ||
      !UseText(item_, "encrypted_content", false, seal) || !UseText(item_, "id", false, part.id)) {
    return false;
  }
  item_.Use("status");
  if (pieces > 1) part.text = {kept_.emplace_back(std::move(joined))};
  if (!seal.empty()) Unseal(seal, Mind::kOpenai, part);
  return Close(item_);
}

// Who called a tool is no news when it was the model itself.
void ItemReader::UseCaller() {
  const JsonValue caller = item_.Use("caller");
  if (!caller.IsNull() && !IsDirectCaller(caller)) others_.push_back(caller.raw);
}

void ItemReader::UseHint(Members& members, std::string_view name) {
  const JsonValue value = members.Use(name);
  if (!value.IsNull()) hints_.push_back(value.raw);
}

void ItemReader::UseCounts(Members& members, std::string_view name) {
  const JsonValue counts = members.Use(name);
  if (!counts.IsNull() && counts.raw.find_first_of("123456789") != std::string_view::npos) {
    hints_.push_back(counts.raw);
  }
}

bool ItemReader::ReadCall(Part& part) {
  part.kind = Part::Kind::kToolCall;
  item_.Use("id");
  item_.Use("status");
  if (const JsonValue later = item_.Use("async"); later.Bool().value_or(false)) others_.push_back(later.raw);
  UseCaller();
  return UseText(item_, "call_id", true, part.id) && UseText(item_, "name", true, part.name) &&
         UseText(item_, part.custom ? "input" : "arguments", true, part.arguments) && Close(item_);
}

bool ItemReader::ReadResult(Part& part) {
  part.kind = Part::Kind::kToolResult;
  item_.Use("id");
  part.failed = IsWord(item_.Use("status"), "incomplete");
  UseCaller();
  const JsonValue output = item_.Use("output");
  if (output.IsNull()) return Fail(item_.raw(), "lacks 'output'");
  if (!UseText(item_, "call_id", true, part.id) || !Close(item_) || !ReadContent(output, part.inner)) {
    return false;
  }
  if (part.failed) TakeFailedOff(part.inner);
  return true;
}

bool ItemReader::ReadContent(const JsonValue& content, std::vector<Part>& parts) {
  if (content.IsString()) {
    Part& part = parts.emplace_back();
    part.text = {content.Inside()};
    part.raw = content.raw;
    return true;
  }
  JsonCursor cursor(content.raw);
  if (!cursor.EnterArray()) return Fail(content.raw, "must be a string or a list of parts");
  while (cursor.NextElement()) {
    Part part;
    if (!ReadPart(cursor.Take(), part)) return false;
    parts.push_back(std::move(part));
  }
  return true;
}

bool ItemReader::ReadPart(const JsonValue& value, Part& part) {
  if (!Open(value, part_)) return false;
  part.raw = value.raw;
  const JsonValue type = part_.Use("type");
  UseHint(part_, "prompt_cache_breakpoint");
  if (IsWord(type, "input_text") || IsWord(type, "output_text")) return ReadTextPart(part);
  if (IsWord(type, "refusal")) {
    part.kind = Part::Kind::kRefusal;
    return UseText(part_, "refusal", true, part.text) && Close(part_);
  }
  if (IsWord(type, "input_image")) return ReadImage(part);
  if (IsWord(type, "input_file")) return ReadFile(part);
  if (IsWord(type, "input_audio")) return ReadAudio(part);
  if (!type.IsString()) return Fail(value.raw, "needs a 'type'");
  part.kind = Part::Kind::kOther;
  return true;
}

bool ItemReader::ReadTextPart(Part& part) {
  part.citations_raw = IfNotEmpty(part_.Use("annotations"));
  part.logprobs_raw = IfNotEmpty(part_.Use("logprobs"));
  return UseText(part_, "text", true, part.text) && Close(part_);
}

bool ItemReader::ReadImage(Part& part) {
  part.kind = Part::Kind::kImage;
  JsonText url;
  if (!UseText(part_, "image_url", false, url) || !UseText(part_, "file_id", false, part.media.file_id) ||
      !UseText(part_, "detail", false, part.media.detail)) {
    return false;
  }
  if (part.media.detail.Is("auto")) part.media.detail = {};
  if (!url.empty() && !part.media.file_id.empty()) return Fail(part.raw, "says twice where the image is");
  if (!url.empty()) {
    ReadMediaUrl(url, part.media);
  } else if (!part.media.file_id.empty()) {
    part.media.source = Media::Source::kFileId;
  } else {
    return Fail(part.raw, "needs an 'image_url' or a 'file_id'");
  }
  return Close(part_);
}

bool ItemReader::ReadFile(Part& part) {
  part.kind = Part::Kind::kDocument;
  Media& media = part.media;
  JsonText data;
  JsonText url;
  if (!UseText(part_, "file_data", false, data) || !UseText(part_, "file_url", false, url) ||
      !UseText(part_, "file_id", false, media.file_id) ||
      !UseText(part_, "filename", false, media.filename)) {
    return false;
  }
  if (const JsonValue detail = part_.Use("detail"); !detail.IsNull() && !IsWord(detail, "auto")) {
    others_.push_back(detail.raw);
  }
  if ((data.empty() ? 0 : 1) + (url.empty() ? 0 : 1) + (media.file_id.empty() ? 0 : 1) > 1) {
    return Fail(part.raw, "says twice where the file is");
  }
  if (!data.empty()) {
    ReadMediaUrl(data, media);
    if (media.source == Media::Source::kUrl) {  // digits alone, as some clients send them
      media.source = Media::Source::kBase64;
      media.data = data;
      media.url = {};
    }
  } else if (!url.empty()) {
    ReadMediaUrl(url, media);
  } else if (!media.file_id.empty()) {
    media.source = Media::Source::kFileId;
  } else {
    return Fail(part.raw, "needs a 'file_data', a 'file_url' or a 'file_id'");
  }
  return Close(part_);
}

bool ItemReader::ReadAudio(Part& part) {
  part.kind = Part::Kind::kAudio;
  const JsonValue audio = part_.Use("input_audio");
  JsonText format;
  if (audio.IsNull()) return Fail(part.raw, "lacks 'input_audio'");
  if (!Open(audio, inner_) || !UseText(inner_, "data", true, part.media.data) ||
      !UseText(inner_, "format", true, format)) {
    return false;
  }
  part.media.source = Media::Source::kBase64;
  part.media.media_type = {format.Is("mp3") ? "audio/mpeg" : "audio/wav"};
  if (!format.Is("mp3") && !format.Is("wav")) return Fail(audio.raw, "is of an unknown format");
  return Close(inner_) && Close(part_);
}

}  // namespace translate::internal
