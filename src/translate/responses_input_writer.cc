#include "translate/responses_input_writer_internal.h"

#include <algorithm>

#include "base/encoding.h"
#include "translate/call_id_internal.h"

namespace translate::internal {

namespace {

void WriteCallId(JsonOut& json, JsonText id) {
  json.Key("call_id");
  if (id.inside.size() <= kResponsesCallIdMax) {
    json.Text(id);
  } else {
    json.Plain(MadeCallId(id, kResponsesCallIdMax));
  }
}

bool IsSaid(const Part& part) {
  return part.kind == Part::Kind::kText || part.kind == Part::Kind::kRefusal;
}

}  // namespace

// The words that lead a conversation have a place of their own, unless they are all there is.
bool InputWriter::StandsAsInstructions(const Turn& turn) const {
  return turn.role == Role::kSystem && request_.turns.size() > 1 && turn.name.empty() &&
         turn.parts.size() == 1 && turn.parts.front().kind == Part::Kind::kText;
}

// Messages lets a caller write the beginning of the answer that is asked for.
bool InputWriter::IsBegunAnswer(const Turn& turn) const {
  return request_.operation == chat::Operation::kMessages && &turn == &request_.turns.back() &&
         turn.role == Role::kAssistant && std::any_of(turn.parts.begin(), turn.parts.end(), IsSaid);
}

void InputWriter::Write() {
  std::span<const Turn> turns = request_.turns;
  if (!turns.empty() && StandsAsInstructions(turns.front())) {
    const Part& part = turns.front().parts.front();
    if (!part.cache_raw.empty()) losses_.Ignored(part.cache_raw);
    if (!part.citations_raw.empty()) losses_.Ignored(part.citations_raw);
    json_.Key("instructions").Text(part.text);
    turns = turns.subspan(1);
  }
  json_.Key("input").Open('[');
  for (const Turn& turn : turns) WriteTurn(turn);
  if (!turns.empty() && json_.out().back() == '[') {  // nothing of it could be said; an empty list is refused
    json_.Open('{').Key("type").Text({"message"}).Key("role").Text({"user"}).Key("content").Text({});
    json_.Close('}');
  }
  json_.Close(']');
}

void InputWriter::WriteTurn(const Turn& turn) {
  if (!turn.name.empty()) losses_.Cannot(turn.name.inside, "it knows no names of speakers");
  if (IsBegunAnswer(turn)) {
    losses_.Cannot(turn.raw, "it does not go on with an answer that the caller has begun");
    return;
  }
  switch (turn.role) {
    case Role::kSystem:
      return WriteMessage("system", turn);
    case Role::kDeveloper:
      return WriteMessage(target_.flavour == chat::Flavour::kOpenai ? "developer" : "system", turn);
    case Role::kUser:
      return WriteMessage("user", turn);
    case Role::kAssistant:
      return WriteAnswer(turn);
    case Role::kTool:
      return WriteResults(turn);
  }
}

void InputWriter::WriteMessage(std::string_view role, const Turn& turn) {
  const std::vector<const Part*> parts = Sayable(turn.parts);
  if (parts.empty()) return;
  json_.Open('{').Key("type").Text({"message"}).Key("role").Plain(role).Key("content");
  WriteContent(parts);
  json_.Close('}');
}

std::vector<const Part*> InputWriter::Sayable(std::span<const Part> parts) {
  std::vector<const Part*> sayable;
  for (const Part& part : parts) {
    if (!part.cache_raw.empty()) losses_.Ignored(part.cache_raw);
    if (!part.citations_raw.empty()) losses_.Ignored(part.citations_raw);
    if (IsSayable(part)) sayable.push_back(&part);
  }
  return sayable;
}

// Of what others than the assistant say.
bool InputWriter::IsSayable(const Part& part) {
  switch (part.kind) {
    case Part::Kind::kText:
    case Part::Kind::kRefusal:
      return true;
    case Part::Kind::kImage:
      return IsReachable(part);
    case Part::Kind::kDocument:
      if (!part.media.to_cite_raw.empty()) {
        losses_.Cannot(part.media.to_cite_raw, "it cites no documents");
      }
      if (!part.media.context.empty()) {
        losses_.Cannot(part.media.context.inside, "nothing can be said beside a document");
      }
      return IsReachable(part);
    case Part::Kind::kAudio:
      losses_.Cannot(part.raw, "it takes no audio");
      return false;
    case Part::Kind::kToolCall:
    case Part::Kind::kToolResult:
    case Part::Kind::kReasoning:
    case Part::Kind::kOther:
      break;
  }
  losses_.Cannot(part.raw, "only the API it was written for knows such a part");
  return false;
}

// What was uploaded to one provider cannot be seen by another. Both OpenAI dialects know the same files.
bool InputWriter::IsReachable(const Part& part) {
  if (part.media.source == Media::Source::kNone) {
    losses_.Cannot(part.raw, "it holds nothing that could be sent");
    return false;
  }
  if (part.media.source != Media::Source::kFileId) return true;
  if (target_.flavour == chat::Flavour::kOpenai && request_.operation != chat::Operation::kMessages) {
    return true;
  }
  losses_.Cannot(part.media.file_id.inside, "a file that was uploaded to one provider is unknown to another");
  return false;
}

void InputWriter::WriteContent(const std::vector<const Part*>& parts) {
  if (parts.size() == 1 && parts.front()->kind == Part::Kind::kText) {
    json_.Text(parts.front()->text);
    return;
  }
  json_.Open('[');
  for (const Part* part : parts) WritePart(*part);
  json_.Close(']');
}

void InputWriter::WritePart(const Part& part) {
  const Media& media = part.media;
  json_.Open('{').Key("type");
  if (part.kind == Part::Kind::kDocument) {
    json_.Text({"input_file"});
    WriteFile(media);
  } else if (part.kind == Part::Kind::kImage) {
    json_.Text({"input_image"}).Key("detail");
    json_.Text(media.detail.empty() ? JsonText{"auto"} : media.detail);
    if (media.source == Media::Source::kFileId) {
      json_.Key("file_id").Text(media.file_id);
    } else if (media.source == Media::Source::kUrl) {
      json_.Key("image_url").Text(media.url);
    } else {
      json_.Key("image_url").DataUrl(media.media_type, media.data);
    }
  } else {
    json_.Text({"input_text"}).Key("text").Text(part.text);
  }
  json_.Close('}');
}

void InputWriter::WriteFile(const Media& media) {
  constexpr JsonText kPdf{"application/pdf"};
  JsonText filename = media.filename;
  switch (media.source) {
    case Media::Source::kUrl:
      json_.Key("file_url").Text(media.url);
      break;
    case Media::Source::kFileId:
      json_.Key("file_id").Text(media.file_id);
      break;
    case Media::Source::kBase64:
      if (filename.empty()) filename = {"document.pdf"};
      json_.Key("file_data").DataUrl(media.media_type.empty() ? kPdf : media.media_type, media.data);
      break;
    case Media::Source::kText: {
      const std::string digits = base::Base64(media.data.Plain());
      if (filename.empty()) filename = {"document.txt"};
      json_.Key("file_data").DataUrl({"text/plain"}, {digits});
      break;
    }
    case Media::Source::kNone:
      break;
  }
  if (!filename.empty()) json_.Key("filename").Text(filename);
}

void InputWriter::WriteAnswer(const Turn& turn) {
  const std::span<const Part> parts = turn.parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    if (!part.cache_raw.empty()) losses_.Ignored(part.cache_raw);
    if (IsSaid(part)) {
      std::size_t end = i + 1;
      while (end < parts.size() && IsSaid(parts[end])) ++end;
      WriteSaid(parts.subspan(i, end - i));
      i = end - 1;
    } else if (part.kind == Part::Kind::kReasoning) {
      Think(part);
    } else if (part.kind == Part::Kind::kToolCall) {
      WriteCall(part);
    } else {
      losses_.Cannot(part.raw, "an assistant cannot have said such a part there");
      if (!part.id.empty()) dropped_calls_.insert(part.id.inside);
    }
  }
  // A thought that leads to nothing any more is refused by OpenAI.
  for (const Part* thought : thoughts_) losses_.Ignored(thought->raw);
  thoughts_.clear();
}

