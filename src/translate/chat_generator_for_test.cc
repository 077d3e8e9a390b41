#include "translate/chat_generator_for_test.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"

namespace translate {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  base::AppendJsonString(out, text);
  return out;
}

std::string Number(std::uint64_t value) {
  return std::to_string(value);
}

// `"name":value` behind a comma.
void Add(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":").append(value);
}

constexpr std::string_view kPng =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

}  // namespace

std::string_view ChatGenerator::OneOf(std::initializer_list<std::string_view> words) {
  return words.begin()[random_.Below(words.size())];
}

std::string ChatGenerator::Text() {
  std::string text;
  const std::uint64_t words = 1 + random_.Below(OneIn(20) ? 60 : 6);
  for (std::uint64_t i = 0; i < words; ++i) {
    if (i > 0) text += ' ';
    text += OneOf({"the", "cache", "is", "\"warm\"", "a\\b", "line\nbreak", "tab\there", "na\xc3\xafve",
                   "\xe4\xbd\xa0\xe5\xa5\xbd", "\xf0\x9f\x98\x80", "</s>", "{}", "data:", "x=1;"});
  }
  return text;
}

std::string ChatGenerator::Value(int depth) {
  switch (random_.Below(depth > 0 ? 7 : 5)) {
    case 0:
      return Number(random_.Below(1000));
    case 1:
      return std::string(OneOf({"true", "false", "null", "-1.5", "1e9"}));
    case 5:
      return "[" + Value(depth - 1) + "," + Value(depth - 1) + "]";
    case 6:
      return Object(depth - 1);
    default:
      return Quoted(Text());
  }
}

std::string ChatGenerator::Object(int depth) {
  std::string out = "{";
  const std::uint64_t members = random_.Below(4);
  for (std::uint64_t i = 0; i < members; ++i) {
    if (i > 0) out += ',';
    out.append("\"k").append(Number(i)).append("\":").append(Value(depth));
  }
  return out + "}";
}

std::string ChatGenerator::Request(Reach reach) {
  std::string out = R"({"model":"m","messages":[)";
  AddMessages(out, reach);
  out += ']';
  AddTools(out, reach);
  AddSettings(out, reach);
  if (reach == Reach::kOwn) AddOwnSettings(out);
  if (OneIn(2)) {
    Add(out, "stream", "true");
    Add(out, "stream_options", R"({"include_usage":true})");
  }
  return out + "}";
}

void ChatGenerator::AddMessages(std::string& out, Reach reach) {
  if (OneIn(2)) out += R"({"role":"system","content":)" + Quoted(Text()) + "},";
  if (reach == Reach::kOwn && OneIn(4)) {
    out += R"({"role":"developer","content":)" + Quoted(Text()) + R"(,"name":"ops"},)";
  }
  const std::uint64_t rounds = random_.Below(3);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    out += R"({"role":"user","content":)";
    AddUserContent(out, reach);
    out += "},";
    if (OneIn(2)) {
      AddToolTurn(out, reach);
      out += ',';
    }
    out += R"({"role":"assistant","content":)" + Quoted(Text()) + "},";
  }
  out += R"({"role":"user","content":)";
  AddUserContent(out, reach);
  out += '}';
  if (OneIn(3)) {
    out += ',';
    AddToolTurn(out, reach);
  }
}

void ChatGenerator::AddUserContent(std::string& out, Reach reach) {
  if (OneIn(2)) {
    out += Quoted(Text());
    return;
  }
  out += R"([{"type":"text","text":)" + Quoted(Text()) + "}";
  const std::uint64_t parts = 1 + random_.Below(3);
  for (std::uint64_t i = 0; i < parts; ++i) {
    out += ',';
    AddPart(out, reach);
  }
  out += ']';
}

void ChatGenerator::AddPart(std::string& out, Reach reach) {
  switch (random_.Below(reach == Reach::kOwn ? 6 : 3)) {
    case 0:
      out += R"({"type":"text","text":)" + Quoted(Text()) + "}";
      return;
    case 1:
      out += R"({"type":"image_url","image_url":{"url":"https://example.org/)" + Number(random_.Below(99)) +
             R"(.png"}})";
      return;
    case 2:
      out.append(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)")
          .append(kPng)
          .append("\"}}");
      return;
    case 3:
      out += R"({"type":"image_url","image_url":{"url":"https://example.org/a.png","detail":"low"}})";
      return;
    case 4:
      out += R"({"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}})";
      return;
    default:
      out +=
          R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}})";
  }
}

