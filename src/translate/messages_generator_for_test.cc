#include "translate/messages_generator_for_test.h"

#include <utility>

#include "base/json_text.h"

namespace translate {
namespace {

constexpr const char* kWords[] = {"so",
                                  " it",
                                  " is",
                                  "\\n",
                                  " \\\"quoted\\\"",
                                  " \\\\back",
                                  " \\u00e9",
                                  " \xc3\xa9t\xc3\xa9",
                                  " \xe4\xbd\xa0\xe5\xa5\xbd",
                                  " \\ud83d\\ude00",
                                  " a/b",
                                  " {x}",
                                  "\\t[1, 2]",
                                  " <tag>",
                                  " end."};
constexpr const char* kModels[] = {"claude-sonnet-4-5", "claude-opus-4-6", "claude-opus-5",
                                   "claude-haiku-5-5"};
constexpr const char* kToolNames[] = {"get_weather", "search-docs", "f"};

// A JSON array of the values.
std::string Array(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) out += (out.size() > 1 ? "," : "") + value;
  return out + "]";
}

std::string Join(const std::vector<std::string>& pieces) {
  std::string out;
  for (const std::string& piece : pieces) out += piece;
  return out;
}

std::string Quoted(const std::string& plain) {
  std::string out;
  base::AppendJsonString(out, plain);
  return out;
}

}  // namespace

// One block of an answer: whole, and what a stream tells of it.
struct MessagesGenerator::Block {
  std::string whole;
  std::string start;                // the block as it begins
  std::vector<std::string> deltas;  // in order
  bool call = false;
};

std::vector<std::string> MessagesGenerator::Words() {
  std::vector<std::string> words = {"So"};
  for (std::uint64_t left = random_.Below(6); left > 0; --left)
    words.push_back(kWords[random_.Below(std::size(kWords))]);
  return words;
}

std::string MessagesGenerator::Text() {
  return '"' + Join(Words()) + '"';
}

std::string MessagesGenerator::Token(const char* prefix) {
  return prefix + std::to_string(random_.Below(1'000'000'000));
}

std::string MessagesGenerator::Input() {
  std::string out = "{";
  for (std::uint64_t left = random_.Below(3); left > 0; --left) {
    if (out.size() > 1) out += ',';
    out += "\"k" + std::to_string(left) + "\":";
    switch (random_.Below(4)) {
      case 0:
        out += "\"a \\\"b\\\" \\\\ \\n\\u00e9\"";
        break;
      case 1:
        out += "[1, -2.5e3, null, true]";
        break;
      case 2:
        out += "{ \"deep\" : { } }";
        break;
      default:
        out += std::to_string(random_.Below(1000));
    }
  }
  return out + "}";
}

std::string MessagesGenerator::CacheControl() {
  if (!Own() || !Chance(15)) return {};
  return Chance(50) ? R"(,"cache_control":{"type":"ephemeral"})"
                    : R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})";
}

std::string MessagesGenerator::Citation() {
  return R"({"type":"char_location","cited_text":)" + Text() +
         R"(,"document_index":0,"document_title":null,"start_char_index":1,"end_char_index":5})";
}

std::string MessagesGenerator::TextBlock() {
  return R"({"type":"text","text":)" + Text() + CacheControl() + "}";
}