void InputWriter::WriteSaid(std::span<const Part> run) {
  bool one = true;
  const Part* only = nullptr;
  for (const Part& part : run) {
    if (!part.citations_raw.empty()) losses_.Ignored(part.citations_raw);
    if (part.text.empty()) continue;
    one &= only == nullptr && part.kind == Part::Kind::kText;
    only = &part;
  }
  if (only == nullptr) return;
  WriteThoughts();
  json_.Open('{').Key("type").Text({"message"}).Key("role").Text({"assistant"}).Key("content");
  if (one) {
    json_.Text(only->text).Close('}');
    return;
  }
  json_.Open('[');
  for (const Part& part : run) {
    if (part.text.empty()) continue;
    const bool text = part.kind == Part::Kind::kText;
    json_.Open('{').Key("type").Plain(text ? "output_text" : "refusal");
    json_.Key(text ? "text" : "refusal").Text(part.text).Close('}');
  }
  json_.Close(']').Close('}');
}

// A thought goes back to who thought it, sealed or, by servers that think in the open, as it is.
void InputWriter::Think(const Part& part) {
  const bool says = !part.signature.empty() || (!maker_.empty() && !part.text.empty());
  if (says && IsOwnThought(part, chat::Operation::kResponses, maker_)) {
    thoughts_.push_back(&part);
  } else {
    losses_.Ignored(part.raw);
  }
}

