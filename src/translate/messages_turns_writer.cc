#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/ascii.h"
#include "translate/call_id_internal.h"
#include "translate/carried.h"
#include "translate/messages_writing_internal.h"
#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

bool IsSystem(const Turn& turn) {
  return turn.role == Role::kSystem || turn.role == Role::kDeveloper;
}
bool IsUser(const Turn& turn) {
  return turn.role == Role::kUser || turn.role == Role::kTool;
}

class TurnsWriter {
 public:
  TurnsWriter(const MessagesWriting& writing, JsonOut& json)
      : writing_(writing), turns_(writing.request.turns), losses_(writing.losses), json_(json) {}

  // The messages come first, so that what cannot be said among them can still move to the system text.
  void Write() {
    SortOut();
    json_.Key("messages").Open('[');
    const std::size_t empty = json_.out().size();
    std::size_t i = 0;
    while (i < said_.size()) i = IsSystem(*said_[i]) ? LaterSystem(i) : Message(i);
    if (json_.out().size() == empty && !system_.empty()) OnlySystem();
    json_.Close(']');
    WriteSystem();
  }

 private:
  using Group = std::vector<const Turn*>;
  enum class Spoke : std::uint8_t { kNobody, kUser, kAssistant, kSystem };

  // Which turns are messages, and which go before the conversation.
  void SortOut() {
    std::size_t i = 0;
    while (i < turns_.size() && IsSystem(turns_[i])) system_.push_back(&turns_[i++]);
    while (i < turns_.size()) {
      if (!IsSystem(turns_[i])) {
        said_.push_back(&turns_[i++]);
        continue;
      }
      std::size_t end = i;
      while (end < turns_.size() && IsSystem(turns_[end])) ++end;
      const bool in_place = IsUser(*said_.back()) && (end == turns_.size() || !IsUser(turns_[end]));
      for (; i < end; ++i) {
        if (writing_.model.later_system && in_place) {
          said_.push_back(&turns_[i]);
        } else {
          MoveAway(turns_[i]);
        }
      }
    }
  }

  void MoveAway(const Turn& turn) {
    losses_.Cannot(turn.raw, writing_.model.later_system
                                 ? "system text stands behind a turn of the user and before an answer there"
                                 : "this model takes system text only before the conversation");
    system_.push_back(&turn);
  }

  // A run of system turns within the conversation. It answers where the next message begins.
  std::size_t LaterSystem(std::size_t begin) {
    std::size_t end = begin;
    while (end < said_.size() && IsSystem(*said_[end])) ++end;
    if (spoke_ != Spoke::kUser) {  // the turn before it came to nothing
      for (std::size_t i = begin; i < end; ++i) MoveAway(*said_[i]);
      return end;
    }
    const std::size_t mark = json_.out().size();
    json_.Open('{').Key("role").Plain("system").Key("content");
    if (end - begin == 1 && IsOneText(said_[begin]->parts)) {
      Name(*said_[begin]);
      Plain(said_[begin]->parts[0]);
      json_.Close('}');
      spoke_ = Spoke::kSystem;
      return end;
    }
    json_.Open('[');
    bool any = false;
    for (std::size_t i = begin; i < end; ++i) any |= SystemBlocks(*said_[i]);
    End(mark, any, Spoke::kSystem);
    return end;
  }

  // A conversation is begun by the user; who sent nothing but system text has the last of it said so.
  void OnlySystem() {
    const Turn& last = *system_.back();
    losses_.Cannot(last.raw, "a conversation there needs a turn of the user");
    system_.pop_back();
    const std::size_t mark = Begin("user");
    End(mark, SystemBlocks(last), Spoke::kUser);
  }

