#include "config/reference.h"

#include "base/json_text.h"
#include "config/catalogue.h"

namespace config {
namespace {

// What a table cell must not hold.
std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

bool IsSection(const Entry& entry) {
  return entry.kind == Entry::Kind::kGroup || entry.kind == Entry::Kind::kMap ||
         entry.kind == Entry::Kind::kItems;
}

std::string DefaultCell(const Field& field) {
  if (field.required) return "required";
  return field.fallback.empty() ? "-" : "`" + field.fallback + "`";
}

void AppendRow(std::string& out, const Entry& entry) {
  out += "| `" + entry.path + "` | " + Cell(entry.field.type) + " | " + DefaultCell(entry.field) + " | " +
         Cell(entry.field.doc) + " |\n";
}

// A group's own values in one table, then each group inside it under its own heading.
void AppendSection(std::string& out, const Entry& entry) {
  if (!entry.path.empty()) {
    const std::string name = entry.kind == Entry::Kind::kMap ? entry.path + ".NAME" : entry.path;
    out += "\n## `" + name + "`\n\n" + entry.field.doc + "\n";
    if (entry.kind == Entry::Kind::kMap)
      out += "At most " + std::to_string(entry.field.items_max) + " names.\n";
    if (entry.kind == Entry::Kind::kItems)
      out += "A list of at most " + std::to_string(entry.field.items_max) + ".\n";
  }
  bool begun = false;
  for (const Entry& child : entry.children) {
    if (IsSection(child)) continue;
    if (!begun) out += "\n| setting | value | default | what it does |\n|---|---|---|---|\n";
    begun = true;
    AppendRow(out, child);
  }
  for (const Entry& child : entry.children) {
    if (IsSection(child)) AppendSection(out, child);
  }
}

// "description":"...","default":... behind the members that constrain the value.
std::string Annotations(const Field& field) {
  std::string out = R"("description":)";
  base::AppendJsonString(out, field.doc);
  if (field.fallback.empty()) return out;
  out += R"(,"default":)";
  if (field.bare) {
    out += field.fallback;
  } else {
    base::AppendJsonString(out, field.fallback);
  }
  return out;
}

// A value as its setting wants it, or text with a ${NAME} in it.
std::string ValueSchema(const Field& field) {
  return R"("anyOf":[{)" + field.schema + R"(},{"$ref":"#/$defs/from_environment"}])";
}

std::string ObjectSchema(const Entry& entry);

std::string Schema(const Entry& entry) {
  const std::string most = std::to_string(entry.field.items_max);
  switch (entry.kind) {
    case Entry::Kind::kValue:
      return "{" + ValueSchema(entry.field) + "," + Annotations(entry.field) + "}";
    case Entry::Kind::kList:
      return R"({"type":"array","items":{)" + ValueSchema(entry.field) + R"(},"minItems":)" +
             (entry.field.required ? "1" : "0") + R"(,"maxItems":)" + most + "," + Annotations(entry.field) +
             "}";
    case Entry::Kind::kGroup:
      return R"({"type":["object","null"],)" + ObjectSchema(entry) + "," + Annotations(entry.field) + "}";
    case Entry::Kind::kItems:
      return R"({"type":["array","null"],"items":{"type":"object",)" + ObjectSchema(entry) +
             R"(},"maxItems":)" + most + "," + Annotations(entry.field) + "}";
    case Entry::Kind::kMap:
      return R"({"type":["object","null"],"propertyNames":{)" + entry.field.schema + R"(},"maxProperties":)" +
             most + R"(,"additionalProperties":{"type":"object",)" + ObjectSchema(entry) + "}," +
             Annotations(entry.field) + "}";
    case Entry::Kind::kPairs:
      return R"({"type":["object","null"],"maxProperties":)" + most + R"(,"additionalProperties":{)" +
             ValueSchema(entry.field) + "}," + Annotations(entry.field) + "}";
  }
  return "{}";
}

// The members that list what may stand inside a group or under each key of a map.
std::string ObjectSchema(const Entry& entry) {
  std::string out = R"("additionalProperties":false,"properties":{)";
  std::string required;
  for (const Entry& child : entry.children) {
    if (&child != &entry.children.front()) out += ',';
    base::AppendJsonString(out, child.field.name);
    out += ":" + Schema(child);
    if (!child.field.required) continue;
    if (!required.empty()) required += ',';
    base::AppendJsonString(required, child.field.name);
  }
  out += '}';
  if (!required.empty()) out += R"(,"required":[)" + required + "]";
  return out;
}

}  // namespace

std::string Reference() {
  std::string out =
      "# Settings\n\n"
      "Written by `sluice config reference` from the settings that the program declares.\n\n"
      "- The file is YAML, one document, UTF-8, at most 1MiB, without anchors, aliases and tags. Keys that "
      "are not\n"
      "  listed here and keys written twice are errors.\n"
      "- `${NAME}` in a value is replaced by the environment variable NAME, which must be set; `$${` is a "
      "plain\n"
      "  `${`. Quote such values: `key: \"${DEEPSEEK_API_KEY}\"`.\n"
      "- A time is a whole number with ms, s, m, h or d: `500ms`, `30s`. A size has B, KiB, MiB or GiB: "
      "`16MiB`;\n"
      "  KB and MB are refused, since they mean two things. A percent has at most two decimals: `20%`, "
      "`0.5%`.\n";
  AppendSection(out, Catalogue());
  return out;
}

std::string JsonSchema() {
  return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Sluice config","type":"object",)"
         R"("$defs":{"from_environment":{"type":"string","pattern":"\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}"}},)" +
         ObjectSchema(Catalogue()) + "}\n";
}

}  // namespace config
