#include "wire/models_list.h"

#include "base/encoding.h"
#include "base/json_text.h"
#include "wire/json_scanner.h"

namespace wire {

namespace {

std::string WriteOpenaiModel(const ModelEntry& model) {
  base::JsonObject object;
  object.Add("id", model.id).Add("object", "model").Add("created", model.created);
  object.Add("owned_by", model.owned_by);
  return object.Take();
}

// Anthropic says when a model came out as a time; what is not known is the epoch's beginning, as there.
std::string WriteAnthropicModel(const ModelEntry& model) {
  constexpr std::int64_t kNanos = 1'000'000'000;
  base::JsonObject object;
  object.Add("type", "model").Add("id", model.id).Add("display_name", model.id);
  object.Add("created_at", base::Rfc3339(model.created * kNanos).view()).Add("lifecycle", "active");
  return object.Take();
}

void AddId(base::JsonObject& object, std::string_view key, const ModelEntry* model) {
  if (model == nullptr) {
    object.AddNull(key);
  } else {
    object.Add(key, model->id);
  }
}

}  // namespace

std::string WriteModel(chat::Dialect dialect, const ModelEntry& model) {
  switch (dialect) {
    case chat::Dialect::kOpenai:
    case chat::Dialect::kResponses:
      return WriteOpenaiModel(model);
    case chat::Dialect::kAnthropic:
      return WriteAnthropicModel(model);
  }
  return {};
}

std::string WriteModelsList(chat::Dialect dialect, std::span<const ModelEntry> models) {
  std::string data = "[";
  for (const ModelEntry& model : models) {
    if (&model != models.data()) data += ',';
    data += WriteModel(dialect, model);
  }
  data += ']';
  base::JsonObject list;
  if (dialect != chat::Dialect::kAnthropic) return list.Add("object", "list").AddRaw("data", data).Take();
  list.AddRaw("data", data).Add("has_more", false);
  AddId(list, "first_id", models.empty() ? nullptr : &models.front());
  AddId(list, "last_id", models.empty() ? nullptr : &models.back());
  return list.Take();
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
