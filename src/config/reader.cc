#include "config/reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "config/catalogue.h"
#include "config/check.h"
#include "config/describe.h"
#include "config/tree.h"

namespace config {
namespace {

constexpr std::size_t kFileMax = 1 * base::MiB;
constexpr std::size_t kProblemsMax = 50;

std::string_view KindName(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kText:
      return "a single value";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "";
}

// Walks over the declared settings and the tree at once: each setting takes its value from the node of its
// name, and what no setting took is unknown.
class Filler final : public Visitor {
 public:
  Filler(const Node& root, const Environment& environment) : environment_(environment) {
    scope_ = {.node = &root, .path = "", .at = {1, 1}, .known = {}, .missing = {}};
    places_.Put("", {1, 1});
  }

  void Value(const Field& field) override {
    const Node* node = Take(field);
    if (node != nullptr) Scalar(field, PathOf(field.name), *node);
  }

  void List(const Field& field) override {
    const Node* node = Take(field);
    if (node == nullptr) return;
    ForEachItem(field, *node, "[" + field.example + "]",
                [&](std::size_t, const Node& item, const std::string& path) { Scalar(field, path, item); });
  }

  void Items(const Field& field, const std::function<void(std::size_t)>& inside) override {
    const Node* node = Take(field);
    if (node == nullptr || node->kind == Node::Kind::kNull) return;
    ForEachItem(
        field, *node, "[{ name: value }]", [&](std::size_t index, const Node& item, const std::string& path) {
          const bool is_map = item.kind == Node::Kind::kMap;
          if (!is_map) {
            Add(path, item.at, path + " is " + std::string(KindName(item.kind)),
                "a map of settings is expected here", "write - { name: value }");
          }
          // Declared all the same, so that the items count as in the file; what such a one lacks is not told.
          const std::size_t told = problems_.size();
          Within({.node = is_map ? &item : nullptr, .path = path, .at = item.at, .known = {}, .missing = {}},
                 [&] { inside(index); });
          if (!is_map) problems_.resize(told);
        });
  }

  void Group(const Field& field, const std::function<void()>& inside) override {
    const Node* node = Take(field);
    if (!IsMapOrNothing(field, node)) return;
    Within({.node = node, .path = PathOf(field.name), .at = AtOf(field), .known = {}, .missing = {}}, inside);
  }

  void Map(const Field& field, const std::function<void(std::string_view)>& inside) override {
    ForEachKey(field, [&](const Node::Entry& entry, const std::string& path) {
      const bool is_map = entry.value.kind == Node::Kind::kMap || entry.value.kind == Node::Kind::kNull;
      if (!is_map) {
        Add(path, entry.value.at, path + " is " + std::string(KindName(entry.value.kind)),
            "a map of settings is expected here", "write " + entry.key + ": { name: value }");
        return;
      }
      Within({.node = &entry.value, .path = path, .at = entry.at, .known = {}, .missing = {}},
             [&] { inside(entry.key); });
    });
  }

  void Pairs(const Field& field, const std::function<Field(std::string_view)>& item) override {
    ForEachKey(field, [&](const Node::Entry& entry, const std::string& path) {
      Scalar(item(entry.key), path, entry.value);
    });
  }

  // Reports what nobody asked for at the top. Call once, after Describe.
  void End() { EndScope(); }

  std::vector<Problem>& problems() { return problems_; }
  const Places& places() const { return places_; }

 private:
  struct Scope {
    const Node* node;  // null, or a node of kind kMap or kNull
    std::string path;
    Position at;
    std::vector<std::string> known;
    std::vector<Field> missing;  // required ones that are not there
  };

  void Add(std::string path, Position at, std::string what, std::string why, std::string instead) {
    places_.Spoil(std::move(path));
    if (problems_.size() >= kProblemsMax) return;
    problems_.push_back({"", at, std::move(what), std::move(why), std::move(instead)});
  }

  std::string PathOf(std::string_view name) const {
    return scope_.path.empty() ? std::string(name) : scope_.path + "." + std::string(name);
  }

  const Node::Entry* Find(std::string_view name) const {
    if (scope_.node == nullptr) return nullptr;
    const auto& entries = scope_.node->entries;
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.key == name; });
    return found == entries.end() ? nullptr : &*found;
  }

