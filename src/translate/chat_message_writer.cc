#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "translate/call_id_internal.h"
#include "translate/chat_writer_internal.h"

namespace translate::internal {

using Source = Media::Source;

namespace {

// A thought that nobody sealed, or with a seal that nobody checks.
bool IsPlain(const Part& thought) {
  return thought.mind == Mind::kNobody || (thought.mind == Mind::kMaker && !thought.redacted);
}

}  // namespace

void ChatMessageWriter::Write() {
  const std::size_t before = json_.out().size();
  const std::vector<Turn>& turns = request_.turns;
  const auto asks = [&](std::size_t i) {
    return i < turns.size() && (turns[i].role == Role::kUser || turns[i].role == Role::kTool);
  };
  for (std::size_t i = 0; i < turns.size();) {
    if (!asks(i)) {
      Answered(turns[i++]);
      continue;
    }
    // Results stand right behind their calls, whatever the user has said before or between them.
    const std::size_t begin = i;
    while (asks(i)) ++i;
    moved_.clear();
    for (std::size_t at = begin; at < i; ++at) {
      if (turns[at].role == Role::kTool) WriteResults(turns[at]);
    }
    WriteMoved();
    for (std::size_t at = begin; at < i; ++at) {
      if (turns[at].role == Role::kUser) WriteTurn(turns[at], "user");
    }
  }
  if (json_.out().size() > before) return;
  json_.Open('{').Key("role").Plain("user").Key("content").Plain("").Close('}');  // none would be malformed
}

// Writes a turn that is neither the user's nor a tool's.
void ChatMessageWriter::Answered(const Turn& turn) {
  if (BeginsTheAnswer(turn)) return losses_.Cannot(turn.raw, "the model begins its answer itself");
  if (turn.role == Role::kAssistant) return WriteAssistant(turn);
  WriteTurn(turn, turn.role == Role::kDeveloper && Openai() ? "developer" : "system");
}

// In Messages the model goes on from what it is given as its own last words.
bool ChatMessageWriter::BeginsTheAnswer(const Turn& turn) const {
  if (request_.operation != chat::Operation::kMessages || &turn != &request_.turns.back()) return false;
  return turn.role == Role::kAssistant &&
         std::none_of(turn.parts.begin(), turn.parts.end(),
                      [](const Part& part) { return part.kind == Part::Kind::kToolCall; });
}

void ChatMessageWriter::WriteName(const Turn& turn) {
  if (!turn.name.empty()) json_.Key("name").Text(turn.name);
}

void ChatMessageWriter::WriteTurn(const Turn& turn, std::string_view role) {
  std::vector<const Part*> parts;
  bool only_text = true;
  for (const Part& part : turn.parts) {
    if (turn.role != Role::kUser && part.kind != Part::Kind::kText) {
      losses_.Cannot(Where(part), "instructions there are text only");
      continue;
    }
    if (!CanSay(part)) continue;
    parts.push_back(&part);
    only_text &= part.kind == Part::Kind::kText;
  }
  if (parts.empty()) return;
  json_.Open('{').Key("role").Plain(role).Key("content");
  if (only_text) {
    WriteTexts(parts, {}, "\\n");
  } else {
    json_.Open('[');
    for (const Part* part : parts) WritePart(*part);
    json_.Close(']');
  }
  WriteName(turn);
  json_.Close('}');
}

void ChatMessageWriter::WriteTexts(const std::vector<const Part*>& texts, std::string_view prefix,
                                   std::string_view separator) {
  // A list keeps apart what was apart; DeepSeek wants one string.
  if (texts.size() > 1 && !Deepseek() && prefix.empty()) {
    json_.Open('[');
    for (const Part* text : texts) WritePart(*text);
    json_.Close(']');
    return;
  }
  std::string& out = json_.Open('"').out();
  out += prefix;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += separator;
    out += texts[i]->text.inside;
  }
  json_.Close('"');
}

