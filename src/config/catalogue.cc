#include "config/catalogue.h"

#include "config/describe.h"

namespace config {
namespace {

constexpr std::string_view kAnyName = "NAME";

class Writer final : public Visitor {
 public:
  explicit Writer(Entry& root) : at_(&root) {}

  void Value(const Field& field) override { Add(Entry::Kind::kValue, field); }
  void List(const Field& field) override { Add(Entry::Kind::kList, field); }

  void Group(const Field& field, const std::function<void()>& inside) override {
    Inside(Add(Entry::Kind::kGroup, field), [&] { inside(); });
  }

  void Items(const Field& field, const std::function<void(std::size_t)>& inside) override {
    Inside(Add(Entry::Kind::kItems, field), [&] { inside(0); });
  }

  void Map(const Field& field, const std::function<void(std::string_view)>& inside) override {
    Inside(Add(Entry::Kind::kMap, field), [&] { inside(kAnyName); });
  }

  void Pairs(const Field& field, const std::function<Field(std::string_view)>& item) override {
    Entry& entry = Add(Entry::Kind::kPairs, field);
    const Field value = item(kAnyName);
    entry.field.type = "names, at most " + std::to_string(field.items_max) + ", each with one " + value.type;
    entry.field.schema = value.schema;
  }

 private:
  Entry& Add(Entry::Kind kind, const Field& field) {
    Entry& entry = at_->children.emplace_back();
    entry.kind = kind;
    entry.field = field;
    entry.field.set = nullptr;
    entry.path = (at_->path.empty() ? "" : at_->path + ".") +
                 (at_->kind == Entry::Kind::kMap ? std::string(kAnyName) + "." : "") +
                 std::string(field.name) + (kind == Entry::Kind::kItems ? "[]" : "");
    return entry;
  }

  template <class F>
  void Inside(Entry& entry, F&& f) {
    Entry* const around = at_;
    at_ = &entry;
    f();
    at_ = around;
  }

  Entry* at_;
};

void Collect(const Entry& entry, std::string_view name, std::vector<std::string>& paths) {
  if (!entry.field.name.empty() && entry.field.name == name) paths.push_back(entry.path);
  for (const Entry& child : entry.children) Collect(child, name, paths);
}

}  // namespace

Entry Catalogue() {
  Entry root;
  Settings defaults;
  Writer writer(root);
  Describe(writer, defaults);
  return root;
}

std::vector<std::string> PathsNamed(const Entry& root, std::string_view name) {
  std::vector<std::string> paths;
  Collect(root, name, paths);
  return paths;
}

}  // namespace config
