#include "translate/responses_generator_for_test.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "wire/json_scanner.h"

namespace translate {
namespace {

using wire::JsonCursor;
using wire::JsonValue;

constexpr std::string_view kAsked =
    R"("background":false,"instructions":null,"max_output_tokens":null,"max_tool_calls":null,"metadata":{},)"
    R"("parallel_tool_calls":true,"previous_response_id":null,"prompt_cache_key":null,)"
    R"("reasoning":{"effort":null,"summary":null},"safety_identifier":null,"store":false,"temperature":1.0,)"
    R"("text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,)"
    R"("truncation":"disabled")";

std::string Joined(const std::vector<std::string>& values) {
  std::string all;
  for (const std::string& value : values) {
    if (!all.empty() && !value.empty()) all += ',';
    all += value;
  }
  return all;
}

// The member `name` of `object`, which has it.
JsonValue Member(std::string_view object, std::string_view name) {
  JsonCursor cursor(object);
  cursor.EnterObject();
  JsonValue found;
  while (cursor.NextMember()) {
    const bool is = cursor.KeyIs(name);
    const JsonValue value = cursor.Take();
    if (is) found = value;
  }
  return found;
}

}  // namespace

std::string ResponsesGenerator::Word() {
  constexpr std::array<std::string_view, 8> kWords = {"rain", "sun",  "a",  "Bonn",
                                                      "x1",   "tool", "ok", "seven"};
  return std::string(kWords[random_.Below(kWords.size())]);
}

std::string ResponsesGenerator::Text() {
  constexpr std::array<std::string_view, 10> kPieces = {
      " ", "\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "\xE4\xBD\xA0", "\xF0\x9F\x8C\xA7", "/", "{}"};
  std::string text = Word();
  for (std::uint64_t i = random_.Below(8); i > 0; --i) {
    text += OneIn(2) ? Word() : std::string(kPieces[random_.Below(kPieces.size())]);
  }
  return '"' + text + '"';
}

std::string ResponsesGenerator::Object() {
  std::string object = "{";
  for (std::uint64_t i = random_.Below(3); i > 0; --i) {
    object += "\"k" + std::to_string(i) + "\":" + (OneIn(2) ? Text() : std::to_string(random_.Below(1000)));
    if (i > 1) object += ',';
  }
  return object + '}';
}

std::string ResponsesGenerator::Request(Reach reach) {
  calls_ = 0;
  std::string request = R"({"model":"gpt-5.2")";
  if (OneIn(2)) request += R"(,"stream":true)";
  if (OneIn(2)) request += R"(,"instructions":)" + Text();
  request += R"(,"input":[)" + Turns(reach) + "]" + Settings(reach);
  request += R"(,"store":false,"include":["reasoning.encrypted_content")";
  if (reach == Reach::kOwn && OneIn(4)) request += R"(,"message.output_text.logprobs")";
  return request + "]}";
}

std::string ResponsesGenerator::Turns(Reach reach) {
  std::vector<std::string> turns;
  if (reach == Reach::kOwn && OneIn(4)) {
    turns.push_back(R"({"type":"message","role":"developer","content":)" + Content(Reach::kEverywhere) + "}");
  }
  turns.push_back(UserMessage(reach));
  for (std::uint64_t i = random_.Below(3); i > 0; --i) {
    turns.push_back(AssistantTurn(reach));
    turns.push_back(UserMessage(reach));
  }
  return Joined(turns);
}

std::string ResponsesGenerator::UserMessage(Reach reach) {
  return R"({"type":"message","role":"user","content":)" + Content(reach) + "}";
}

std::string ResponsesGenerator::Content(Reach reach) {
  if (OneIn(2)) return Text();
  std::string list = R"([{"type":"input_text","text":)" + Text() + "}";
  for (std::uint64_t i = 1 + random_.Below(2); i > 0; --i) list += ',' + Part(reach);
  return list + "]";
}

std::string ResponsesGenerator::Part(Reach reach) {
  switch (random_.Below(reach == Reach::kOwn ? 6 : 4)) {
    case 0:
      return R"({"type":"input_image","detail":"auto","image_url":"https://x/)" + Word() + ".png\"}";
    case 1:
      return R"({"type":"input_image","detail":"auto","image_url":"data:image/png;base64,iVBORw0KGgo="})";
    case 2:
      return R"({"type":"input_file","file_data":"data:application/pdf;base64,JVBERi0=","filename":")" +
             Word() + ".pdf\"}";
    case 3:
      return R"({"type":"input_text","text":)" + Text() + "}";
    case 4:
      return R"({"type":"input_image","detail":"high","file_id":"file-1"})";
    default:
      return R"({"type":"input_file","file_url":"https://x/a.pdf"})";
  }
}

