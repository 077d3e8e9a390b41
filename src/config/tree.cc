#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/bytes.h"
#include "base/utf8.h"
#include "config/tree.h"

namespace config {
namespace {

constexpr std::size_t kFileMax = 1 * base::MiB;
constexpr std::size_t kDepthMax = 16;
constexpr std::size_t kValuesMax = 100'000;

// Ends the parse from inside yaml-cpp's callbacks; caught in ParseTree.
struct Refused {
  Problem problem;
};

Position At(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

Node NodeOf(Node::Kind kind, const YAML::Mark& mark) {
  Node node;
  node.kind = kind;
  node.at = At(mark);
  return node;
}

[[noreturn]] void Refuse(Position at, std::string what, std::string why, std::string instead) {
  throw Refused{{"", at, std::move(what), std::move(why), std::move(instead)}};
}

// Builds the tree from the events of the parser.
class Builder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    RefuseAnchor(mark, anchor);
    Put(NodeOf(Node::Kind::kNull, mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Refuse(At(mark), "an alias (*name) stands here", "a config says everything where it holds",
           "write the value itself");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    if (tag == "!") last_quote_ = static_cast<std::size_t>(mark.pos);
    Node node = NodeOf(Node::Kind::kText, mark);
    node.text = value;
    Put(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Node::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Node::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

  Node Take() { return std::move(root_); }

  // The offset of the last quoted value or key.
  std::optional<std::size_t> last_quote() const { return last_quote_; }

 private:
  // A list or map that is still open. In a map, `expects_key` says what the next node is.
  struct Frame {
    Node node;
    bool expects_key;
  };

  static void RefuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    Refuse(At(mark), "an anchor (&name) stands here", "a config says everything where it holds",
           "leave the anchor out");
  }

  // yaml-cpp names plain values "?" and quoted ones "!".
  static void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    Refuse(At(mark), "a tag (!name) stands here", "the kind of a value comes from its setting",
           "leave the tag out");
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    if (open_.size() == kDepthMax) {
      Refuse(At(mark), "this is nested more than 16 levels deep", "no setting is that deep",
             "check the brackets and the indentation");
    }
    RefuseAsKey(At(mark));
    open_.push_back({NodeOf(kind, mark), kind == Node::Kind::kMap});
  }

  void Close() {
    Node done = std::move(open_.back().node);
    open_.pop_back();
    Put(std::move(done));
  }

  void RefuseAsKey(Position at) {
    if (open_.empty() || !open_.back().expects_key) return;
    Refuse(at, "a list or a map stands where a key is expected", "the names of settings are plain words",
           "write name: value (and quote values that begin with ${, [ or {)");
  }

  void Put(Node node) {
    if (++values_ > kValuesMax) {
      Refuse(node.at, "there are more than 100000 values", "no config is that large", "split or shorten it");
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = open_.back();
    if (frame.node.kind == Node::Kind::kList) {
      frame.node.items.push_back(std::move(node));
    } else if (frame.expects_key) {
      PutKey(frame, std::move(node));
    } else {
      frame.node.entries.back().value = std::move(node);
      frame.expects_key = true;
    }
  }

  static void PutKey(Frame& frame, Node node) {
    if (node.kind != Node::Kind::kText) {
      Refuse(node.at, "a key is missing here", "the names of settings are plain words", "write name: value");
    }
    for (const Node::Entry& entry : frame.node.entries) {
      if (entry.key != node.text) continue;
      Refuse(node.at, Quote(node.text) + " is written twice",
             "the first stands in line " + std::to_string(entry.at.line) + " and only one can hold",
             "remove one of them");
    }
    frame.node.entries.push_back({std::move(node.text), node.at, {}});
    frame.expects_key = false;
  }

  Node root_;
  std::vector<Frame> open_;
  std::size_t values_ = 0;
  std::optional<std::size_t> last_quote_;
};

// The place of the byte `offset`.
Position PlaceOf(std::string_view text, std::size_t offset) {
  Position at{1, 1};
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++at.line, at.column = 1;
    } else {
      ++at.column;
    }
  }
  return at;
}

// What YAML itself would pass over or stop at in silence: other encodings, and control characters, of which
// yaml-cpp takes one for the end of the file.
void RefuseBytes(std::string_view text) {
  if (text.size() > kFileMax) {
    Refuse({1, 1}, "the file is larger than 1MiB", "no config is that large",
           "check that this is the right file");
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = base::Utf8SequenceLength(text.substr(i));
    const auto byte = static_cast<unsigned char>(text[i]);
    if (length == 0) {
      Refuse(PlaceOf(text, i), "a byte here is not UTF-8", "a config is UTF-8 text",
             "save the file with the encoding UTF-8");
    }
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f) {
      Refuse(PlaceOf(text, i), "a control character stands here", "a config is plain text",
             "remove it, or write it as an escape inside double quotes");
    }
    i += length;
  }
}

// A tab in the indentation of the line at which the parser stopped, or of the last one before it.
std::optional<Position> TabInIndentation(std::string_view text, int line) {
  std::optional<Position> found;
  for (Position at{1, 1}; at.line <= line; ++at.line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    const std::size_t blanks = std::min(one.find_first_not_of(" \t\r"), one.size());
    if (blanks < one.size()) {
      const std::size_t tab = one.substr(0, blanks).find('\t');
      if (tab != std::string_view::npos) {
        found = Position{at.line, static_cast<int>(tab) + 1};
      } else if (at.line < line) {
        found.reset();
      }
    }
    if (end == text.size()) break;
    text.remove_prefix(end + 1);
  }
  return found;
}

// yaml-cpp's own words, with what usually is the matter.
Problem FromYaml(const YAML::Exception& e, std::string_view text) {
  if (const auto tab = e.mark.is_null() ? std::nullopt : TabInIndentation(text, e.mark.line + 1)) {
    return {"", *tab, "a tab stands in the indentation", "YAML is indented with blanks only",
            "write blanks instead of it"};
  }
  std::string instead = "check the indentation, the quotes and the brackets around this place";
  if (e.msg.find("end of map") != std::string::npos || e.msg.find("end of sequence") != std::string::npos) {
    instead = "line up the keys that belong together, and close every bracket";
  }
  return {"", e.mark.is_null() ? Position{1, 1} : At(e.mark), "the YAML cannot be read from here on",
          "the parser says: " + e.msg, std::move(instead)};
}

// yaml-cpp takes the end of the file for the end of a quoted value. Only the last one can be cut so.
void RefuseOpenQuote(std::string_view text, std::size_t start) {
  const char quote = start < text.size() ? text[start] : ' ';
  if (quote != '"' && quote != '\'') return;
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return;
      ++i;
    }
  }
  Refuse(PlaceOf(text, start), "a quote is opened here and never closed",
         "the rest of the file belongs to it", "close it with " + std::string(1, quote));
}