std::string MessagesGenerator::Document() {
  static constexpr const char* kSources[] = {
      R"({"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjQK"})",
      R"({"type":"text","media_type":"text/plain","data":"some\nwords"})",
      R"({"type":"url","url":"https://example.com/a.pdf"})", R"({"type":"file","file_id":"file_011"})"};
  std::string out =
      R"({"type":"document","source":)" + std::string(kSources[random_.Below(std::size(kSources))]);
  if (Chance(50)) out += R"(,"title":)" + Text();
  if (Chance(30)) out += R"(,"context":)" + Text();
  if (Chance(30)) out += R"(,"citations":{"enabled":true})";
  return out + CacheControl() + "}";
}

std::string MessagesGenerator::Media(bool in_result) {
  static constexpr const char* kSources[] = {
      R"({"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="})",
      R"({"type":"url","url":"https://example.com/a.png"})", R"({"type":"file","file_id":"file_012"})"};
  if (Own() && Chance(40)) return Document();
  const std::uint64_t known = Own() && !in_result ? 3 : 2;
  return R"({"type":"image","source":)" + std::string(kSources[random_.Below(known)]) + CacheControl() + "}";
}

// A lone plain text is a string.
std::string MessagesGenerator::Content(const std::vector<std::string>& blocks) {
  const std::string& first = blocks.front();
  constexpr std::string_view kHead = R"({"type":"text","text":)";
  const bool plain = first.starts_with(kHead) && first.ends_with("\"}") &&
                     first.find("cache_control") == std::string::npos &&
                     first.find("citations") == std::string::npos;
  if (blocks.size() == 1 && plain) return first.substr(kHead.size(), first.size() - kHead.size() - 1);
  return Array(blocks);
}

std::string MessagesGenerator::System() {
  std::vector<std::string> blocks = {TextBlock()};
  while (Chance(30)) blocks.push_back(TextBlock());
  return Content(blocks);
}

std::string MessagesGenerator::ToolResult(const std::string& id) {
  std::string out = R"({"type":"tool_result","tool_use_id":")" + id + '"';
  std::vector<std::string> blocks = {TextBlock()};
  if (Chance(20)) blocks.push_back(Media(true));
  if (!Own() || Chance(90)) out += R"(,"content":)" + Content(blocks);
  if (Own() && Chance(20)) out += R"(,"is_error":true)";
  return out + CacheControl() + "}";
}

std::string MessagesGenerator::UserTurn(std::vector<std::string>& open_calls, bool last) {
  std::vector<std::string> blocks;
  for (const std::string& id : std::exchange(open_calls, {})) blocks.push_back(ToolResult(id));
  if (blocks.empty() || (last && Chance(30))) {
    blocks.push_back(TextBlock());
    while (Chance(25)) blocks.push_back(Chance(50) ? TextBlock() : Media(false));
  }
  return R"({"role":"user","content":)" + Content(blocks) + "}";
}

std::string MessagesGenerator::Thought() {
  if (Own() && Chance(25)) return R"({"type":"redacted_thinking","data":")" + Token("EmwKAhgBEgy") + R"("})";
  return R"({"type":"thinking","thinking":)" + (Chance(20) ? std::string("\"\"") : Text()) +
         R"(,"signature":")" + Token("EqQBCgIYAhIM") + R"("})";
}

std::string MessagesGenerator::AssistantTurn(std::vector<std::string>& open_calls, bool thoughts) {
  std::vector<std::string> blocks;
  if (thoughts) blocks.push_back(Thought());
  if (thoughts && Chance(20)) blocks.push_back(Thought());
  if (Own() && Chance(20)) {
    blocks.push_back(R"({"type":"text","text":)" + Text() + R"(,"citations":[)" + Citation() + "]}");
  } else {
    blocks.push_back(TextBlock());
  }
  const std::uint64_t calls = tools_ && Chance(50) ? 1 + random_.Below(3) : 0;
  for (std::uint64_t i = 0; i < calls; ++i) {
    open_calls.push_back(Token("toolu_"));
    blocks.push_back(R"({"type":"tool_use","id":")" + open_calls.back() + R"(","name":")" +
                     kToolNames[random_.Below(std::size(kToolNames))] + R"(","input":)" + Input() +
                     CacheControl() + "}");
  }
  return R"({"role":"assistant","content":)" + Content(blocks) + "}";
}

std::string MessagesGenerator::Tools() {
  std::vector<std::string> tools;
  for (const char* name : kToolNames) {
    std::string tool = R"({"name":")" + std::string(name) + '"';
    if (Chance(70)) tool += R"(,"description":)" + Text();
    tool +=
        R"(,"input_schema":{"type":"object","properties":{"k1":{"type":"string"}},"additionalProperties":false})";
    if (Own() && Chance(30)) tool += R"(,"strict":true)";
    tools.push_back(tool + CacheControl() + "}");
  }
  return Array(tools);
}