std::string ResponsesGenerator::Output(Reach reach) {
  return reach == Reach::kOwn && OneIn(3) ? Content(reach) : Text();
}

// What the assistant did, and the results of what it called.
std::string ResponsesGenerator::AssistantTurn(Reach reach) {
  std::vector<std::string> items;
  std::vector<std::string> results;
  if (reach == Reach::kOwn && OneIn(2)) {
    items.push_back(R"({"type":"reasoning","id":"rs_)" + Word() + R"(","summary":[)" +
                    (OneIn(2) ? R"({"type":"summary_text","text":)" + Text() + "}" : "") +
                    R"(],"encrypted_content":"gAAA)" + Word() + "\"}");
  }
  if (OneIn(2)) {
    items.push_back(R"({"type":"message","role":"assistant","content":)" + Text() + "}");
  } else if (reach == Reach::kOwn && OneIn(2)) {
    items.push_back(R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":)" +
                    Text() + R"(},{"type":"refusal","refusal":)" + Text() + "}]}");
  }
  for (std::uint64_t i = items.empty() ? 1 : random_.Below(3); i > 0 || results.empty(); --i) {
    const std::string id = "call_" + std::to_string(calls_++);
    const bool custom = reach == Reach::kOwn && OneIn(4);
    const std::string prefix = custom ? R"({"type":"custom_tool_call)" : R"({"type":"function_call)";
    std::string arguments = "\"";
    for (const char c : Object())
      arguments += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    items.push_back(prefix + R"(","call_id":")" + id + R"(","name":")" + Word() +
                    (custom ? R"(","input":)" + Text() : R"(","arguments":)" + arguments + '"') + "}");
    const bool failed = !custom && reach == Reach::kOwn && OneIn(4);
    results.push_back((custom ? R"({"type":"custom_tool_call_output)" : R"({"type":"function_call_output)") +
                      std::string(R"(","call_id":")") + id +
                      (failed ? R"(","status":"incomplete","output":"Error: )" + Word() + '"'
                              : R"(","output":)" + Output(reach)) +
                      "}");
    if (i == 0) break;
  }
  items.insert(items.end(), results.begin(), results.end());
  return Joined(items);
}

std::string ResponsesGenerator::Tools(Reach reach) {
  std::string tools = R"(,"tools":[{"type":"function","name":"f1","description":)" + Text() +
                      R"(,"parameters":{"type":"object","properties":{"a":{"type":"string"}}},"strict":)" +
                      (reach == Reach::kOwn && OneIn(2) ? "true" : "false") + "}";
  if (reach == Reach::kOwn && OneIn(2)) {
    tools += R"(,{"type":"custom","name":"g1","format":{"type":"grammar","syntax":"lark","definition":)" +
             Text() + "}}";
  }
  tools += "]";
  if (OneIn(3)) tools += R"(,"parallel_tool_calls":false)";
  constexpr std::array<std::string_view, 4> kChoices = {R"("auto")", R"("none")", R"("required")",
                                                        R"({"type":"function","name":"f1"})"};
  if (OneIn(2)) tools += R"(,"tool_choice":)" + std::string(kChoices[random_.Below(kChoices.size())]);
  return tools;
}

std::string ResponsesGenerator::Settings(Reach reach) {
  std::string settings;
  if (OneIn(2)) settings += R"(,"max_output_tokens":)" + std::to_string(16 + random_.Below(5000));
  if (OneIn(2)) settings += Tools(reach);
  if (reach == Reach::kEverywhere) return settings;
  if (OneIn(3)) settings += R"(,"temperature":0.)" + std::to_string(random_.Below(10));
  if (OneIn(3)) settings += R"(,"top_p":0.5)";
  if (OneIn(3)) settings += R"(,"safety_identifier":)" + Text();
  if (OneIn(4)) settings += R"(,"top_logprobs":2)";
  if (OneIn(4)) settings += R"(,"metadata":{"k":)" + Text() + "}";
  if (OneIn(4)) settings += R"(,"service_tier":"flex")";
  if (OneIn(4)) settings += R"(,"prompt_cache_key":)" + Text();
  if (OneIn(4)) settings += R"(,"prompt_cache_retention":"24h")";
  if (OneIn(3)) settings += R"(,"reasoning":{"effort":"high","summary":"auto"})";
  if (OneIn(3)) {
    settings += R"(,"text":{"format":{"type":"json_schema","name":"n","schema":)" + Object() +
                R"(,"strict":true})" + (OneIn(2) ? R"(,"verbosity":"low"})" : "}");
  } else if (OneIn(3)) {
    settings += R"(,"text":{"format":{"type":"json_object"}})";
  }
  return settings;
}

std::string ResponsesGenerator::Message(std::string_view status, Reach reach) {
  std::string message = R"({"id":")" + ItemId("msg_") + R"(","type":"message","status":")" +
                        std::string(status) + R"(","role":"assistant","content":[)";
  if (reach == Reach::kOwn && OneIn(5)) return message + R"({"type":"refusal","refusal":)" + Text() + "}]}";
  for (std::uint64_t i = reach == Reach::kOwn ? random_.Below(2) : 0;; --i) {
    const bool cited = reach == Reach::kOwn && OneIn(4);
    const bool logprobs = reach == Reach::kOwn && OneIn(4);
    message += R"({"type":"output_text","annotations":[)";
    if (cited)
      message += R"({"type":"url_citation","start_index":0,"end_index":1,"url":"https://x","title":"t"})";
    message += R"(],"logprobs":[)";
    if (logprobs) message += R"({"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[]})";
    message += R"(],"text":)" + Text() + "}";
    if (i == 0) return message + "]}";
    message += ',';
  }
}

