#include "wire/models_list.h"

#include "base/json_text.h"

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

}  // namespace wire