  void WriteSystem() {
    if (system_.empty()) return;
    const std::size_t mark = json_.out().size();
    json_.Key("system");
    if (system_.size() == 1 && IsOneText(system_[0]->parts)) {
      Name(*system_[0]);
      Plain(system_[0]->parts[0]);
      return;
    }
    json_.Open('[');
    bool any = false;
    for (const Turn* turn : system_) any |= SystemBlocks(*turn);
    json_.Close(']');
    if (!any) json_.out().resize(mark);
  }

  bool SystemBlocks(const Turn& turn) {
    Name(turn);
    bool any = false;
    for (const Part& part : turn.parts) {
      if (part.kind == Part::Kind::kText) {
        any |= Text(part);
      } else {
        losses_.Cannot(part.raw, "system text is only text there");
      }
    }
    return any;
  }

  void Name(const Turn& turn) {
    if (!turn.name.empty()) losses_.Cannot(turn.name.inside, "nobody has a name there");
  }

  // A text that is a string by itself, as IsOneText has found.
  void Plain(const Part& part) {
    if (!part.cache_raw.empty()) losses_.Ignored(part.cache_raw);
    json_.Text(part.text);
  }

  bool IsOneText(const std::vector<Part>& parts) const {
    return parts.size() == 1 && parts[0].kind == Part::Kind::kText &&
           (parts[0].cache_raw.empty() || writing_.ToDeepseek()) && parts[0].citations_raw.empty() &&
           !IsBlank(parts[0].text);
  }

  // The message that the turns from `begin` on make together. It answers where the next one begins.
  std::size_t Message(std::size_t begin) {
    const bool user = IsUser(*said_[begin]);
    Group group;
    std::size_t end = begin;
    while (end < said_.size() && !IsSystem(*said_[end]) && IsUser(*said_[end]) == user) {
      group.push_back(said_[end++]);
    }
    if (user) {
      UserMessage(group);
    } else if (MayAnswer(group, end == said_.size())) {
      AssistantMessage(group);
    }
    return end;
  }

  // A message of one text. False, and nothing is written, if the group is more or less.
  bool OneText(const Group& group, std::string_view role, Spoke who) {
    for (const Turn* turn : group) Name(*turn);
    if (group.size() != 1 || !IsOneText(group[0]->parts)) return false;
    json_.Open('{').Key("role").Plain(role).Key("content");
    Plain(group[0]->parts[0]);
    json_.Close('}');
    spoke_ = who;
    return true;
  }

  // Where the message began, its content being open.
  std::size_t Begin(std::string_view role) {
    const std::size_t mark = json_.out().size();
    json_.Open('{').Key("role").Plain(role).Key("content").Open('[');
    return mark;
  }

  // Of a message that has come to nothing nothing stays.
  void End(std::size_t mark, bool any, Spoke who) {
    json_.Close(']').Close('}');
    if (any) {
      spoke_ = who;
    } else {
      json_.out().resize(mark);
    }
  }

  void UserMessage(const Group& group) {
    if (OneText(group, "user", Spoke::kUser)) return;
    const std::size_t mark = Begin("user");
    bool any = false;
    for (const Turn* turn : group) {  // results stand first, wherever they were said
      if (turn->role != Role::kTool) continue;
      for (const Part& part : turn->parts) any |= Result(part);
    }
    for (const Turn* turn : group) {
      if (turn->role != Role::kUser) continue;
      bool said = false;
      for (const Part& part : turn->parts) said |= UserPart(part);
      if (!said) losses_.Cannot(turn->raw, "a turn of the user says something there");
      any |= said;
    }
    End(mark, any, Spoke::kUser);
  }

  bool UserPart(const Part& part) {
    switch (part.kind) {
      case Part::Kind::kText:
      case Part::Kind::kRefusal:
        return Text(part);
      case Part::Kind::kImage:
      case Part::Kind::kDocument:
        return WriteMedia(writing_, part, json_);
      case Part::Kind::kToolResult:
        return Result(part);
      case Part::Kind::kAudio:
      case Part::Kind::kToolCall:
      case Part::Kind::kReasoning:
      case Part::Kind::kOther:
        break;
    }
    losses_.Cannot(part.raw, "no turn of a user has such a part there");
    return false;
  }