void ChatMessageWriter::WriteAssistant(const Turn& turn) {
  using Kind = Part::Kind;
  std::vector<const Part*> texts, refusals, calls;
  bool thought = false;
  for (const Part& part : turn.parts) {
    if (part.kind == Kind::kReasoning) {
      const bool wanted = Deepseek() && IsPlain(part) && !part.text.empty();
      thought |= wanted;
      if (!wanted) losses_.Ignored(Where(part));
      NameLosses(part);
    } else if (part.kind == Kind::kToolCall) {
      NameLosses(part);
      if (part.custom && !Openai()) {
        losses_.Cannot(Where(part), "it has no custom tools");
        lost_calls_.insert(part.id.inside);
      } else {
        calls.push_back(&part);
        said_calls_.insert(part.id.inside);
      }
    } else if (part.kind == Kind::kRefusal && Openai()) {
      refusals.push_back(&part);
    } else if (part.kind == Kind::kText || part.kind == Kind::kRefusal) {
      NameLosses(part);
      if (!part.text.empty()) texts.push_back(&part);
    } else {
      losses_.Cannot(Where(part), "an answer of the model cannot hold it there");
      if (!part.id.empty()) lost_calls_.insert(part.id.inside);
    }
  }
  if (texts.empty() && refusals.empty() && calls.empty() && !thought) return;
  json_.Open('{').Key("role").Plain("assistant").Key("content");
  if (texts.empty() && (!calls.empty() || !refusals.empty())) {
    json_.Null();
  } else {
    WriteTexts(texts, {}, {});
  }
  if (!refusals.empty()) {
    std::string& out = json_.Key("refusal").Open('"').out();
    for (const Part* refusal : refusals) out += refusal->text.inside;
    json_.Close('"');
  }
  if (Deepseek()) WriteThoughts(turn);
  if (!calls.empty()) {
    json_.Key("tool_calls").Open('[');
    for (const Part* call : calls) WriteChatCall(*call, CallId(call->id), json_);
    json_.Close(']');
  }
  WriteName(turn);
  json_.Close('}');
}

// DeepSeek refuses a conversation with tools in which a turn of its own comes back without the thought; of a
// turn that another model thought for, or nobody, it gets an empty one.
void ChatMessageWriter::WriteThoughts(const Turn& turn) {
  const bool thinks = request_.thinking.mode != Thinking::Mode::kOff && !request_.thinking.effort.Is("none");
  const bool demanded = thinks && !request_.tools.empty();
  const auto wanted = [](const Part& part) { return part.kind == Part::Kind::kReasoning && IsPlain(part); };
  if (!demanded && std::none_of(turn.parts.begin(), turn.parts.end(), wanted)) return;
  std::string& out = json_.Key("reasoning_content").Open('"').out();
  for (const Part& part : turn.parts) {
    if (wanted(part)) out += part.text.inside;
  }
  json_.Close('"');
}

void ChatMessageWriter::WriteResults(const Turn& turn) {
  for (const Part& part : turn.parts) {
    const bool lost = lost_calls_.contains(part.id.inside);
    if (part.kind == Part::Kind::kToolResult && !lost) {
      if (said_calls_.contains(part.id.inside)) {
        WriteResult(part);
      } else {
        losses_.Cannot(part.id.inside, "there is no call before it that it answers");
      }
    } else {
      losses_.Cannot(Where(part), "it answers what could not be said there");
    }
  }
}

// A tool message holds text only: images and files follow in a message of the user. That the tool failed can
// only be said in words.
void ChatMessageWriter::WriteResult(const Part& result) {
  constexpr std::string_view kError = "Error: ";
  NameLosses(result);
  std::vector<const Part*> texts;
  std::size_t moved = 0;
  for (const Part& part : result.inner) {
    if (!CanSay(part)) continue;
    if (part.kind == Part::Kind::kText) {
      texts.push_back(&part);
    } else {
      moved_.push_back({result.id, &part});
      ++moved;
    }
  }
  json_.Open('{').Key("role").Plain("tool").Key("tool_call_id").Text(CallId(result.id)).Key("content");
  const bool says_so = !texts.empty() && base::StartsWithIgnoringCase(texts.front()->text.inside, "error");
  const std::string_view prefix = result.failed && !says_so ? kError : std::string_view();
  if (texts.empty() && moved > 0) {
    json_.Plain(std::string(prefix) + "the output is in the message that follows");
  } else {
    WriteTexts(texts, prefix, "\\n");
  }
  json_.Close('}');
}

void ChatMessageWriter::WriteMoved() {
  if (moved_.empty()) return;
  json_.Open('{').Key("role").Plain("user").Key("content").Open('[');
  JsonText call;
  for (const Moved& moved : moved_) {
    if (moved.call.inside.data() != call.inside.data()) {
      call = moved.call;
      std::string& out = json_.Open('{').Key("type").Plain("text").Key("text").Open('"').out();
      out.append("Output of the tool call ").append(call.inside).append(":");
      json_.Close('"').Close('}');
    }
    WritePart(*moved.part);
  }
  json_.Close(']').Close('}');
}

JsonText ChatMessageWriter::CallId(JsonText id) {
  if (!Openai() || id.inside.size() <= kChatCallIdMax) return id;
  return {made_ids_.emplace_back(MadeCallId(id, kChatCallIdMax))};
}

// What is said beside a part and has no word there. Some of it helps the provider and changes no answer:
// caching happens without it, and where an earlier answer came from it is not told.
void ChatMessageWriter::NameLosses(const Part& part) {
  if (!part.cache_raw.empty()) losses_.Ignored(part.cache_raw);
  if (!part.citations_raw.empty()) losses_.Ignored(part.citations_raw);
  if (!part.media.context.empty() && part.media.source != Source::kText) {
    losses_.Cannot(part.media.context.inside, "nothing is said of a file beside it");
  }
  if (!part.media.to_cite_raw.empty()) {
    losses_.Cannot(part.media.to_cite_raw, "it cites no documents");
  }
}