// An assistant's calls and the answer to each.
void ChatGenerator::AddToolTurn(std::string& out, Reach reach) {
  const std::uint64_t calls = 1 + random_.Below(3);
  const bool custom = reach == Reach::kOwn && OneIn(4);
  out += R"({"role":"assistant","content":)" + (OneIn(2) ? "null" : Quoted(Text())) + R"(,"tool_calls":[)";
  for (std::uint64_t i = 0; i < calls; ++i) {
    if (i > 0) out += ',';
    out += R"({"id":"call_)" + std::to_string(calls_ + static_cast<int>(i)) + "\",";
    if (custom) {
      out += R"("type":"custom","custom":{"name":"run","input":)" + Quoted(Text()) + "}}";
    } else {
      out += R"("type":"function","function":{"name":"look_up","arguments":)" + Quoted(Object(2)) + "}}";
    }
  }
  out += "]}";
  for (std::uint64_t i = 0; i < calls; ++i) {
    out += R"(,{"role":"tool","tool_call_id":"call_)" + std::to_string(calls_++) + R"(","content":)" +
           Quoted(Text()) + "}";
  }
}

void ChatGenerator::AddTools(std::string& out, Reach reach) {
  if (calls_ == 0 && OneIn(2)) return;
  out += R"(,"tools":[{"type":"function","function":{"name":"look_up","description":)" + Quoted(Text()) +
         R"(,"parameters":{"type":"object","properties":{"q":{"type":"string","description":)" +
         Quoted(Text()) + R"(}},"required":["q"]})";
  if (reach == Reach::kOwn && OneIn(2)) out += R"(,"strict":true)";
  out += "}}";
  if (reach == Reach::kOwn) {
    out += R"(,{"type":"custom","custom":{"name":"run","description":"runs"}})";
  }
  out += ']';
  if (OneIn(2)) return;
  Add(out, "tool_choice",
      OneOf({R"("auto")", R"("none")", R"("required")",
             R"({"type":"function","function":{"name":"look_up"}})"}));
  if (reach == Reach::kOwn && OneIn(2)) Add(out, "parallel_tool_calls", "false");
}

void ChatGenerator::AddSettings(std::string& out, Reach reach) {
  if (reach == Reach::kShared || OneIn(2)) {
    Add(out, "max_completion_tokens", Number(1 + random_.Below(8000)));
  }
  if (OneIn(2)) Add(out, "temperature", OneOf({"0", "0.25", "1"}));
  if (OneIn(4) && reach == Reach::kOwn) Add(out, "top_p", OneOf({"0.5", "0.95"}));
  if (OneIn(4)) Add(out, "safety_identifier", R"("user-)" + Number(random_.Below(100)) + "\"");
}

void ChatGenerator::AddOwnSettings(std::string& out) {
  if (OneIn(3)) Add(out, "stop", OneOf({R"(["END"])", R"(["a","\n\n"])"}));
  if (OneIn(4)) Add(out, "seed", Number(random_.Below(100)));
  if (OneIn(4)) Add(out, "frequency_penalty", OneOf({"0.5", "-2"}));
  if (OneIn(4)) Add(out, "presence_penalty", OneOf({"1", "-0.1"}));
  if (OneIn(4)) Add(out, "logit_bias", R"({"50256":-100})");
  if (OneIn(4)) {
    Add(out, "logprobs", "true");
    if (OneIn(2)) Add(out, "top_logprobs", "2");
  }
  if (OneIn(4)) Add(out, "reasoning_effort", OneOf({R"("none")", R"("low")", R"("high")"}));
  if (OneIn(4)) Add(out, "verbosity", OneOf({R"("low")", R"("high")"}));
  if (OneIn(4)) {
    Add(out, "response_format",
        OneOf(
            {R"({"type":"json_object"})",
             R"({"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}})"}));
  }
  if (OneIn(4)) Add(out, "service_tier", OneOf({R"("flex")", R"("default")"}));
  if (OneIn(4)) Add(out, "metadata", R"({"team":"support"})");
  if (OneIn(4)) Add(out, "store", "true");
  if (OneIn(4)) Add(out, "prompt_cache_key", R"("k")");
  if (OneIn(4)) Add(out, "prompt_cache_retention", R"("24h")");
}

// A text in pieces, none of which ends inside a character.
std::vector<std::string> ChatGenerator::Cut(const std::string& text) {
  std::vector<std::string> pieces;
  std::size_t from = 0;
  while (from < text.size()) {
    std::size_t to = std::min<std::size_t>(text.size(), from + 1 + random_.Below(9));
    while (to < text.size() && (static_cast<unsigned char>(text[to]) & 0xc0) == 0x80) ++to;
    pieces.push_back(text.substr(from, to - from));
    from = to;
  }
  return pieces;
}

