#include "translate/carried.h"
#include "translate/chat_reader_internal.h"
#include "translate/media_url_internal.h"

namespace translate::internal {

using wire::JsonCursor;
using wire::JsonValue;

namespace {

template <class Each>
void ForEach(std::string_view array, const Each& each) {
  JsonCursor cursor(array);
  if (!cursor.EnterArray()) return;
  while (cursor.NextElement()) each(cursor.Take());
}

Part Of(Part::Kind kind, std::string_view raw) {
  Part part;
  part.kind = kind;
  part.raw = raw;
  return part;
}

}  // namespace

// Thoughts that are sealed piece by piece. A client that gathers the pieces of a stream may give them back as
// pieces: what has no seal is continued by what follows it.
class ChatReader::Thoughts {
 public:
  Thoughts(std::vector<Part>& parts, std::deque<std::string>& kept) : parts_(parts), kept_(kept) {}
  ~Thoughts() { Flush(); }
  Thoughts(const Thoughts&) = delete;
  Thoughts& operator=(const Thoughts&) = delete;

  void Add(Part piece) {
    if (piece.redacted) {
      Flush();
      parts_.push_back(std::move(piece));
      return;
    }
    const bool sealed = piece.mind != Mind::kNobody || !piece.signature.empty();
    if (pieces_ == 0) {
      part_ = std::move(piece);
    } else {
      if (pieces_ == 1) joined_ = part_.text.inside;
      joined_ += piece.text.inside;
      part_.signature = piece.signature;
      part_.mind = piece.mind;
      part_.id = piece.id;
    }
    ++pieces_;
    if (sealed) Flush();
  }

  void Flush() {
    if (pieces_ == 0) return;
    if (pieces_ > 1) part_.text = {kept_.emplace_back(std::move(joined_))};
    const bool says_something = !part_.text.empty() || part_.mind != Mind::kNobody;
    if (says_something) parts_.push_back(std::move(part_));
    joined_.clear();
    pieces_ = 0;
  }