std::string MessagesGenerator::Members(const std::string& model, std::int64_t max_tokens, bool thinks) {
  const bool old = model == "claude-sonnet-4-5";
  const bool samples = old || model == "claude-opus-4-6";
  std::string out;
  std::string config;
  if (thinks && old) {
    const std::int64_t budget =
        1024 + static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(max_tokens - 1024)));
    out += R"(,"thinking":{"type":"enabled","budget_tokens":)" + std::to_string(budget) + "}";
  } else if (thinks) {
    out += Chance(30) ? R"(,"thinking":{"type":"adaptive","display":"omitted"})"
                      : R"(,"thinking":{"type":"adaptive"})";
    if (Chance(50)) config += R"("effort":"low")";
  } else if (Own() && Chance(10)) {
    out += R"(,"thinking":{"type":"disabled"})";
  }
  if (Chance(20)) {
    config +=
        (config.empty() ? "" : ",") +
        std::string(
            R"("format":{"type":"json_schema","schema":{"type":"object","properties":{},"additionalProperties":false}})");
  }
  if (!config.empty()) out += R"(,"output_config":{)" + config + "}";
  if (samples && !thinks && Chance(30)) out += R"(,"temperature":0.)" + std::to_string(1 + random_.Below(9));
  if (samples && !thinks && Own() && Chance(20)) out += R"(,"top_k":40)";
  if (Own() && Chance(30)) out += R"(,"stop_sequences":["END","\n\nHuman:"])";
  if (Chance(30)) out += R"(,"metadata":{"user_id":")" + Token("user-") + R"("})";
  if (Own() && Chance(20)) out += R"(,"service_tier":"standard_only")";
  if (Own() && Chance(10)) out += R"(,"cache_control":{"type":"ephemeral"})";
  if (Chance(40)) out += R"(,"stream":true)";
  if (!tools_) return out;
  out += R"(,"tools":)" + Tools();
  switch (random_.Below(6)) {
    case 0:
      out += R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})";
      break;
    case 1:
      out += R"(,"tool_choice":{"type":"none"})";
      break;
    case 2:
      if (!thinks && model != "claude-haiku-5-5") out += R"(,"tool_choice":{"type":"any"})";
      break;
    case 3:
      if (!thinks && model != "claude-haiku-5-5") out += R"(,"tool_choice":{"type":"tool","name":"f"})";
      break;
    default:
      break;
  }
  return out;
}

MessagesGenerator::Asked MessagesGenerator::Request(Reach reach) {
  reach_ = reach;
  const std::string model = kModels[random_.Below(std::size(kModels))];
  const auto max_tokens = static_cast<std::int64_t>(4000 + random_.Below(30000));
  const bool thinks = Chance(40);
  tools_ = Chance(50);
  std::string body = R"({"model":")" + model + R"(","max_tokens":)" + std::to_string(max_tokens);
  if (Chance(60)) body += R"(,"system":)" + System();
  std::vector<std::string> turns;
  std::vector<std::string> open_calls;
  turns.push_back(UserTurn(open_calls, false));
  while (Chance(60)) {
    turns.push_back(AssistantTurn(open_calls, thinks));
    const bool last = !Chance(60);
    turns.push_back(UserTurn(open_calls, last));
    if (last) break;
  }
  body += R"(,"messages":)" + Array(turns) + Members(model, max_tokens, thinks) + "}";
  return {.model = model, .body = body};
}

MessagesGenerator::Block MessagesGenerator::AnswerBlock(unsigned which) {
  Block block;
  const auto delta = [&block](const std::string& type, const std::string& member, const std::string& value) {
    block.deltas.push_back(R"({"type":")" + type + R"(",")" + member + R"(":)" + value + "}");
  };
  const std::vector<std::string> words = Words();
  switch (which) {
    case 0: {
      const std::string seal = '"' + Token("EqQBCgIYAhIM") + '"';
      block.whole = R"({"type":"thinking","thinking":")" + Join(words) + R"(","signature":)" + seal + "}";
      block.start = R"({"type":"thinking","thinking":"","signature":""})";
      for (const std::string& word : words) delta("thinking_delta", "thinking", '"' + word + '"');
      delta("signature_delta", "signature", seal);
      return block;
    }
    case 1:
      block.whole = block.start = R"({"type":"redacted_thinking","data":")" + Token("EmwKAhgBEgy") + R"("})";
      return block;
    case 2: {
      block.whole = R"({"type":"text","text":")" + Join(words) + '"';
      block.start = R"({"type":"text","text":""})";
      if (Own() && Chance(30)) {
        const std::string citation = Citation();
        block.whole += R"(,"citations":[)" + citation + "]";
        delta("citations_delta", "citation", citation);
      }
      block.whole += "}";
      for (const std::string& word : words) delta("text_delta", "text", '"' + word + '"');
      return block;
    }
    default: {
      const bool bare = Chance(15);  // told without any piece, or with an empty one
      const std::string input = bare ? "{}" : Input();
      const std::string head = R"({"type":"tool_use","id":")" + Token("toolu_") + R"(","name":"f","input":)";
      block.whole = head + input + "}";
      block.start = head + "{}}";
      block.call = true;
      if (!bare || Chance(50)) delta("input_json_delta", "partial_json", R"("")");
      for (std::size_t at = 0; !bare && at < input.size();) {
        const std::size_t size = 1 + random_.Below(7);
        delta("input_json_delta", "partial_json", Quoted(input.substr(at, size)));
        at += size;
      }
      return block;
    }
  }
}