ChatGenerator::Answered ChatGenerator::Answer(Reach reach) {
  const std::string head =
      R"({"id":"chatcmpl-)" + Number(random_.Below(1000)) + R"(","object":"chat.completion)";
  const std::string tail =
      R"(","created":)" + Number(1700000000 + random_.Below(1000)) + R"(,"model":"m-1","choices":[)";
  Answered answered;
  const auto chunk = [&](const std::string& delta, const std::string& finish = "null") {
    answered.frames.push_back(head + ".chunk" + tail + R"({"index":0,"delta":)" + delta +
                              R"(,"logprobs":null,"finish_reason":)" + finish + "}]}");
  };
  chunk(R"({"role":"assistant","content":""})");
  std::string message = R"({"role":"assistant","content":)";
  const bool thinks = reach == Reach::kOwn && OneIn(3);
  const std::string thought = thinks ? Text() : "";
  for (const std::string& piece : Cut(thought)) chunk(R"({"reasoning_content":)" + Quoted(piece) + "}");
  const bool refuses = reach == Reach::kOwn && OneIn(8);
  const std::uint64_t calls = refuses || OneIn(2) ? 0 : 1 + random_.Below(3);
  const std::string text = refuses || (calls > 0 && OneIn(2)) ? "" : Text();
  for (const std::string& piece : Cut(text)) chunk(R"({"content":)" + Quoted(piece) + "}");
  message += text.empty() ? "null" : Quoted(text);
  const std::string refusal = refuses ? Text() : "";
  for (const std::string& piece : Cut(refusal)) chunk(R"({"refusal":)" + Quoted(piece) + "}");
  message += R"(,"refusal":)" + (refuses ? Quoted(refusal) : "null");
  if (thinks) message += R"(,"reasoning_content":)" + Quoted(thought);
  std::vector<std::vector<std::string>> told;  // the pieces of each call
  for (std::uint64_t i = 0; i < calls; ++i) {
    const std::string id = R"("call_)" + Number(i) + "\"";
    const std::string arguments = Object(2);
    message += (i == 0 ? R"(,"tool_calls":[)" : ",");
    message += R"({"id":)" + id + R"(,"type":"function","function":{"name":"f","arguments":)" +
               Quoted(arguments) + "}}";
    told.push_back({R"({"tool_calls":[{"index":)" + Number(i) + R"(,"id":)" + id +
                    R"(,"type":"function","function":{"name":"f","arguments":""}}]})"});
    for (const std::string& piece : Cut(arguments)) {
      told.back().push_back(R"({"tool_calls":[{"index":)" + Number(i) + R"(,"function":{"arguments":)" +
                            Quoted(piece) + "}}]}");
    }
  }
  const std::size_t most = OneIn(3) ? 1 : SIZE_MAX;  // pieces of one call in a row: some providers interleave
  for (bool any = true; std::exchange(any, false);) {
    for (std::vector<std::string>& pieces : told) {
      const std::size_t now = std::min(most, pieces.size());
      for (std::size_t i = 0; i < now; ++i) chunk(pieces[i]);
      pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(now));
      any |= !pieces.empty();
    }
  }
  if (calls > 0) message += ']';
  const std::string finish = Quoted(calls > 0 ? "tool_calls" : OneOf({"stop", "length"}));
  chunk("{}", finish);
  const std::uint64_t cached = random_.Below(50), thinking = thinks ? random_.Below(20) : 0;
  const std::uint64_t input = cached + 1 + random_.Below(100), output = thinking + 1 + random_.Below(100);
  const std::string usage = R"({"prompt_tokens":)" + Number(input) + R"(,"completion_tokens":)" +
                            Number(output) + R"(,"total_tokens":)" + Number(input + output) +
                            R"(,"prompt_tokens_details":{"cached_tokens":)" + Number(cached) +
                            R"(,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":)" +
                            Number(thinking) + R"(,"audio_tokens":0}})";
  answered.frames.push_back(head + ".chunk" + tail + R"(],"usage":)" + usage + "}");
  answered.frames.emplace_back("[DONE]");
  answered.whole = head + tail + R"({"index":0,"message":)" + message +
                   R"(},"logprobs":null,"finish_reason":)" + finish + R"(}],"usage":)" + usage + "}";
  return answered;
}

std::string ChatGenerator::Broken(std::string text) {
  const std::uint64_t changes = 1 + random_.Below(4);
  for (std::uint64_t i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = random_.Below(text.size());
    const std::size_t size = std::min<std::size_t>(text.size() - at, random_.Below(12));
    switch (random_.Below(4)) {
      case 0:
        text[at] = OneOf({"{", "}", "[", "]", "\"", "\\", ",", ":", "0", "n"})[0];
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, text.substr(at, size));
        break;
      default:
        text.replace(at, std::min<std::size_t>(size, 4), OneOf({"null", "{}", "[]", "\"\"", "1"}));
    }
  }
  return text;
}

}  // namespace translate