  // Whether the assistant may speak here.
  bool MayAnswer(const Group& group, bool last) {
    std::string_view why;
    if (spoke_ == Spoke::kNobody) {
      why = "a conversation is begun by the user there";
    } else if (last && (!writing_.model.prefill || writing_.plan.Thinks())) {
      why = "this model does not go on with an answer that was begun";
    } else {
      return true;
    }
    for (const Turn* turn : group) {
      losses_.Cannot(turn->raw, why);
      for (const Part& part : turn->parts) {
        if (part.kind == Part::Kind::kToolCall) dropped_calls_.insert(part.id.inside);
      }
    }
    return false;
  }

  void AssistantMessage(const Group& group) {
    if (OneText(group, "assistant", Spoke::kAssistant)) return;
    const std::size_t mark = Begin("assistant");
    bool any = false;  // but for thoughts, which are no message by themselves
    for (const Turn* turn : group) {
      for (const Part& part : turn->parts) any |= AssistantPart(part);
    }
    if (!any) {
      for (const Turn* turn : group) losses_.Ignored(turn->raw);
    }
    End(mark, any, Spoke::kAssistant);
  }

  bool AssistantPart(const Part& part) {
    switch (part.kind) {
      case Part::Kind::kText:
      case Part::Kind::kRefusal:
        return Text(part);
      case Part::Kind::kReasoning:
        Thought(part);
        return false;
      case Part::Kind::kToolCall:
        return Call(part);
      case Part::Kind::kImage:
      case Part::Kind::kDocument:
      case Part::Kind::kAudio:
      case Part::Kind::kToolResult:
      case Part::Kind::kOther:
        break;
    }
    losses_.Cannot(part.raw, "no answer has such a part there");
    return false;
  }

  bool Text(const Part& part) {
    if (IsBlank(part.text)) {
      if (!part.text.empty()) losses_.Ignored(part.text.inside);
      if (!part.cache_raw.empty()) losses_.Ignored(part.cache_raw);
      return false;
    }
    json_.Open('{').Key("type").Plain("text").Key("text").Text(part.text);
    if (!part.citations_raw.empty()) {
      // Citations of other dialects point at what the provider has never seen.
      if (writing_.request.operation == chat::Operation::kMessages) {
        json_.Key("citations").Raw(part.citations_raw);
      } else {
        losses_.Ignored(part.citations_raw);
      }
    }
    WriteBreakpoint(writing_, part.cache_raw, json_);
    json_.Close('}');
    return true;
  }

  // Thoughts are given back to who thought them. DeepSeek checks no seal, reads what is in plain text, and
  // wants each of its own back.
  bool Reads(const Part& part) const {
    if (IsOwnThought(part, chat::Operation::kMessages, maker_)) return true;
    return writing_.ToDeepseek() && part.mind != Mind::kOpenai && !part.redacted;
  }

  void Thought(const Part& part) {
    if (!Reads(part)) {
      losses_.Ignored(part.raw);
      return;
    }
    json_.Open('{').Key("type");
    if (part.redacted) {
      json_.Plain("redacted_thinking").Key("data").Text(part.signature);
    } else {
      json_.Plain("thinking").Key("thinking").Text(part.text).Key("signature").Text(part.signature);
    }
    json_.Close('}');
  }

  bool Call(const Part& part) {
    if (part.custom) return DropCall(part, part.raw, "tools of free text do not exist there");
    std::string plain;
    std::string_view input = part.input_raw;
    if (input.empty()) {
      plain = part.arguments.Plain();
      input = base::TrimBlanks(plain);
      if (input.empty()) input = "{}";
      const auto object = wire::ScanJson(input);
      if (!object || !object->IsObject()) {
        return DropCall(part, part.arguments.inside, "arguments are a JSON object there");
      }
    }
    said_calls_.insert(part.id.inside);
    json_.Open('{').Key("type").Plain("tool_use").Key("id");
    WriteMessagesCallId(part.id, json_);
    json_.Key("name").Text(part.name).Key("input").Raw(input);
    WriteBreakpoint(writing_, part.cache_raw, json_);
    json_.Close('}');
    return true;
  }