std::string ResponsesGenerator::AnswerItems(Reach reach, std::string_view last_status) {
  std::vector<std::string> items;
  const bool calls = last_status == "completed" && OneIn(2);
  if (reach == Reach::kOwn && OneIn(2)) {
    const std::string id = OneIn(2) ? "rs_theirs_" + Word() : std::string();
    const std::string made = ItemId("rs_");
    items.push_back(R"({"id":")" + (id.empty() ? made : id) +
                    R"(","type":"reasoning","status":"completed","summary":[)" +
                    (OneIn(2) ? R"({"type":"summary_text","text":)" + Text() + "}" : "") +
                    R"(],"encrypted_content":"gAAA)" + Word() + "\"}");
  }
  if (!calls || OneIn(2)) items.push_back(Message(last_status, reach));
  for (std::uint64_t i = calls ? 1 + random_.Below(3) : 0; i > 0; --i) {
    const bool custom = reach == Reach::kOwn && OneIn(4);
    const std::string id = ItemId(custom ? "ctc_" : "fc_");
    items.push_back(
        R"({"id":")" + id + R"(","type":")" + (custom ? "custom_tool_call" : "function_call") +
        R"(","status":"completed","call_id":"call_)" + std::to_string(i) + R"(","name":")" + Word() +
        (custom ? R"(","input":)" + Text() : R"(","arguments":"{\"a\":)" + std::to_string(i) + "}\"") + "}");
  }
  return Joined(items);
}

