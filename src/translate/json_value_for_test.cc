#include "translate/json_value_for_test.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "translate/json_text.h"
#include "wire/json_scanner.h"

namespace translate {
namespace {

void Append(std::string& out, const wire::JsonValue& value) {
  wire::JsonCursor cursor(value.raw);
  if (value.IsString()) {
    base::AppendJsonString(out, JsonText{value.Inside()}.Plain());
  } else if (cursor.EnterArray()) {
    out += '[';
    for (bool first = true; cursor.NextElement(); first = false) {
      if (!first) out += ',';
      Append(out, cursor.Take());
    }
    out += ']';
  } else if (cursor.EnterObject()) {
    std::vector<std::pair<std::string, std::string>> members;
    while (cursor.NextMember()) {
      auto& [name, text] = members.emplace_back();
      base::AppendJsonString(name, JsonText{cursor.Key()}.Plain());
      Append(text, cursor.Take());
    }
    std::sort(members.begin(), members.end());
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += ',';
      out += members[i].first + ':' + members[i].second;
    }
    out += '}';
  } else {
    out += value.raw;
  }
}

}  // namespace

std::string ValueOf(std::string_view json) {
  const auto value = wire::ScanJson(json);
  if (!value) return "malformed: " + value.error().detail;
  std::string out;
  Append(out, *value);
  return out;
}

}  // namespace translate
