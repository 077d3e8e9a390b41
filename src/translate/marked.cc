#include "translate/marked.h"

#include <vector>

#include "translate/carried.h"
#include "wire/contains.h"
#include "wire/json_scanner.h"

namespace translate {
namespace {

using chat::Operation;
using wire::JsonCursor;
using wire::JsonValue;

// Collects where marks go, in the order of the text.
class Marker {
 public:
  Marker(std::string_view maker, Said said) : mark_(MarkOf(maker)), said_(said) {}

  void WalkMessages(std::string_view json) {
    JsonCursor cursor(json);
    if (!cursor.EnterObject()) return;
    while (cursor.NextMember()) {
      if (cursor.KeyIs("content_block")) {
        Block(cursor.Take().raw);
      } else if (cursor.KeyIs("delta")) {
        Thought(cursor.Take().raw, "signature_delta", "signature");
      } else if (cursor.KeyIs("content") && cursor.AtArray()) {
        JsonCursor blocks(cursor.Take().raw);
        blocks.EnterArray();
        while (blocks.NextElement()) Block(blocks.Take().raw);
      }
    }
  }

  void WalkResponses(std::string_view json) {
    JsonCursor cursor(json);
    if (!cursor.EnterObject()) return;
    while (cursor.NextMember()) {
      if (cursor.KeyIs("item")) {
        Thought(cursor.Take().raw, "reasoning", "encrypted_content");
      } else if (cursor.KeyIs("response") && cursor.AtObject()) {
        WalkResponses(cursor.Take().raw);
      } else if (cursor.KeyIs("output") && cursor.AtArray()) {
        JsonCursor items(cursor.Take().raw);
        items.EnterArray();
        while (items.NextElement()) Thought(items.Take().raw, "reasoning", "encrypted_content");
      }
    }
  }

  std::optional<std::string> Marked(std::string_view json) const {
    if (edits_.empty()) return std::nullopt;
    std::string marked;
    marked.reserve(json.size() + edits_.size() * (mark_.size() + 32));
    const char* at = json.data();
    for (const Edit& edit : edits_) {
      marked.append(at, edit.begin).append(edit.before).append(mark_).append(edit.behind);
      at = edit.end;
    }
    return marked.append(at, json.data() + json.size());
  }

 private:
  // The mark, between what makes JSON of it, instead of [begin, end).
  struct Edit {
    const char* begin;
    const char* end;
    std::string before{};
    std::string_view behind{};
  };

  void Block(std::string_view block) {
    Thought(block, "thinking", "signature");
    Thought(block, "redacted_thinking", "data");
  }

  void Thought(std::string_view object, std::string_view type, std::string_view member) {
    JsonCursor cursor(object);
    bool of_type = false;
    std::optional<JsonValue> seal;
    if (!cursor.EnterObject()) return;
    while (cursor.NextMember()) {
      if (cursor.KeyIs("type")) {
        of_type = cursor.Take().TextIs(type);
      } else if (cursor.KeyIs(member)) {
        seal = cursor.Take();
      }
    }
    if (!of_type || cursor.Failed()) return;
    // The beginning of a block says only that a seal will come.
    const bool sealed = seal && seal->IsString() && !seal->IsEmptyString();
    if (!sealed && type == "thinking" && said_ == Said::kEvent) return;
    // Without a seal an item of Responses is known by its id to a server that keeps it, and worth nothing to
    // one that does not: clients tell by its absence whether to give the item back.
    if (!sealed && type == "reasoning") return;
    if (seal && seal->IsString()) {
      edits_.push_back({seal->raw.data() + 1, seal->raw.data() + 1});
    } else if (seal) {
      edits_.push_back({seal->raw.data(), seal->raw.data() + seal->raw.size(), "\"", "\""});
    } else {
      const char* const inside = object.data() + 1;
      edits_.push_back({inside, inside, '"' + std::string(member) + "\":\"", "\","});
    }
  }

  const std::string mark_;
  const Said said_;
  std::vector<Edit> edits_;
};

}  // namespace

std::optional<std::string> MarkThoughts(Operation operation, std::string_view maker, Said said,
                                        std::string_view json) {
  Marker marker(maker, said);
  if (operation == Operation::kMessages) {
    if (!wire::Contains(json, "\"signature") && !wire::Contains(json, "thinking\"")) return std::nullopt;
    marker.WalkMessages(json);
  } else if (operation == Operation::kResponses) {
    if (!wire::Contains(json, "\"reasoning\"")) return std::nullopt;
    marker.WalkResponses(json);
  }
  return marker.Marked(json);
}

}  // namespace translate