std::string ResponsesGenerator::Answer(Reach reach) {
  items_ = 0;
  constexpr std::array<std::string_view, 3> kReasons = {"", "max_output_tokens", "content_filter"};
  const std::string_view reason = OneIn(3) ? kReasons[1 + random_.Below(2)] : kReasons[0];
  const std::string_view status = reason.empty() ? "completed" : "incomplete";
  const std::uint64_t input = 10 + random_.Below(1000);
  const std::uint64_t cached = random_.Below(5);
  const std::uint64_t written = random_.Below(5);
  const std::uint64_t output = 10 + random_.Below(1000);
  std::string answer = R"({"id":"resp_g","object":"response","created_at":1000,"status":")" +
                       std::string(status) + R"(","completed_at":)" + (reason.empty() ? "1234" : "null") +
                       R"(,"error":null,)";
  answer += R"("incomplete_details":)";
  answer += reason.empty() ? "null" : R"({"reason":")" + std::string(reason) + "\"}";
  answer += R"(,"model":"gpt-5.2-2025-12-11","output":[)" + AnswerItems(reach, status) + "]";
  answer += R"(,"service_tier":"default",)" + std::string(kAsked);
  answer += R"(,"usage":{"input_tokens":)" + std::to_string(input) +
            R"(,"input_tokens_details":{"cached_tokens":)" + std::to_string(cached) +
            R"(,"cache_write_tokens":)" + std::to_string(written) + R"(},"output_tokens":)" +
            std::to_string(output) + R"(,"output_tokens_details":{"reasoning_tokens":)" +
            std::to_string(random_.Below(10)) + R"(},"total_tokens":)" + std::to_string(input + output) +
            "}}";
  return answer;
}

void ResponsesGenerator::Frame(std::string& out, std::string_view type, std::string_view members) {
  out.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type);
  out.append("\",\"sequence_number\":").append(std::to_string(sequence_++)).append(",");
  out.append(members).append("}\n\n");
}

// Cuts a text into pieces that are texts of their own: not within an escape, a pair of them, or a character.
std::vector<std::string_view> ResponsesGenerator::Cut(std::string_view inside) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  std::size_t at = 0;
  while (at < inside.size()) {
    if (inside[at] == '\\') {
      const bool pair = inside.substr(at).starts_with("\\ud");
      at += inside[at + 1] != 'u' ? 2 : pair ? 12 : 6;
    } else {
      at += base::Utf8SequenceLength(inside.substr(at));
    }
    if (at != inside.size() && !OneIn(3)) continue;
    pieces.push_back(inside.substr(begin, at - begin));
    begin = at;
  }
  return pieces;
}

void ResponsesGenerator::Deltas(std::string& out, std::string_view type, const std::string& at,
                                std::string_view inside) {
  for (const std::string_view piece : Cut(inside)) {
    Frame(out, type, at + R"(,"delta":")" + std::string(piece) + "\"");
    if (OneIn(8)) out += ": keep-alive\n\n";
  }
}

