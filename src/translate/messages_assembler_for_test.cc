#include "translate/messages_assembler_for_test.h"

#include <optional>
#include <utility>
#include <vector>

#include "wire/json_scanner.h"
#include "wire/sse.h"

namespace translate {
namespace {

using wire::JsonValue;

// The member of `object` by that name; an empty null if there is none.
JsonValue At(std::string_view object, std::string_view name) {
  wire::JsonCursor cursor(object);
  JsonValue found;
  if (!cursor.EnterObject()) return found;
  while (cursor.NextMember()) {
    if (cursor.KeyIs(name)) found = cursor.Take();
  }
  return found;
}

std::string InsideOf(const JsonValue& value) {
  return value.IsString() ? std::string(value.Inside()) : "";
}

struct Block {
  std::string type;
  std::string start;   // as it began
  std::string text{};  // of a text or thought: its pieces
  std::string signature{};
  std::string input{};      // of a call: its pieces, plain
  std::string citations{};  // with commas between
  bool ended = false;

  std::string Whole() const {
    if (type == "text") {
      return R"({"type":"text","text":")" + text + '"' +
             (citations.empty() ? "" : R"(,"citations":[)" + citations + "]") + "}";
    }
    if (type == "thinking")
      return R"({"type":"thinking","thinking":")" + text + R"(","signature":")" + signature + R"("})";
    if (type == "tool_use") {
      return R"({"type":"tool_use","id":)" + std::string(At(start, "id").raw) + R"(,"name":)" +
             std::string(At(start, "name").raw) + R"(,"input":)" + (input.empty() ? "{}" : input) + "}";
    }
    return start;
  }
};

class Assembler {
 public:
  std::string Run(std::string_view stream) {
    wire::SseFramer framer(stream.size() + 1);
    framer.Feed(stream);
    while (const auto frame = framer.Next()) {
      if (!frame->payload.empty()) Take(*frame);
      if (!broken_.empty()) return "broken: " + broken_;
    }
    if (!framer.Tail().empty() || !stopped_) return "broken: it does not end with message_stop";
    return Whole();
  }

 private:
  void Break(const char* what) {
    if (broken_.empty()) broken_ = what;
  }

  void Take(const wire::SseFrame& frame) {
    const std::string_view data = frame.payload;
    const JsonValue type = At(data, "type");
    if (!wire::ScanJson(data) || !type.TextIs(frame.event)) return Break("a frame is not called as its type");
    if (type.TextIs("ping")) return;
    if (stopped_) return Break("something follows message_stop");
    if (type.TextIs("message_start")) {
      if (!message_.empty()) return Break("it begins twice");
      message_ = At(data, "message").raw;
      usage_ = At(message_, "usage").raw;
      if (!At(message_, "content").IsEmptyArray()) Break("it begins with content");
      return;
    }
    if (message_.empty()) return Break("it does not begin with message_start");
    if (type.TextIs("message_delta")) {
      end_ = At(data, "delta").raw;
      end_usage_ = At(data, "usage").raw;
    } else if (type.TextIs("message_stop")) {
      stopped_ = true;
      for (const Block& block : blocks_) {
        if (!block.ended) Break("a block has no end");
      }
      if (end_.empty()) Break("there was no message_delta");
    } else {
      TakeOfBlock(type, data);
    }
  }

  void TakeOfBlock(const JsonValue& type, std::string_view data) {
    const auto index = static_cast<std::size_t>(At(data, "index").Int64().value_or(-1));
    if (!end_.empty()) return Break("a block goes on behind message_delta");
    if (type.TextIs("content_block_start")) {
      if (index != blocks_.size()) return Break("a block does not follow the last by its index");
      if (!blocks_.empty() && !blocks_.back().ended) return Break("a block begins in another");
      const JsonValue start = At(data, "content_block");
      Block block{.type = InsideOf(At(start.raw, "type")), .start = std::string(start.raw)};
      block.text = InsideOf(At(start.raw, block.type == "text" ? "text" : "thinking"));
      block.signature = InsideOf(At(start.raw, "signature"));
      blocks_.push_back(std::move(block));
      return;
    }
    if (index >= blocks_.size() || blocks_[index].ended) return Break("a block goes on that is not open");
    if (type.TextIs("content_block_stop")) {
      blocks_[index].ended = true;
    } else if (type.TextIs("content_block_delta")) {
      TakeDelta(blocks_[index], At(data, "delta").raw);
    } else {
      Break("an unknown event");
    }
  }

  void TakeDelta(Block& block, std::string_view delta) {
    const std::string type = InsideOf(At(delta, "type"));
    if (type == "text_delta" && block.type == "text") {
      block.text += InsideOf(At(delta, "text"));
    } else if (type == "citations_delta" && block.type == "text") {
      block.citations += (block.citations.empty() ? "" : ",") + std::string(At(delta, "citation").raw);
    } else if (type == "thinking_delta" && block.type == "thinking") {
      block.text += InsideOf(At(delta, "thinking"));
    } else if (type == "signature_delta" && block.type == "thinking") {
      block.signature = InsideOf(At(delta, "signature"));
    } else if (type == "input_json_delta" && block.type == "tool_use") {
      const JsonValue piece = At(delta, "partial_json");
      block.input += piece.IsString() ? piece.Text() : "";
    } else {
      Break("a block has a piece of another kind");
    }
  }

  std::string Whole() const {
    std::string out = "{";
    wire::JsonCursor cursor(message_);
    cursor.EnterObject();
    while (cursor.NextMember()) {
      const std::string key(cursor.Key());
      const JsonValue value = cursor.Take();
      if (key == "content" || key == "usage" || key.starts_with("stop_")) continue;
      out += '"' + key + "\":" + std::string(value.raw) + ',';
    }
    out += "\"content\":[";
    for (std::size_t i = 0; i < blocks_.size(); ++i) out += (i > 0 ? "," : "") + blocks_[i].Whole();
    out += "]," + end_.substr(1, end_.size() - 2) + R"(,"usage":)" + Usage() + "}";
    return out;
  }

  // The end's numbers, and of the start what the end does not say.
  std::string Usage() const {
    std::string out = end_usage_.substr(0, end_usage_.size() - 1);
    wire::JsonCursor cursor(usage_);
    if (!cursor.EnterObject()) return end_usage_;
    while (cursor.NextMember()) {
      const std::string key(cursor.Key());
      const JsonValue value = cursor.Take();
      if (At(end_usage_, key).raw.empty()) out += ",\"" + key + "\":" + std::string(value.raw);
    }
    return out + "}";
  }

  std::string message_, usage_, end_, end_usage_, broken_;
  std::vector<Block> blocks_;
  bool stopped_ = false;
};

}  // namespace

std::string AssembleMessages(std::string_view stream) {
  return Assembler().Run(stream);
}

}  // namespace translate