  bool DropCall(const Part& part, std::string_view where, std::string_view why) {
    losses_.Cannot(where.empty() ? part.raw : where, why);
    dropped_calls_.insert(part.id.inside);
    return false;
  }

  bool Result(const Part& part) {
    if (dropped_calls_.contains(part.id.inside)) {
      losses_.Cannot(part.raw, "the call that it answers cannot be said there");
      return false;
    }
    if (!said_calls_.contains(part.id.inside)) {
      losses_.Cannot(part.id.inside, "there is no call before it that it answers");
      return false;
    }
    json_.Open('{').Key("type").Plain("tool_result").Key("tool_use_id");
    WriteMessagesCallId(part.id, json_);
    if (IsOneText(part.inner)) {
      json_.Key("content");
      Plain(part.inner[0]);
    } else if (!part.inner.empty()) {
      const std::size_t mark = json_.out().size();
      json_.Key("content").Open('[');
      bool any = false;
      for (const Part& inner : part.inner) any |= ResultPart(inner);
      json_.Close(']');
      if (!any) json_.out().resize(mark);
    }
    if (part.failed) json_.Key("is_error").Bool(true);
    WriteBreakpoint(writing_, part.cache_raw, json_);
    json_.Close('}');
    return true;
  }

  bool ResultPart(const Part& part) {
    if (part.kind == Part::Kind::kText || part.kind == Part::Kind::kRefusal) return Text(part);
    if (part.kind == Part::Kind::kImage || part.kind == Part::Kind::kDocument) {
      return WriteMedia(writing_, part, json_);
    }
    losses_.Cannot(part.raw, "no result of a tool has such a part there");
    return false;
  }

  const MessagesWriting& writing_;
  const std::string maker_ =
      MakerOf(chat::Operation::kMessages, writing_.target.flavour, writing_.target.provider);
  const std::vector<Turn>& turns_;
  Losses& losses_;
  JsonOut& json_;
  Group said_;                                          // the conversation, system turns within it included
  Group system_;                                        // what goes before it
  std::unordered_set<std::string_view> said_calls_;     // their ids
  std::unordered_set<std::string_view> dropped_calls_;  // the same
  Spoke spoke_ = Spoke::kNobody;                        // in the last message written
};

}  // namespace

void WriteMessagesTurns(const MessagesWriting& writing, JsonOut& json) {
  TurnsWriter(writing, json).Write();
}

bool IsBlank(JsonText text) {
  for (std::size_t i = 0; i < text.inside.size(); ++i) {
    const char c = text.inside[i];
    if (c == '\\') {
      const char escaped = text.inside[++i];
      if (escaped != 'n' && escaped != 't' && escaped != 'r') return false;
    } else if (c != ' ') {
      return false;
    }
  }
  return true;
}

void WriteBreakpoint(const MessagesWriting& writing, std::string_view cache_raw, JsonOut& json) {
  if (cache_raw.empty()) return;
  if (writing.ToDeepseek()) {
    writing.losses.Ignored(cache_raw);
  } else {
    json.Key("cache_control").Raw(cache_raw);
  }
}

void WriteMessagesCallId(JsonText id, JsonOut& json) {
  const auto fits = [](char c) { return base::IsAlnum(c) || c == '_' || c == '-'; };
  if (!id.empty() && std::all_of(id.inside.begin(), id.inside.end(), fits)) {
    json.Text(id);
  } else {
    json.Plain(MadeCallId(id, kMessagesCallIdMax));
  }
}

}  // namespace translate::internal
