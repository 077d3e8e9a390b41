#include "translate/strict_schema_internal.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <vector>

#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

using wire::JsonCursor;
using wire::JsonValue;

constexpr int kDepthMax = 24;  // schemas within each other; OpenAI takes 10 levels of objects

constexpr std::string_view kRefused[] = {"allOf",
                                         "oneOf",
                                         "not",
                                         "if",
                                         "then",
                                         "else",
                                         "dependentRequired",
                                         "dependentSchemas",
                                         "patternProperties"};

// What one schema says of itself, and the schemas in it.
struct Said {
  JsonValue type, required, additional;
  std::vector<std::string_view> properties{};  // names
  bool has_properties = false;
  bool has_kind = false;  // which values it allows
};

bool IsOfObjects(const Said& said) {
  if (said.has_properties || said.type.TextIs("object")) return true;
  JsonCursor cursor(said.type.raw);
  if (!said.type.IsArray() || !cursor.EnterArray()) return false;
  bool any = false;
  while (cursor.NextElement()) any |= cursor.Take().TextIs("object");
  return any;
}

bool RequiresAll(const Said& said) {
  std::unordered_set<std::string_view> required;
  JsonCursor cursor(said.required.raw);
  if (said.required.IsArray() && cursor.EnterArray()) {
    while (cursor.NextElement()) {
      if (const JsonValue name = cursor.Take(); name.IsString()) required.insert(name.Inside());
    }
  }
  return std::all_of(said.properties.begin(), said.properties.end(),
                     [&required](std::string_view name) { return required.contains(name); });
}

bool Fits(const JsonValue& schema, int depth);

// The same for each schema in a list, or in an object whose names go to `names`.
bool AllFit(const JsonValue& schemas, int depth, std::vector<std::string_view>* names = nullptr) {
  JsonCursor cursor(schemas.raw);
  if (cursor.EnterArray()) {
    while (cursor.NextElement()) {
      if (!Fits(cursor.Take(), depth)) return false;
    }
    return true;
  }
  if (!cursor.EnterObject()) return false;
  while (cursor.NextMember()) {
    if (names != nullptr) names->push_back(cursor.Key());
    if (!Fits(cursor.Take(), depth)) return false;
  }
  return true;
}

bool Fits(const JsonValue& schema, int depth) {
  JsonCursor cursor(schema.raw);
  if (depth > kDepthMax || !schema.IsObject() || !cursor.EnterObject()) return false;
  Said said;
  while (cursor.NextMember()) {
    const auto is = [&cursor](std::string_view name) { return cursor.KeyIs(name); };
    if (std::any_of(std::begin(kRefused), std::end(kRefused), is)) return false;
    said.has_kind |= is("type") || is("anyOf") || is("$ref") || is("enum") || is("const");
    const bool properties = is("properties");
    const bool many = properties || is("anyOf") || is("$defs") || is("definitions");
    const bool one = is("items");
    JsonValue* const slot = is("type")                   ? &said.type
                            : is("required")             ? &said.required
                            : is("additionalProperties") ? &said.additional
                                                         : nullptr;
    const JsonValue value = cursor.Take();
    if (slot != nullptr) *slot = value;
    said.has_properties |= properties;
    if (many && !AllFit(value, depth + 1, properties ? &said.properties : nullptr)) return false;
    if (one && !Fits(value, depth + 1)) return false;
  }
  if (!said.has_kind && !said.has_properties) return false;
  return !IsOfObjects(said) || (said.additional.Bool() == false && RequiresAll(said));
}

}  // namespace

bool IsStrictSchema(std::string_view schema) {
  JsonCursor cursor(schema);
  if (!cursor.EnterObject()) return false;
  bool object = false;
  while (cursor.NextMember()) {
    if (cursor.KeyIs("anyOf")) return false;
    const bool type = cursor.KeyIs("type");
    object |= cursor.Take().TextIs("object") && type;
  }
  return object && Fits({.raw = schema, .kind = wire::JsonKind::kObject}, 0);
}

}  // namespace translate::internal