void InputWriter::WriteThoughts() {
  for (const Part* thought : thoughts_) {
    json_.Open('{').Key("type").Text({"reasoning"}).Key("id");
    const std::string made = "rs_" + std::to_string(thoughts_written_++);
    std::string_view id = thought->id.inside;
    if (thought->mind == Mind::kMaker) id.remove_prefix(id.find('.') + 1);
    json_.Text(id.empty() ? JsonText{made} : JsonText{id});
    const bool sealed = !thought->signature.empty();
    json_.Key("summary").Open('[');
    if (sealed && !thought->text.empty()) {
      json_.Open('{').Key("type").Text({"summary_text"}).Key("text").Text(thought->text).Close('}');
    }
    json_.Close(']');
    if (sealed) {
      json_.Key("encrypted_content").Text(thought->signature);
    } else {
      json_.Key("content").Open('[').Open('{').Key("type").Text({"reasoning_text"});
      json_.Key("text").Text(thought->text).Close('}').Close(']');
    }
    json_.Close('}');
  }
  thoughts_.clear();
}

void InputWriter::WriteCall(const Part& part) {
  if (part.custom && target_.flavour == chat::Flavour::kDeepseek) {
    losses_.Cannot(part.raw, "its tools take JSON only");
    dropped_calls_.insert(part.id.inside);
    return;
  }
  said_calls_.insert(part.id.inside);
  WriteThoughts();
  json_.Open('{').Key("type").Plain(part.custom ? "custom_tool_call" : "function_call");
  WriteCallId(json_, part.id);
  json_.Key("name").Text(part.name).Key(part.custom ? "input" : "arguments");
  if (part.input_raw.empty()) {
    json_.Text(part.arguments);
  } else {
    json_.Plain(part.input_raw);
  }
  json_.Close('}');
}

void InputWriter::WriteResults(const Turn& turn) {
  for (const Part& part : turn.parts) {
    if (!part.cache_raw.empty()) losses_.Ignored(part.cache_raw);
    if (said_calls_.contains(part.id.inside)) {
      WriteResult(part);
    } else if (dropped_calls_.contains(part.id.inside)) {
      losses_.Cannot(part.raw, "it answers what could not be said there");
    } else {
      losses_.Cannot(part.id.inside, "there is no call before it that it answers");
    }
  }
}

// A model reads that a tool failed in the output only; the status lets the word be taken off again.
void InputWriter::WriteResult(const Part& part) {
  const std::vector<const Part*> parts = Sayable(part.inner);
  json_.Open('{').Key("type").Plain(part.custom ? "custom_tool_call_output" : "function_call_output");
  WriteCallId(json_, part.id);
  if (part.failed && !part.custom) json_.Key("status").Text({"incomplete"});
  json_.Key("output");
  if (parts.empty()) {
    json_.Plain(part.failed ? kFailed : std::string_view());
  } else if (!part.failed) {
    WriteContent(parts);
  } else if (parts.size() == 1 && parts.front()->kind == Part::Kind::kText) {
    json_.Text({std::string(kFailed).append(parts.front()->text.inside)});
  } else {
    Part failed;
    failed.text = {kFailed};
    json_.Open('[');
    WritePart(failed);
    for (const Part* inner : parts) WritePart(*inner);
    json_.Close(']');
  }
  json_.Close('}');
}

}  // namespace translate::internal
