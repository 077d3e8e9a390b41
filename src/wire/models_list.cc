#include "wire/models_list.h"

#include "base/json_text.h"
#include "wire/json_scanner.h"

namespace wire {

std::string WriteModel(const ModelEntry& model) {
  base::JsonObject object;
  object.Add("id", model.id).Add("object", "model").Add("created", model.created);
  object.Add("owned_by", model.owned_by);
  return object.Take();
}

std::string WriteModelsList(std::span<const ModelEntry> models) {
  std::string text = R"({"object":"list","data":[)";
  for (const ModelEntry& model : models) {
    if (&model != models.data()) text += ',';
    text += WriteModel(model);
  }
  return text += "]}";
}

base::Result<std::vector<std::string>> ReadModelIds(std::string_view body) {
  std::vector<std::string> ids;
  JsonCursor json(body);
  bool found = false;
  if (json.EnterObject()) {
    while (json.NextMember()) {
      if (!json.KeyIs("data") || !json.EnterArray()) continue;
      found = true;
      while (json.NextElement()) {
        if (!json.EnterObject()) continue;
        while (json.NextMember()) {
          if (json.KeyIs("id") && json.AtString() && ids.size() < kModelIdsMax)
            ids.push_back(json.Take().Text());
        }
      }
    }
  }
  if (auto ended = json.End(); !ended) return base::Fail(ended.error());
  if (!found) return base::Fail(base::Code::kInvalid, "the list of models has no array 'data'");
  return ids;
}

}  // namespace wire
