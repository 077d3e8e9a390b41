#include "store/key_json.h"

#include "base/encoding.h"
#include "base/json_text.h"

namespace store {
namespace {

std::string Time(base::WallTime time) {
  return std::string(base::Rfc3339(time).view());
}

template <class List, class Print>
std::string Array(const List& list, Print print) {
  std::string array = "[";
  for (const auto& one : list) {
    if (array.size() > 1) array += ',';
    base::AppendJsonString(array, print(one));
  }
  return array + "]";
}

}  // namespace

std::string KeyJson(const KeyRecord& key, base::WallTime now, std::string_view secret) {
  base::JsonObject object;
  const auto add = [&object](const char* name, std::string_view value) {
    value.empty() ? object.AddNull(name) : object.Add(name, value);
  };
  object.Add("id", key.id);
  add("org", key.org);
  add("team", key.team);
  add("project", key.project);
  add("user", key.user);
  add("name", key.name);
  object.Add("created", Time(key.created));
  add("expires", key.expires ? Time(*key.expires) : "");
  object.AddRaw("models", Array(key.models, [](const std::string& model) { return model; }));
  object.AddRaw("networks", Array(key.networks, [](const Network& network) { return network.Print(); }));
  object.Add("status", Name(key.Status(now)));
  add("old_secret_until", key.former && now < key.former->until ? Time(key.former->until) : "");
  if (!secret.empty()) object.Add("secret", secret);
  return object.Take();
}

}  // namespace store