  Position AtOf(const Field& field) const {
    const Node::Entry* entry = Find(field.name);
    return entry == nullptr ? scope_.at : entry->at;
  }

  // The node of a setting, which becomes known by this; null if it is not there.
  const Node* Take(const Field& field) {
    scope_.known.emplace_back(field.name);
    const Node::Entry* entry = Find(field.name);
    if (entry != nullptr) {
      const bool empty = entry->value.kind == Node::Kind::kNull;
      places_.Put(PathOf(field.name), empty ? entry->at : entry->value.at);
      return &entry->value;
    }
    if (field.required) scope_.missing.push_back(field);
    return nullptr;
  }

  static std::string ExampleOf(const Field& field) {
    return field.items_max > 0 ? "[" + field.example + "]" : field.example;
  }

  bool IsMapOrNothing(const Field& field, const Node* node) {
    if (node == nullptr || node->kind == Node::Kind::kMap || node->kind == Node::Kind::kNull) return true;
    Add(PathOf(field.name), node->at, PathOf(field.name) + " is " + std::string(KindName(node->kind)),
        "a map of settings is expected here", "write " + std::string(field.name) + ": { name: value }");
    return false;
  }

  bool FitsIn(const Field& field, const std::string& path, std::size_t count, Position at) {
    if (count <= field.items_max) return true;
    Add(path, at, path + " has " + std::to_string(count) + " items",
        "the most is " + std::to_string(field.items_max), "remove some");
    return false;
  }

  // `f` gets the number, the node and the path of each item.
  template <class F>
  void ForEachItem(const Field& field, const Node& node, const std::string& example, F&& f) {
    const std::string path = PathOf(field.name);
    const std::string instead = "write " + std::string(field.name) + ": " + example;
    if (node.kind != Node::Kind::kList) {
      Add(path, node.at, path + " is " + std::string(KindName(node.kind)), "a list is expected here",
          instead);
      return;
    }
    if (node.items.empty() && field.required) {
      Add(path, node.at, path + " is empty", "it needs at least one item", instead);
    }
    if (!FitsIn(field, path, node.items.size(), node.at)) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const std::string here = path + "[" + std::to_string(i) + "]";
      places_.Put(here, node.items[i].at);
      f(i, node.items[i], here);
    }
  }

  template <class F>
  void ForEachKey(const Field& field, F&& f) {
    const Node* node = Take(field);
    if (node == nullptr || !IsMapOrNothing(field, node)) return;
    if (!FitsIn(field, PathOf(field.name), node->entries.size(), node->at)) return;
    for (const Node::Entry& entry : node->entries) {
      if (const std::optional<Complaint> complaint = field.set(entry.key)) {
        Add(PathOf(field.name) + "." + entry.key, entry.at,
            "the name " + Quote(entry.key) + " cannot stand under " + PathOf(field.name), complaint->why,
            complaint->instead);
        continue;
      }
      const std::string path = PathOf(field.name) + "." + entry.key;
      places_.Put(path, entry.at);
      f(entry, path);
    }
  }

  void Within(Scope scope, const std::function<void()>& inside) {
    std::swap(scope_, scope);
    inside();
    EndScope();
    std::swap(scope_, scope);
  }

  void Scalar(const Field& field, const std::string& path, const Node& node) {
    if (node.kind == Node::Kind::kNull) {
      Add(path, places_.Near(path), path + " has no value", "nothing stands after its colon",
          "write " + field.example + ", or leave it out");
      return;
    }
    if (node.kind != Node::Kind::kText) {
      Add(path, node.at, path + " is " + std::string(KindName(node.kind)),
          "one single value is expected here",
          "write for example " + field.example + " (in quotes where it begins with ${)");
      return;
    }
    const Parsed<std::string> text = Substitute(node.text, environment_);
    std::optional<Complaint> complaint;
    if (!text) {
      complaint = text.error();
    } else {
      complaint = field.set(*text);
    }
    if (!complaint) return;
    // What is quoted is what the file says, before variables were replaced; of a secret not even that.
    Add(path, node.at, field.secret ? path + " is not a usable secret" : path + " is " + Quote(node.text),
        complaint->why, complaint->instead);
  }

  void EndScope() {
    std::vector<std::string> meant;  // by the unknown ones
    if (scope_.node != nullptr) {
      for (const Node::Entry& entry : scope_.node->entries) {
        const auto& known = scope_.known;
        if (std::find(known.begin(), known.end(), entry.key) == known.end()) Unknown(entry, meant);
      }
    }
    for (const Field& field : scope_.missing) {
      if (std::find(meant.begin(), meant.end(), field.name) != meant.end()) continue;
      Add(PathOf(field.name), scope_.at, scope_.path + " has no " + std::string(field.name),
          "it cannot be left out (" + field.type + ")",
          "add " + std::string(field.name) + ": " + ExampleOf(field));
    }
  }

  void Unknown(const Node::Entry& entry, std::vector<std::string>& meant) {
    const std::string what = "unknown key " + Quote(entry.key);
    const std::string where = scope_.path.empty() ? "at the top" : "under " + scope_.path;
    const std::string why = "there is no such setting " + where;
    if (const std::optional<std::string> near = Nearest(entry.key, scope_.known)) {
      meant.push_back(*near);
      Add(PathOf(*near), entry.at, what, why, "write " + *near);
      return;
    }
    const std::string path = PathOf(entry.key);
    if (const std::vector<std::string> elsewhere = PathsNamed(Catalogue(), entry.key); !elsewhere.empty()) {
      std::string list;
      for (const std::string& one : elsewhere) list += (list.empty() ? "" : " or ") + one;
      Add(path, entry.at, what, why, "move it to " + list);
      return;
    }
    std::string list;
    for (const std::string& name : scope_.known) list += (list.empty() ? "" : " ") + name;
    Add(path, entry.at, what, why, "use one of: " + list);
  }

  const Environment& environment_;
  Scope scope_;
  Places places_;
  std::vector<Problem> problems_;
};

