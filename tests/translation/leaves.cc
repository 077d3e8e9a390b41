#include "translation/leaves.h"

#include "wire/json_scanner.h"

namespace {

void Collect(std::string_view json, const std::string& path, Leaves& leaves) {
  wire::JsonCursor cursor(json);
  bool empty = true;
  if (cursor.EnterObject()) {
    while (cursor.NextMember()) {
      empty = false;
      const std::string name(cursor.Key());
      Collect(cursor.Take().raw, path.empty() ? name : path + "." + name, leaves);
    }
    if (empty) leaves[path] += "{}";
  } else if (cursor.EnterArray()) {
    while (cursor.NextElement()) {
      empty = false;
      Collect(cursor.Take().raw, path + "[]", leaves);
    }
    if (empty) leaves[path] += "[]";
  } else {
    std::string& all = leaves[path];
    if (!all.empty()) all += ' ';
    all += cursor.Take().raw;
  }
}

}  // namespace

Leaves LeavesOf(std::string_view json) {
  Leaves leaves;
  Collect(json, {}, leaves);
  return leaves;
}

Leaves Difference(const Leaves& with, const Leaves& without) {
  Leaves difference;
  for (const auto& [path, value] : with) {
    const auto other = without.find(path);
    if (other == without.end() || other->second != value) difference[path] = value;
  }
  for (const auto& [path, value] : without) {
    if (with.find(path) == with.end()) difference[path] = {};
  }
  return difference;
}