Node Parse(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // the byte order mark of UTF-8
  RefuseBytes(text);
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  Builder first;
  if (!parser.HandleNextDocument(first)) return {};
  if (first.last_quote()) RefuseOpenQuote(text, *first.last_quote());
  Builder second;
  if (parser.HandleNextDocument(second)) {
    const Node extra = second.Take();
    Refuse(extra.at, "a second document begins here", "a config is one document", "remove the line ---");
  }
  return first.Take();
}

}  // namespace

tl::expected<Node, Problem> ParseTree(std::string_view text, const std::string& file) {
  Problem problem;
  try {
    Node root = Parse(text);
    if (root.kind == Node::Kind::kMap) return root;
    if (root.kind == Node::Kind::kNull) {
      problem = {
          "",
          {1, 1},
          "the config is empty",
          "nothing in it says who answers",
          "write at least providers: { deepseek: { dialect: deepseek, key: \"${DEEPSEEK_API_KEY}\" } }"};
    } else {
      problem = {"", root.at, "the config is not a map of settings",
                 "each line at the left margin is name: value", "write for example listen: 127.0.0.1:8080"};
    }
  } catch (const Refused& refused) {
    problem = refused.problem;
  } catch (const YAML::Exception& e) {
    problem = FromYaml(e, text);
  }
  problem.file = file;
  return tl::unexpected<Problem>(std::move(problem));
}

}  // namespace config