void ResponsesGenerator::Contents(std::string& out, std::string_view list, const std::string& at) {
  JsonCursor cursor(list);
  cursor.EnterArray();
  for (int i = 0; cursor.NextElement(); ++i) {
    const std::string part(cursor.Take().raw);
    const std::string place = at + R"(,"content_index":)" + std::to_string(i);
    if (Member(part, "type").TextIs("refusal")) {
      Frame(out, "response.content_part.added", place + R"(,"part":{"type":"refusal","refusal":""})");
      Deltas(out, "response.refusal.delta", place, Member(part, "refusal").Inside());
      Frame(out, "response.refusal.done",
            place + R"(,"refusal":)" + std::string(Member(part, "refusal").raw));
    } else {
      const std::string_view text = Member(part, "text").Inside();
      const std::string logprobs(Member(part, "logprobs").raw);
      Frame(out, "response.content_part.added",
            place + R"(,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""})");
      const auto pieces = Cut(text);
      for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
        Frame(out, "response.output_text.delta",
              place + R"(,"delta":")" + std::string(pieces[piece]) + R"(","logprobs":)" +
                  (piece == 0 ? logprobs : "[]") + R"(,"obfuscation":"xyz")");
      }
      JsonCursor annotations(Member(part, "annotations").raw);
      annotations.EnterArray();
      while (annotations.NextElement()) {
        Frame(out, "response.output_text.annotation.added",
              place + R"(,"annotation_index":0,"annotation":)" + std::string(annotations.Take().raw));
      }
      Frame(out, "response.output_text.done",
            place + R"(,"text":")" + std::string(text) + R"(","logprobs":)" + logprobs);
    }
    Frame(out, "response.content_part.done", place + R"(,"part":)" + part);
  }
}

void ResponsesGenerator::Item(std::string& out, std::string_view item, std::size_t place) {
  const std::string id(Member(item, "id").raw);
  const std::string index = R"("output_index":)" + std::to_string(place);
  const std::string at = index + R"(,"item_id":)" + id;
  const JsonValue type = Member(item, "type");
  if (type.TextIs("message")) {
    Frame(out, "response.output_item.added",
          index + R"(,"item":{"id":)" + id +
              R"(,"type":"message","status":"in_progress","role":"assistant","content":[]})");
    Contents(out, Member(item, "content").raw, at);
  } else if (type.TextIs("reasoning")) {
    Frame(out, "response.output_item.added",
          index + R"(,"item":{"id":)" + id + R"(,"type":"reasoning","summary":[]})");
    const JsonValue summary = Member(item, "summary");
    if (!summary.IsEmptyArray()) {
      JsonCursor cursor(summary.raw);
      cursor.EnterArray();
      cursor.NextElement();
      const JsonValue text = Member(cursor.Take().raw, "text");
      Deltas(out, "response.reasoning_summary_text.delta", at + R"(,"summary_index":0)", text.Inside());
      Frame(out, "response.reasoning_summary_text.done",
            at + R"(,"summary_index":0,"text":)" + std::string(text.raw));
    }
  } else {
    const bool custom = type.TextIs("custom_tool_call");
    const std::string_view name = custom ? "input" : "arguments";
    const JsonValue arguments = Member(item, name);
    Frame(out, "response.output_item.added",
          index + R"(,"item":{"id":)" + id + R"(,"type":)" + std::string(type.raw) + R"(,"call_id":)" +
              std::string(Member(item, "call_id").raw) + R"(,"name":)" +
              std::string(Member(item, "name").raw) + ",\"" + std::string(name) + R"(":""})");
    const std::string event = custom ? "response.custom_tool_call_input" : "response.function_call_arguments";
    Deltas(out, event + ".delta", at, arguments.Inside());
    Frame(out, event + ".done", at + ",\"" + std::string(name) + "\":" + std::string(arguments.raw));
  }
  Frame(out, "response.output_item.done", index + R"(,"item":)" + std::string(item));
}

std::string ResponsesGenerator::Stream(std::string_view answer) {
  sequence_ = 0;
  std::string out;
  const std::string begun = R"("response":{"id":"resp_g","object":"response","created_at":1000,)"
                            R"("status":"in_progress","model":)" +
                            std::string(Member(answer, "model").raw) + R"(,"output":[]})";
  Frame(out, "response.created", begun);
  Frame(out, "response.in_progress", begun);
  JsonCursor cursor(Member(answer, "output").raw);
  cursor.EnterArray();
  for (std::size_t i = 0; cursor.NextElement(); ++i) Item(out, cursor.Take().raw, i);
  Frame(out, "response." + Member(answer, "status").Text(), R"("response":)" + std::string(answer));
  return out;
}

}  // namespace translate