bool ChatMessageWriter::CanSay(const Part& part) {
  switch (part.kind) {
    case Part::Kind::kText:
      break;
    case Part::Kind::kImage:
      if (part.media.source == Source::kUrl || part.media.source == Source::kBase64) break;
      losses_.Cannot(Where(part), "it takes images by URL or base64 only");
      return false;
    case Part::Kind::kDocument:
      if (!CanSayDocument(part)) return false;
      break;
    case Part::Kind::kAudio:
      if (!CanSayAudio(part)) return false;
      break;
    case Part::Kind::kRefusal:
    case Part::Kind::kToolCall:
    case Part::Kind::kToolResult:
    case Part::Kind::kReasoning:
    case Part::Kind::kOther:
      losses_.Cannot(Where(part), "no message there holds such a part");
      return false;
  }
  NameLosses(part);
  return true;
}

bool ChatMessageWriter::CanSayDocument(const Part& part) {
  const Media& media = part.media;
  std::string_view why;
  if (media.source == Source::kText) {
    return true;  // becomes text
  } else if (Deepseek()) {
    why = "it takes no files";
  } else if (media.source == Source::kUrl) {
    why = "it takes files as base64 only";
  } else if (media.source == Source::kFileId &&
             (!Openai() || request_.operation == chat::Operation::kMessages)) {
    why = "a file that was uploaded elsewhere is not known there";
  } else if (media.source != Source::kNone) {
    return true;
  }
  losses_.Cannot(Where(part), why);
  return false;
}

// The word for an audio type, empty if there is none.
std::string_view AudioFormat(JsonText media_type) {
  constexpr std::array<std::array<std::string_view, 2>, 5> kFormats = {{{"audio/wav", "wav"},
                                                                        {"audio/x-wav", "wav"},
                                                                        {"audio/wave", "wav"},
                                                                        {"audio/mpeg", "mp3"},
                                                                        {"audio/mp3", "mp3"}}};
  for (const auto& format : kFormats) {
    if (media_type.Is(format[0])) return format[1];
  }
  constexpr std::string_view kPrefix = "audio/";
  return media_type.inside.starts_with(kPrefix) ? media_type.inside.substr(kPrefix.size())
                                                : std::string_view();
}

bool ChatMessageWriter::CanSayAudio(const Part& part) {
  const std::string_view format = AudioFormat(part.media.media_type);
  std::string_view why;
  if (Deepseek()) {
    why = "it takes no audio";
  } else if (part.media.source != Source::kBase64 || format.empty()) {
    why = "it takes audio as base64 of a known format only";
  } else if (Openai() && format != "wav" && format != "mp3") {
    why = "it takes wav and mp3 only";
  } else {
    return true;
  }
  losses_.Cannot(Where(part), why);
  return false;
}

void ChatMessageWriter::WritePart(const Part& part) {
  const Media& media = part.media;
  if (part.kind == Part::Kind::kDocument) return WriteDocument(part);
  json_.Open('{').Key("type");
  if (part.kind == Part::Kind::kImage) {
    json_.Plain("image_url").Key("image_url").Open('{').Key("url");
    if (media.source == Source::kUrl) {
      json_.Text(media.url);
    } else {
      json_.DataUrl(media.media_type, media.data);
    }
    if (!media.detail.empty()) json_.Key("detail").Text(media.detail);
    json_.Close('}');
  } else if (part.kind == Part::Kind::kAudio) {
    json_.Plain("input_audio").Key("input_audio").Open('{').Key("data").Text(media.data);
    json_.Key("format").Text({AudioFormat(media.media_type)}).Close('}');
  } else {
    json_.Plain("text").Key("text").Text(part.text);
  }
  json_.Close('}');
}

// A text document becomes text under its title; anything else is a file.
void ChatMessageWriter::WriteDocument(const Part& part) {
  const Media& media = part.media;
  json_.Open('{').Key("type");
  if (media.source == Source::kText) {
    std::string& out = json_.Plain("text").Key("text").Open('"').out();
    for (const JsonText lead : {media.filename, media.context}) {
      if (!lead.empty()) out.append(lead.inside).append("\\n\\n");
    }
    out += media.data.inside;
    json_.Close('"').Close('}');
    return;
  }
  json_.Plain("file").Key("file").Open('{');
  if (media.source == Source::kFileId) {
    json_.Key("file_id").Text(media.file_id);
    if (!media.filename.empty()) json_.Key("filename").Text(media.filename);
  } else {
    const bool pdf = media.media_type.Is("application/pdf");
    json_.Key("filename")
        .Text(media.filename.empty() ? JsonText{pdf ? "document.pdf" : "document"} : media.filename);
    json_.Key("file_data").DataUrl(media.media_type, media.data);
  }
  json_.Close('}').Close('}');
}

}  // namespace translate::internal
