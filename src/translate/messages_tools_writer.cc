#include <string>

#include "translate/messages_writing_internal.h"
#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

class ToolsWriter {
 public:
  ToolsWriter(const MessagesWriting& writing, JsonOut& json)
      : writing_(writing), request_(writing.request), losses_(writing.losses), json_(json) {}

  void Write() {
    const std::size_t mark = json_.out().size();
    json_.Key("tools").Open('[');
    for (const Tool& tool : request_.tools) any_ |= WriteTool(tool);
    json_.Close(']');
    if (!any_) json_.out().resize(mark);
    Choice();
  }

 private:
  bool WriteTool(const Tool& tool) {
    if (tool.kind != Tool::Kind::kFunction) {
      losses_.Cannot(tool.raw, tool.kind == Tool::Kind::kCustom ? "tools of free text do not exist there"
                                                                : "it runs at another provider");
      return false;
    }
    json_.Open('{').Key("name").Text(tool.name);
    if (!tool.description.empty()) json_.Key("description").Text(tool.description);
    json_.Key("input_schema");
    Schema(tool.schema_raw);
    if (tool.strict.value_or(false)) {
      if (writing_.ToDeepseek()) {
        losses_.Cannot(tool.strict_raw, "DeepSeek holds arguments to no schema there");
      } else {
        json_.Key("strict").Bool(true);
      }
    }
    WriteBreakpoint(writing_, tool.cache_raw, json_);
    json_.Close('}');
    return true;
  }

  // A schema says there that it is one of an object; one that says nothing means that.
  void Schema(std::string_view schema) {
    if (schema.empty()) {
      json_.Open('{').Key("type").Plain("object").Key("properties").Open('{').Close('}').Close('}');
      return;
    }
    wire::JsonCursor cursor(schema);
    bool typed = false;
    bool any = false;
    if (cursor.EnterObject()) {
      while (!typed && cursor.NextMember()) {
        any = true;
        typed = cursor.KeyIs("type");
      }
    }
    if (typed) {
      json_.Raw(schema);
      return;
    }
    json_.Open('{').Key("type").Plain("object");
    if (any) json_.out().append(",").append(schema.substr(1));
    if (!any) json_.Close('}');
  }

  bool HasTool(JsonText name) const {
    for (const Tool& tool : request_.tools) {
      if (tool.kind == Tool::Kind::kFunction && tool.name.Is(name.Plain())) return true;
    }
    return false;
  }

  void Choice() {
    using Kind = ToolChoice::Kind;
    const ToolChoice& choice = request_.tool_choice;
    const bool forced = choice.kind == Kind::kRequired || choice.kind == Kind::kNamed;
    if (choice.kind == Kind::kOther || (choice.kind == Kind::kNamed && choice.custom)) {
      losses_.Cannot(choice.raw, "the choice of tools there is auto, any, none or one by its name");
      Say("auto");
    } else if (!any_) {
      if (forced) losses_.Cannot(choice.raw, "there is no tool to choose there");
      if (!forced && !choice.raw.empty()) losses_.Ignored(choice.raw);
      if (!request_.parallel_raw.empty()) losses_.Ignored(request_.parallel_raw);
    } else if (choice.kind == Kind::kNone) {
      json_.Key("tool_choice").Open('{').Key("type").Plain("none").Close('}');
    } else if (!forced) {
      Say("auto");
    } else if (!writing_.model.forced_tools) {
      losses_.Cannot(choice.raw, "this model cannot be made to call a tool");
      Say("auto");
    } else if (choice.kind == Kind::kNamed && !HasTool(choice.name)) {
      losses_.Cannot(choice.raw, "the tool that it names cannot be said there");
      Say("auto");
    } else if (choice.kind == Kind::kRequired && writing_.ToDeepseek()) {
      losses_.Cannot(choice.raw, "DeepSeek takes it for auto there");
      Say("auto");
    } else {
      Say(choice.kind == Kind::kNamed ? "tool" : "any");
    }
  }

  // The choice and, with it, whether calls may stand side by side.
  void Say(std::string_view type) {
    const bool single = any_ && request_.parallel_tools == false;
    if (single && writing_.ToDeepseek() && !request_.parallel_raw.empty())
      losses_.Ignored(request_.parallel_raw);
    const bool says_single = single && !writing_.ToDeepseek();
    const bool said = request_.tool_choice.kind == ToolChoice::Kind::kUnset;
    if (!any_ || (type == "auto" && said && !says_single)) return;
    json_.Key("tool_choice").Open('{').Key("type").Plain(type);
    if (type == "tool") json_.Key("name").Text(request_.tool_choice.name);
    if (says_single) json_.Key("disable_parallel_tool_use").Bool(true);
    json_.Close('}');
  }

  const MessagesWriting& writing_;
  const Request& request_;
  Losses& losses_;
  JsonOut& json_;
  bool any_ = false;
};

}  // namespace

void WriteMessagesTools(const MessagesWriting& writing, JsonOut& json) {
  ToolsWriter(writing, json).Write();
}

}  // namespace translate::internal
