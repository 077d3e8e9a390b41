#include "sim/responses_input.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "sim/answer.h"
#include "sim/json_find.h"
#include "sim/messages_prompt.h"
#include "sim/signature.h"

namespace sim {
namespace {

using wire::JsonValue;

constexpr std::size_t kItemsMax = 100'000;

// Items of tools that the provider runs itself, and others that are only counted.
bool IsOnlyCounted(std::string_view type) {
  static constexpr auto kTypes = std::to_array<std::string_view>({"web_search_call",
                                                                  "file_search_call",
                                                                  "computer_call",
                                                                  "computer_call_output",
                                                                  "code_interpreter_call",
                                                                  "image_generation_call",
                                                                  "local_shell_call",
                                                                  "local_shell_call_output",
                                                                  "shell_call",
                                                                  "shell_call_output",
                                                                  "apply_patch_call",
                                                                  "apply_patch_call_output",
                                                                  "mcp_call",
                                                                  "mcp_list_tools",
                                                                  "mcp_approval_request",
                                                                  "mcp_approval_response",
                                                                  "tool_search_call",
                                                                  "tool_search_output",
                                                                  "additional_tools",
                                                                  "compaction",
                                                                  "compaction_trigger"});
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

std::string At(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

bool IsImageUrl(std::string_view url) {
  return url.starts_with("https://") || url.starts_with("http://") || url.starts_with("data:image/");
}

}  // namespace

ErrorReply WrongParameter(std::string message, std::string param, std::string_view code, int status) {
  return {.status = status,
          .message = std::move(message),
          .type = "invalid_request_error",
          .code = code,
          .param = std::move(param)};
}

ErrorReply WrongType(const std::string& param, std::string_view wanted) {
  return WrongParameter("Invalid type for '" + param + "': expected " + std::string(wanted) + ".", param,
                        "invalid_type");
}

ErrorReply WrongValue(const std::string& param, std::string_view value, std::string_view allowed) {
  return WrongParameter(
      "Invalid value: '" + std::string(value) + "'. Supported values are: " + std::string(allowed) + ".",
      param, "invalid_value");
}

ErrorReply MissingParameter(const std::string& param) {
  return WrongParameter("Missing required parameter: '" + param + "'.", param, "missing_required_parameter");
}

void AppendMessageTokens(TokenHashes& tokens, std::string_view role, std::string_view text) {
  AppendMarkers(tokens, role, kItemTokens);
  AppendTokenHashes(tokens, text);
}

void AppendCallTokens(TokenHashes& tokens, std::string_view name, std::string_view arguments) {
  AppendMarkers(tokens, "call", kItemTokens);
  AppendTokenHashes(tokens, name);
  AppendTokenHashes(tokens, arguments);
}

bool ResponsesInput::Fail(ErrorReply problem) {
  problem_ = std::move(problem);
  return false;
}

bool ResponsesInput::Read(const JsonValue& input, Conversation& into) {
  if (input.IsString()) {
    ResponseItem item{.role = "user", .text = input.Text()};
    AppendMessageTokens(item.tokens, item.role, item.text);
    into.push_back(std::make_shared<const ResponseItem>(std::move(item)));
    return true;
  }
  if (!input.IsArray()) return Fail(WrongType("input", "a string or an array of items"));
  bool good = true;
  std::size_t index = 0;
  ForEachElement(input.raw, [&](const JsonValue& value) {
    const std::string path = At("input", index++);
    good = good && (index <= kItemsMax || Fail(WrongType("input", "at most 100000 items"))) &&
           ReadItem(value, path, into);
  });
  return good;
}

bool ResponsesInput::CheckCalls(const Conversation& whole) {
  std::unordered_set<std::string_view> calls, outputs;
  for (const auto& item : whole) {
    if (item->kind == ResponseItem::Kind::kCall) calls.insert(item->call_id);
    if (item->kind != ResponseItem::Kind::kCallOutput) continue;
    outputs.insert(item->call_id);
    if (calls.count(item->call_id) > 0) continue;
    return Fail(WrongParameter(
        "No tool call found for function call output with call_id " + item->call_id + ".", "input", {}));
  }
  for (const std::string_view call : calls) {
    if (outputs.count(call) > 0) continue;
    return Fail(
        WrongParameter("No tool output found for function call " + std::string(call) + ".", "input", {}));
  }
  return true;
}

bool ResponsesInput::ReadItem(const JsonValue& value, const std::string& path, Conversation& into) {
  if (!value.IsObject()) return Fail(WrongType(path, "an object"));
  const std::string type = FindText(value.raw, "type");
  ResponseItem item;
  item.id = FindText(value.raw, "id");
  bool good = true;
  if (type == "message" || (type.empty() && FindMember(value.raw, "role"))) {
    good = ReadMessage(value.raw, path, item);
  } else if (type == "function_call" || type == "custom_tool_call") {
    good = ReadCall(value.raw, path, type == "custom_tool_call", item);
  } else if (type == "function_call_output" || type == "custom_tool_call_output") {
    good = ReadOutput(value.raw, path, item);
  } else if (type == "reasoning") {
    good = ReadReasoning(value.raw, path, item);
  } else if (type == "item_reference" || (type.empty() && !item.id.empty())) {
    auto kept = find_(item.id);
    if (!kept) return Fail(WrongParameter("Item with id '" + item.id + "' not found.", "input", {}, 404));
    into.push_back(std::move(kept));
    return true;
  } else if (IsOnlyCounted(type)) {
    item.kind = ResponseItem::Kind::kOther;
    AppendMarkers(item.tokens, type, kItemTokens);
    AppendTokenHashes(item.tokens, value.raw);
  } else {
    return Fail(WrongValue(path + ".type", type,
                           "'message', 'reasoning', 'function_call', 'function_call_output', "
                           "'custom_tool_call', 'custom_tool_call_output', 'item_reference' and the items of "
                           "hosted tools"));
  }
  if (good) into.push_back(std::make_shared<const ResponseItem>(std::move(item)));
  return good;
}

bool ResponsesInput::HasId(const std::string& path, std::string_view prefix, const ResponseItem& item) {
  if (item.id.empty() || item.id.starts_with(prefix)) return true;
  return Fail(WrongParameter("Invalid '" + path + ".id': '" + item.id +
                                 "'. Expected an ID that begins with '" + std::string(prefix) + "'.",
                             path + ".id", "invalid_value"));
}

bool ResponsesInput::ReadMessage(std::string_view object, const std::string& path, ResponseItem& item) {
  item.role = FindText(object, "role");
  if (item.role != "user" && item.role != "assistant" && item.role != "system" && item.role != "developer") {
    return Fail(WrongValue(path + ".role", item.role, "'assistant', 'system', 'developer', and 'user'"));
  }
  const auto content = FindMember(object, "content");
  if (!content) return Fail(MissingParameter(path + ".content"));
  AppendMarkers(item.tokens, item.role, kItemTokens);
  return (item.role != "assistant" || HasId(path, "msg", item)) &&
         ReadContent(*content, path + ".content", item);
}

bool ResponsesInput::ReadContent(const JsonValue& content, const std::string& path, ResponseItem& item) {
  if (content.IsString()) {
    item.text = content.Text();
    AppendTokenHashes(item.tokens, item.text);
    return true;
  }
  if (!content.IsArray()) return Fail(WrongType(path, "a string or an array of content parts"));
  bool good = true;
  std::size_t index = 0;
  ForEachElement(content.raw, [&](const JsonValue& part) {
    const std::string at = At(path, index++);
    good = good && ReadPart(part, at, item);
  });
  return good;
}

bool ResponsesInput::ReadPart(const JsonValue& part, const std::string& path, ResponseItem& item) {
  const std::string type = FindText(part.raw, "type");
  const bool said = item.role == "assistant";
  if (said ? type == "output_text" || type == "refusal" : type == "input_text") {
    const auto text = FindMember(part.raw, type == "refusal" ? "refusal" : "text");
    if (!text || !text->IsString()) return Fail(MissingParameter(path + ".text"));
    const std::string words = text->Text();
    AppendTokenHashes(item.tokens, words);
    if (!item.text.empty()) item.text += '\n';
    item.text += words;
    return true;
  }
  if (!said && type == "input_image") return ReadImage(part.raw, path, item);
  if (!said && type == "input_file") {
    if (!FindMember(part.raw, "file_data") && !FindMember(part.raw, "file_id") &&
        !FindMember(part.raw, "file_url")) {
      return Fail(MissingParameter(path + ".file_id"));
    }
    AppendMarkers(item.tokens, part.raw, kFileTokens);
    return true;
  }
  return Fail(
      WrongValue(path + ".type", type,
                 said ? "'output_text' and 'refusal'" : "'input_text', 'input_image', and 'input_file'"));
}

bool ResponsesInput::ReadImage(std::string_view part, const std::string& path, ResponseItem& item) {
  const auto url = FindMember(part, "image_url");
  if (!url && !FindMember(part, "file_id")) return Fail(MissingParameter(path + ".image_url"));
  if (url && (!url->IsString() || !IsImageUrl(url->Text()))) {
    return Fail(WrongParameter("Invalid '" + path +
                                   ".image_url'. Expected a valid URL, or a base64-encoded data URL "
                                   "of an image.",
                               path + ".image_url", "invalid_value"));
  }
  ++item.images;
  AppendMarkers(item.tokens, part, kImageTokens);
  return true;
}

bool ResponsesInput::ReadCall(std::string_view object, const std::string& path, bool custom,
                              ResponseItem& item) {
  item.kind = ResponseItem::Kind::kCall;
  item.call_id = FindText(object, "call_id");
  const std::string name = FindText(object, "name");
  const auto arguments = FindMember(object, custom ? "input" : "arguments");
  if (item.call_id.empty()) return Fail(MissingParameter(path + ".call_id"));
  if (name.empty()) return Fail(MissingParameter(path + ".name"));
  if (!arguments) return Fail(MissingParameter(path + (custom ? ".input" : ".arguments")));
  if (!arguments->IsString()) return Fail(WrongType(path + (custom ? ".input" : ".arguments"), "a string"));
  AppendCallTokens(item.tokens, name, arguments->Text());
  return HasId(path, custom ? "ctc" : "fc", item);
}

bool ResponsesInput::ReadOutput(std::string_view object, const std::string& path, ResponseItem& item) {
  item.kind = ResponseItem::Kind::kCallOutput;
  item.call_id = FindText(object, "call_id");
  if (item.call_id.empty()) return Fail(MissingParameter(path + ".call_id"));
  const auto output = FindMember(object, "output");
  if (!output) return Fail(MissingParameter(path + ".output"));
  AppendMarkers(item.tokens, "output", kItemTokens);
  return ReadContent(*output, path + ".output", item);
}

bool ResponsesInput::ReadReasoning(std::string_view object, const std::string& path, ResponseItem& item) {
  item.kind = ResponseItem::Kind::kReasoning;
  const auto summary = FindMember(object, "summary");
  if (!summary || !summary->IsArray()) return Fail(MissingParameter(path + ".summary"));
  if (!HasId(path, "rs", item)) return false;
  if (const auto sealed = FindMember(object, "encrypted_content")) {
    if (sealed->IsString() && IsSealed(seed_, sealed->Text())) return true;
    return Fail(
        WrongParameter("The encrypted content for item " + item.id +
                           " could not be verified. Reason: Encrypted content could not be decrypted or "
                           "parsed.",
                       {}, "invalid_encrypted_content"));
  }
  if (find_(item.id)) return true;
  return Fail(
      WrongParameter("Item with id '" + item.id +
                         "' not found. Items are not persisted when 'store' is false: set it to true, or "
                         "leave this item out.",
                     "input", {}, 404));
}

}  // namespace sim