tl::unexpected<std::vector<Problem>> Refuse(std::vector<Problem> problems, const std::string& file) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
  });
  if (problems.size() > kProblemsMax) problems.resize(kProblemsMax);
  for (Problem& problem : problems) problem.file = file;
  return tl::unexpected<std::vector<Problem>>(std::move(problems));
}

}  // namespace

ReadResult ReadText(std::string_view text, const std::string& file, const Environment& environment) {
  const tl::expected<Node, Problem> root = ParseTree(text, file);
  if (!root) return Refuse({root.error()}, file);

  auto settings = std::make_shared<Settings>();
  Filler filler(*root, environment);
  Describe(filler, *settings);
  filler.End();

  Complete(*settings);
  std::vector<Problem> problems = std::move(filler.problems());
  for (Problem& problem : Check(*settings, filler.places())) problems.push_back(std::move(problem));
  if (!problems.empty()) return Refuse(std::move(problems), file);
  return settings;
}

ReadResult ReadFile(const std::string& path, const Environment& environment) {
  std::error_code error;
  const bool is_file = std::filesystem::is_regular_file(path, error);
  if (!is_file) {
    return Refuse({{"",
                    {},
                    "the config cannot be read",
                    error ? error.message() : "this is not a regular file",
                    "check the name and the permissions, or give another with -c"}},
                  path);
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(kFileMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.eof()) {
    const bool too_large = stream.good();
    return Refuse({{"",
                    {},
                    too_large ? "the config is larger than 1MiB" : "the config cannot be read",
                    too_large ? "no config is that large" : "the system does not let this process read it",
                    "check the name and the permissions, or give another with -c"}},
                  path);
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return ReadText(text, path, environment);
}

Settings DefaultSettings(const Environment& environment) {
  Settings settings;
  settings.auth = Auth::kOpen;
  const auto add = [&](const char* variable, const char* name, ApiDialect dialect) {
    const std::optional<std::string> key = environment(variable);
    if (!key || key->empty()) return;
    ProviderSettings& provider = settings.providers[name];
    provider.dialect = dialect;
    provider.keys.emplace_back(*key);
  };
  add("DEEPSEEK_API_KEY", "deepseek", ApiDialect::kDeepSeek);
  add("OPENAI_API_KEY", "openai", ApiDialect::kOpenAi);
  add("ANTHROPIC_API_KEY", "anthropic", ApiDialect::kAnthropic);
  Complete(settings);
  return settings;
}

}  // namespace config
