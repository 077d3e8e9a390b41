#include "translate/strip.h"

#include <algorithm>

#include "translate/carried.h"
#include "translate/losses.h"
#include "wire/contains.h"
#include "wire/json_scanner.h"

namespace translate {
namespace {

using chat::Operation;
using wire::JsonCursor;
using wire::JsonValue;

// Bytes that go.
struct Cut {
  const char* begin;
  const char* end;
  std::string_view put{};  // what stands there instead
};

// Collects what is to be cut, in the order of the text. Removing all elements of an array removes what holds
// it.
class Finder {
 public:
  Finder(Operation operation, chat::Flavour flavour, std::string_view maker)
      : operation_(operation), flavour_(flavour), own_mark_(maker.empty() ? std::string() : MarkOf(maker)) {}

  void Walk(std::string_view body) {
    JsonCursor cursor(body);
    if (!cursor.EnterObject()) return;
    const std::string_view list = operation_ == Operation::kResponses ? "input" : "messages";
    std::vector<Piece> members;
    std::size_t thinking = 0;  // its place among them, from 1
    while (cursor.NextMember()) {
      const char* const key = cursor.Key().data() - 1;
      const bool turns = cursor.KeyIs(list) && cursor.AtArray();
      const bool thinks = operation_ != Operation::kResponses && cursor.KeyIs("thinking");
      const std::string_view value = cursor.Take().raw;
      if (thinks && !wire::Contains(value, "\"disabled\"")) thinking = members.size() + 1;
      members.push_back({{key, static_cast<std::size_t>(value.data() + value.size() - key)}, value, false});
      const auto walk = [this](std::string_view element) { return WalkTurn(element); };
      if (turns) CutOut(Elements(value, walk).pieces);
    }
    if (thinking == 0 || !results_without_thought_) return;
    members[thinking - 1].goes = true;
    CutOut(members);
  }

  std::vector<Cut> cuts;
  Losses losses;

 private:
  // One element of an array or one member of an object.
  struct Piece {
    std::string_view text;  // of a member: with its key
    std::string_view value;
    bool goes;
  };

  struct List {
    std::vector<Piece> pieces;
    bool all_go = false;
  };

  // Hands each element to `goes`, which says whether it has to go.
  template <class F>
  List Elements(std::string_view array, F&& goes) {
    JsonCursor cursor(array);
    List list;
    if (!cursor.EnterArray()) return list;
    while (cursor.NextElement()) {
      const std::string_view element = cursor.Take().raw;
      list.pieces.push_back({element, element, goes(element)});
    }
    const auto gone = [](const Piece& piece) { return piece.goes; };
    list.all_go = !list.pieces.empty() && std::all_of(list.pieces.begin(), list.pieces.end(), gone);
    return list;
  }

  // The same for a list inside something: true when all of them go, and so does what holds it.
  template <class F>
  bool AllGo(std::string_view array, F&& goes) {
    const List list = Elements(array, goes);
    if (!list.all_go) CutOut(list.pieces);
    return list.all_go;
  }

  // Each piece that goes takes one comma along: the one before it if anything stays before it, else the one
  // behind it.
  void CutOut(const std::vector<Piece>& pieces) {
    bool stays_before = false;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const std::string_view text = pieces[i].text;
      if (!pieces[i].goes) {
        stays_before = true;
        continue;
      }
      losses.Ignored(pieces[i].value);
      const char* begin = text.data();
      const char* end = text.data() + text.size();
      if (stays_before) {
        begin = pieces[i - 1].text.data() + pieces[i - 1].text.size();
      } else if (i + 1 < pieces.size()) {
        end = pieces[i + 1].text.data();
      }
      cuts.push_back({begin, end});
    }
  }

  bool WalkTurn(std::string_view turn) {
    switch (operation_) {
      case Operation::kMessages:
      case Operation::kCountTokens:
        return WalkMessage(turn);
      case Operation::kResponses:
        return IsForeign(turn, "reasoning", "encrypted_content");
      default:
        // What only we have invented, and what OpenAI has no word for.
        CutMembers(turn, [this](JsonCursor& cursor) {
          return cursor.KeyIs("thinking_blocks") ||
                 (flavour_ == chat::Flavour::kOpenai && cursor.KeyIs("reasoning_content"));
        });
        return false;
    }
  }

  // Who thinks has to be given back the thought that led to tools, with their results; where that one was
  // another's, the answer to them is given without thinking.
  bool WalkMessage(std::string_view message) {
    JsonCursor cursor(message);
    bool empty = false;
    if (!cursor.EnterObject()) return false;
    const std::size_t lost_before = lost_;
    bool assistant = false;
    while (cursor.NextMember()) {
      if (cursor.KeyIs("role")) assistant = cursor.Take().TextIs("assistant");
      if (!cursor.KeyIs("content") || !cursor.AtArray()) continue;
      empty = AllGo(cursor.Take().raw, [this](std::string_view block) {
        CutCitations(block);
        return IsForeign(block, "thinking", "signature") || IsForeign(block, "redacted_thinking", "data");
      });
    }
    results_without_thought_ = !assistant && lost_thought_ && wire::Contains(message, "\"tool_result\"");
    lost_thought_ = assistant && lost_ > lost_before;
    return empty;
  }