 private:
  std::vector<Part>& parts_;
  std::deque<std::string>& kept_;
  Part part_;
  std::string joined_;
  std::size_t pieces_ = 0;
};

void ChatReader::ReadContent(const JsonValue& content, bool keep_empty, std::vector<Part>& parts) {
  if (content.IsString()) {
    if (content.IsEmptyString() && !keep_empty) return;
    Part part = Of(Part::Kind::kText, content.raw);
    part.text = {content.Inside()};
    parts.push_back(std::move(part));
  } else if (content.IsArray()) {
    ForEach(content.raw, [&](const JsonValue& part) {
      if (!part.IsObject()) return Refuse(part.raw, "must be an object with a type");
      ReadPart(part.raw, parts);
    });
  } else if (!content.IsNull()) {
    Refuse(content.raw, "must be a string or a list of parts");
  }
}

void ChatReader::ReadPart(std::string_view raw, std::vector<Part>& parts) {
  const std::size_t others_before = others_.size();
  JsonValue type, text, refusal, image, audio, file, cache, breakpoint;
  Collect(raw, {{"type", &type},
                {"text", &text},
                {"refusal", &refusal},
                {"image_url", &image},
                {"input_audio", &audio},
                {"file", &file},
                {"cache_control", &cache},
                {"prompt_cache_breakpoint", &breakpoint}});
  Part part = Of(Part::Kind::kOther, raw);
  if (type.TextIs("thinking") || type.TextIs("redacted_thinking")) {
    others_.resize(others_before);
    Thoughts thoughts(parts, kept_);
    ReadThoughtBlock(raw, thoughts);
    return;
  }
  part.cache_raw = Object(cache);
  const auto used = [](JsonValue& value) { return std::exchange(value, {}); };
  if (type.TextIs("text")) {
    part.kind = Part::Kind::kText;
    if (!text.IsString()) Refuse(raw, "has no text");
    part.text = String(used(text));
  } else if (type.TextIs("refusal")) {
    part.kind = Part::Kind::kRefusal;
    if (!refusal.IsString()) Refuse(raw, "has no refusal");
    part.text = String(used(refusal));
  } else if (type.TextIs("image_url")) {
    part.kind = Part::Kind::kImage;
    ReadImage(used(image), part.media);
    if (part.media.source == Media::Source::kNone) Refuse(raw, "has no image_url.url");
  } else if (type.TextIs("input_audio")) {
    part.kind = Part::Kind::kAudio;
    ReadAudio(used(audio), part.media);
    if (part.media.source == Media::Source::kNone) Refuse(raw, "has no input_audio.data");
  } else if (type.TextIs("file")) {
    part.kind = Part::Kind::kDocument;
    ReadFile(used(file), part.media);
    if (part.media.source == Media::Source::kNone) Refuse(raw, "has neither file.file_data nor file.file_id");
  } else if (!type.IsString()) {
    Refuse(raw, "must have a type that is a string");
  }
  if (part.kind == Part::Kind::kOther) {
    others_.resize(others_before);  // the part is refused as a whole
  } else {
    for (const JsonValue& unused : {text, refusal, image, audio, file}) Other(unused);
    Hint(breakpoint);
  }
  parts.push_back(std::move(part));
}

void ChatReader::ReadImage(const JsonValue& image, Media& media) {
  if (image.IsString()) return ReadMediaUrl(String(image), media);
  JsonValue url, detail;
  Collect(Object(image), {{"url", &url}, {"detail", &detail}});
  if (!url.IsNull()) ReadMediaUrl(String(url), media);
  media.detail = String(detail);
  if (media.detail.Is("auto")) media.detail = {};
}

void ChatReader::ReadAudio(const JsonValue& audio, Media& media) {
  JsonValue data, format;
  Collect(Object(audio), {{"data", &data}, {"format", &format}});
  if (data.IsNull()) return;
  media.source = Media::Source::kBase64;
  media.data = String(data);
  const JsonText word = String(format);
  media.media_type = {kept_.emplace_back("audio/" + std::string(word.Is("mp3") ? "mpeg" : word.inside))};
}

void ChatReader::ReadFile(const JsonValue& file, Media& media) {
  JsonValue data, id, name;
  Collect(Object(file), {{"file_data", &data}, {"file_id", &id}, {"filename", &name}});
  media.filename = String(name);
  if (!data.IsNull()) {
    Other(id);  // which of them counts, nobody says
    ReadMediaUrl(String(data), media);
    if (media.source == Media::Source::kBase64) return;
    media.source = Media::Source::kBase64;  // bare digits are those of a PDF
    media.data = std::exchange(media.url, {});
    media.media_type = {"application/pdf"};
  } else if (!id.IsNull()) {
    media.source = Media::Source::kFileId;
    media.file_id = String(id);
  }
}

void ChatReader::ReadAssistant(std::string_view message, Turn& turn) {
  JsonValue role, content, name, refusal, calls, annotations, reasoning_content, reasoning, blocks, cache;
  JsonValue function_call;
  Collect(message, {{"role", &role},
                    {"content", &content},
                    {"name", &name},
                    {"refusal", &refusal},
                    {"tool_calls", &calls},
                    {"function_call", &function_call},
                    {"annotations", &annotations},
                    {"reasoning_content", &reasoning_content},
                    {"reasoning", &reasoning},
                    {"thinking_blocks", &blocks},
                    {"cache_control", &cache}});
  turn.name = String(name);
  if (IsArray(blocks)) {
    ReadThoughtBlocks(blocks.raw, turn.parts);
    for (const JsonValue& words : {reasoning_content, reasoning}) NameOtherThought(words, turn.parts);
  } else {
    const JsonValue& thought = reasoning_content.IsNull() ? reasoning : reasoning_content;
    Part part = Of(Part::Kind::kReasoning, thought.raw);
    part.text = String(thought);
    if (!part.text.empty()) turn.parts.push_back(std::move(part));
    if (&thought != &reasoning && reasoning.raw != reasoning_content.raw) Other(reasoning);
  }
  const std::size_t said_from = turn.parts.size();
  ReadContent(content, false, turn.parts);
  if (IsArray(annotations)) {
    if (turn.parts.size() > said_from) {
      turn.parts[said_from].citations_raw = annotations.raw;
    } else {
      Other(annotations);
    }
  }
  Part declined = Of(Part::Kind::kRefusal, refusal.raw);
  declined.text = String(refusal);
  if (!declined.text.empty()) turn.parts.push_back(std::move(declined));
  ReadToolCalls(calls, turn.parts);
  if (function_call.IsObject() && !IsArray(calls)) {
    ReadFunctionCall(function_call.raw, turn.parts);
  } else {
    Other(function_call);
  }
  if (turn.parts.empty()) {
    Other(cache);
  } else {
    turn.parts.back().cache_raw = Object(cache);
  }
}

// `words` say again what the blocks say, unless somebody has changed one of them: the blocks count.
void ChatReader::NameOtherThought(const JsonValue& words, const std::vector<Part>& blocks) {
  const JsonText said = String(words);
  if (said.empty()) return;
  std::string thought;
  for (const Part& part : blocks) thought += part.text.inside;
  if (said.inside == thought || said.Plain() == JsonText{thought}.Plain()) return;
  if (hints_ == nullptr) return Other(words);
  Hint(words);
}

void ChatReader::ReadThoughtBlocks(std::string_view blocks, std::vector<Part>& parts) {
  Thoughts thoughts(parts, kept_);
  ForEach(blocks, [&](const JsonValue& block) { ReadThoughtBlock(block.raw, thoughts); });
}

void ChatReader::ReadThoughtBlock(std::string_view block, Thoughts& thoughts) {
  const std::size_t others_before = others_.size();
  JsonValue type, index, text, signature, data, cache;
  Collect(block, {{"type", &type},
                  {"index", &index},
                  {"thinking", &text},
                  {"signature", &signature},
                  {"data", &data},
                  {"cache_control", &cache}});
  Part part = Of(Part::Kind::kReasoning, block);
  part.cache_raw = Object(cache);
  if (type.TextIs("thinking")) {
    part.text = ThoughtText(text);
    const JsonText seal = String(signature);
    if (!seal.empty()) Unseal(seal, Mind::kAnthropic, part);
  } else if (type.TextIs("redacted_thinking")) {
    Unseal(String(data), Mind::kAnthropic, part);
    part.redacted = true;
  } else {
    others_.resize(others_before);
    others_.push_back(block);
    return;
  }
  thoughts.Add(std::move(part));
}

// A string, or the list of text parts that Mistral has.
JsonText ChatReader::ThoughtText(const JsonValue& text) {
  if (!text.IsArray()) return String(text);
  std::string& joined = kept_.emplace_back();
  ForEach(text.raw, [&](const JsonValue& part) {
    JsonValue type, words;
    Collect(Object(part), {{"type", &type}, {"text", &words}});
    joined += String(words).inside;
  });
  return {joined};
}

void ChatReader::ReadToolCalls(const JsonValue& calls, std::vector<Part>& parts) {
  if (!IsArray(calls)) return;
  ForEach(calls.raw, [&](const JsonValue& call) {
    if (!call.IsObject()) return Refuse(call.raw, "must be an object");
    ReadToolCall(call.raw, parts);
  });
}

// Older than tools, and without an id: it is given one that is the same whenever the message comes again.
void ChatReader::ReadFunctionCall(std::string_view raw, std::vector<Part>& parts) {
  JsonValue name, arguments;
  Collect(raw, {{"name", &name}, {"arguments", &arguments}});
  Part part = Of(Part::Kind::kToolCall, raw);
  part.id = {kept_.emplace_back(made_ids_ + "call_function_" + std::to_string(function_calls_++))};
  part.name = String(name);
  part.arguments = String(arguments);
  if (part.name.empty()) Refuse(raw, "must have a name");
  parts.push_back(std::move(part));
}

void ChatReader::ReadToolCall(std::string_view raw, std::vector<Part>& parts) {
  const std::size_t others_before = others_.size();
  JsonValue id, type, index, function, custom;
  Collect(raw,
          {{"id", &id}, {"type", &type}, {"index", &index}, {"function", &function}, {"custom", &custom}});
  Part part = Of(Part::Kind::kToolCall, raw);
  part.id = String(id);
  if (part.id.empty() && made_ids_.empty()) Refuse(raw, "must have an id");
  if (part.id.empty()) part.id = {kept_.emplace_back(made_ids_ + std::to_string(parts.size()))};
  JsonValue name, arguments;
  if (type.TextIs("custom")) {
    part.custom = true;
    Other(function);
    Collect(Object(custom), {{"name", &name}, {"input", &arguments}});
    part.arguments = String(arguments);
  } else if (type.IsNull() || type.TextIs("function")) {
    Other(custom);
    Collect(Object(function), {{"name", &name}, {"arguments", &arguments}});
    if (arguments.IsObject()) {
      part.input_raw = arguments.raw;
    } else {
      part.arguments = String(arguments);
    }
  } else {
    others_.resize(others_before);
    part.kind = Part::Kind::kOther;
    parts.push_back(std::move(part));
    return;
  }
  part.name = String(name);
  if (part.name.empty()) Refuse(raw, "must have a name");
  parts.push_back(std::move(part));
}

}  // namespace translate::internal