std::string MessagesGenerator::Frame(const std::string& type, const std::string& members) {
  std::string frame = Chance(5) ? "event: ping\ndata: {\"type\":\"ping\"}\n\n" : "";
  frame += "event: " + type + "\ndata: {\"type\":\"" + type + '"' + (members.empty() ? "" : "," + members) +
           "}\n\n";
  return frame;
}

std::string MessagesGenerator::Stream(const std::string& head, const std::vector<Block>& blocks,
                                      const std::string& end, const std::string& start_usage,
                                      const std::string& usage) {
  std::string out =
      Frame("message_start", R"("message":)" + head +
                                 R"("content":[],"stop_reason":null,"stop_sequence":null,"usage":)" +
                                 start_usage + "}");
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string index = R"("index":)" + std::to_string(i);
    out += Frame("content_block_start", index + R"(,"content_block":)" + blocks[i].start);
    for (const std::string& delta : blocks[i].deltas)
      out += Frame("content_block_delta", index + R"(,"delta":)" + delta);
    out += Frame("content_block_stop", index);
  }
  out += Frame("message_delta", R"("delta":{)" + end + R"(},"usage":)" + usage);
  return out + Frame("message_stop", "");
}

MessagesGenerator::Told MessagesGenerator::Answer(Reach reach) {
  reach_ = reach;
  std::vector<Block> blocks;
  if (Chance(40)) blocks.push_back(AnswerBlock(Own() && Chance(30) ? 1 : 0));
  if (Chance(85)) blocks.push_back(AnswerBlock(2));
  if (Own() && Chance(20)) blocks.push_back(AnswerBlock(2));
  for (std::uint64_t calls = Chance(40) ? 1 + random_.Below(3) : 0; calls > 0; --calls)
    blocks.push_back(AnswerBlock(3));
  const bool call = !blocks.empty() && blocks.back().call;
  std::string end = R"("stop_reason":"tool_use","stop_sequence":null)";
  if (!call) {
    static constexpr const char* kEnds[] = {
        R"("stop_reason":"end_turn","stop_sequence":null)",
        R"("stop_reason":"max_tokens","stop_sequence":null)",
        R"("stop_reason":"stop_sequence","stop_sequence":"END")",
        R"("stop_reason":"refusal","stop_sequence":null)",
        R"("stop_reason":"model_context_window_exceeded","stop_sequence":null)",
        R"("stop_reason":"pause_turn","stop_sequence":null)"};
    end = kEnds[random_.Below(Own() ? std::size(kEnds) : 2)];
  }
  const std::uint64_t five = random_.Below(3) * 100;
  const std::uint64_t hour = random_.Below(3) * 10;
  const std::uint64_t thought = random_.Below(2) * random_.Below(50);
  const std::string input =
      R"({"input_tokens":)" + std::to_string(random_.Below(1000)) + R"(,"cache_creation_input_tokens":)" +
      std::to_string(five + hour) + R"(,"cache_read_input_tokens":)" + std::to_string(random_.Below(5000)) +
      R"(,"cache_creation":{"ephemeral_5m_input_tokens":)" + std::to_string(five) +
      R"(,"ephemeral_1h_input_tokens":)" + std::to_string(hour) + R"(},"output_tokens":)";
  const std::string output =
      std::to_string(thought + 1 + random_.Below(500)) +
      (thought > 0 ? R"(,"output_tokens_details":{"thinking_tokens":)" + std::to_string(thought) + "}" : "");
  const std::string tier = Chance(70) ? R"(,"service_tier":"standard"})" : R"(,"service_tier":"priority"})";

  const std::string head =
      R"({"id":")" + Token("msg_") + R"(","type":"message","role":"assistant","model":"claude-opus-5",)";
  std::vector<std::string> whole;
  for (const Block& block : blocks) whole.push_back(block.whole);
  return {.whole = head + R"("content":)" + Array(whole) + "," + end + R"(,"usage":)" + input + output +
                   tier + "}",
          .stream = Stream(head, blocks, end, input + "1" + tier, input + output + "}")};
}

}  // namespace translate
