#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "config/tree.h"

// Runs while Sluice is built: embed_catalogue OUT FILE... writes YAML files as JSON into a C++ source,
// because YAML takes thirty times as long to read at each start.

namespace {

using config::Node;

void AppendJson(std::string& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      out += "null";
      return;
    case Node::Kind::kText:
      base::AppendJsonString(out, node.text);
      return;
    case Node::Kind::kList:
      out += '[';
      for (const Node& item : node.items) {
        if (&item != &node.items.front()) out += ',';
        AppendJson(out, item);
      }
      out += ']';
      return;
    case Node::Kind::kMap:
      out += '{';
      for (const Node::Entry& entry : node.entries) {
        if (&entry != &node.entries.front()) out += ',';
        base::AppendJsonString(out, entry.key);
        out += ':';
        AppendJson(out, entry.value);
      }
      out += '}';
      return;
  }
}

// The folder does not matter: what is embedded is the same wherever it was built.
std::string NameOf(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> given(argv + 1, argv + argc);
  if (given.size() < 2) {
    std::cerr << "usage: embed_catalogue OUT FILE...\n";
    return 2;
  }
  std::string out =
      "// Written by embed_catalogue; do not edit.\n"
      "#include \"pricing/embedded_internal.h\"\n\nnamespace pricing {\n\n"
      "const std::vector<EmbeddedText>& EmbeddedTexts() {\n"
      "  static const std::vector<EmbeddedText> texts = {\n";
  for (std::size_t i = 1; i < given.size(); ++i) {
    std::ifstream file(given[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto tree = config::ParseTree(text, given[i]);
    if (!file || !tree) {
      std::cerr << (tree ? "cannot read " + given[i] : config::Print(tree.error())) << '\n';
      return 3;
    }
    out += "      {\"" + NameOf(given[i]) + "\", R\"~~~(";
    AppendJson(out, *tree);
    out += ")~~~\"},\n";
  }
  out += "  };\n  return texts;\n}\n\n}  // namespace pricing\n";
  std::ofstream written(given[0], std::ios::binary | std::ios::trunc);
  written << out << std::flush;
  if (written) return 0;
  std::cerr << "cannot write " << given[0] << '\n';
  return 3;
}