  // Of a block: citations that another family's annotations have become.
  void CutCitations(std::string_view block) {
    if (!wire::Contains(block, "\"sluice.")) return;
    CutMembers(block, [this](JsonCursor& cursor) {
      if (!cursor.KeyIs("citations") || !cursor.AtArray()) return false;
      JsonCursor citations = cursor;
      return AllGo(citations.Take().raw, [this](std::string_view citation) {
        return IsForeign(citation, "web_search_result_location", "encrypted_index");
      });
    });
  }

  // Whether `object` is of `type` and sealed by somebody else. What is the provider's own loses its mark.
  bool IsForeign(std::string_view object, std::string_view type, std::string_view member) {
    JsonCursor cursor(object);
    bool of_type = false;
    std::optional<JsonValue> seal;
    if (!cursor.EnterObject()) return false;
    while (cursor.NextMember()) {
      if (cursor.KeyIs("type")) {
        of_type = cursor.Take().TextIs(type);
      } else if (cursor.KeyIs(member)) {
        seal = cursor.Take();
      }
    }
    if (!of_type) return false;
    const bool foreign = seal && seal->IsString() ? IsForeignSeal(*seal, type) : IsRefusedUnsealed(type);
    if (foreign) ++lost_;
    return foreign;
  }

  bool IsForeignSeal(const JsonValue& seal, std::string_view type) {
    const std::string_view inside = seal.Inside();
    if (!own_mark_.empty() && inside.starts_with(own_mark_)) {
      const bool null = operation_ == Operation::kResponses && inside.size() == own_mark_.size();
      const char* const begin = null ? seal.raw.data() : inside.data();
      cuts.push_back({begin, inside.data() + own_mark_.size() + (null ? 1 : 0), null ? "null" : ""});
      return false;
    }
    if (inside.starts_with(kMark)) return true;
    if (inside.empty()) return IsRefusedUnsealed(type);
    // Without a mark it is the family's. DeepSeek checks no seal and reads what is in plain text.
    if (flavour_ == chat::Flavour::kDeepseek && type == "thinking") return false;
    return !own_mark_.empty();
  }

  // Anthropic refuses a thought that is not sealed, which can only be another's.
  bool IsRefusedUnsealed(std::string_view type) const { return own_mark_.empty() && type == "thinking"; }

  // The members of `object` that have to go; `goes` is asked while the cursor is at each.
  template <class F>
  void CutMembers(std::string_view object, F&& member_goes) {
    JsonCursor cursor(object);
    if (!cursor.EnterObject()) return;
    std::vector<Piece> pieces;
    while (cursor.NextMember()) {
      const bool goes = member_goes(cursor);
      const char* const key = cursor.Key().data() - 1;
      const std::string_view value = cursor.Take().raw;
      pieces.push_back({{key, static_cast<std::size_t>(value.data() + value.size() - key)}, value, goes});
    }
    CutOut(pieces);
  }

  std::size_t lost_ = 0;                  // thoughts that go
  bool lost_thought_ = false;             // of the message walked last: thoughts were cut out
  bool results_without_thought_ = false;  // of the same: what it answers to has lost them
  const Operation operation_;
  const chat::Flavour flavour_;
  const std::string own_mark_;  // of the provider's seals; empty: they have none
};

bool MayHold(Operation operation, chat::Flavour flavour, std::string_view maker, std::string_view body) {
  const bool family = maker.empty();
  switch (operation) {
    case Operation::kMessages:
    case Operation::kCountTokens:
      if (wire::Contains(body, "\"sluice.")) return true;
      if (!family)
        return wire::Contains(body, "\"signature\"") || wire::Contains(body, "\"redacted_thinking\"");
      return wire::Contains(body, R"("signature":"")") || wire::Contains(body, R"("signature": "")");
    case Operation::kResponses:
      return wire::Contains(body, "\"sluice.") || (!family && wire::Contains(body, "\"encrypted_content\""));
    case Operation::kChat:
      return wire::Contains(body, "\"thinking_blocks\"") ||
             (flavour == chat::Flavour::kOpenai && wire::Contains(body, "\"reasoning_content\""));
    case Operation::kCompletion:
    case Operation::kEmbedding:
      return false;
  }
  return false;
}

}  // namespace

std::optional<Stripped> StripForeign(Operation operation, chat::Flavour flavour, std::string_view provider,
                                     std::string_view body) {
  const std::string maker = MakerOf(operation, flavour, provider);
  if (!MayHold(operation, flavour, maker, body)) return std::nullopt;
  Finder finder(operation, flavour, maker);
  finder.Walk(body);
  if (finder.cuts.empty()) return std::nullopt;
  std::sort(finder.cuts.begin(), finder.cuts.end(),
            [](const Cut& a, const Cut& b) { return a.begin < b.begin; });
  Stripped stripped;
  stripped.body.reserve(body.size());
  const char* at = body.data();
  for (const Cut& cut : finder.cuts) {
    if (cut.begin >= at) stripped.body.append(at, cut.begin).append(cut.put);
    at = std::max(at, cut.end);
  }
  stripped.body.append(at, body.data() + body.size());
  stripped.dropped = finder.losses.Names(body);
  return stripped;
}

}  // namespace translate
