#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/problem.h"
#include "config/tree.h"

namespace pricing {

// The first mistake of a file; what comes behind it is read on and not spoken of.
class Mistake {
 public:
  void Put(config::Position at, std::string what, std::string why, std::string instead) {
    if (!first_) first_ = config::Problem{"", at, std::move(what), std::move(why), std::move(instead)};
  }
  const std::optional<config::Problem>& first() const { return first_; }

 private:
  std::optional<config::Problem> first_;
};

// The members of one map, taken one by one; what nobody took is a mistake. Borrows both.
class Fields {
 public:
  Fields(const config::Node& node, std::string what, Mistake& mistake)
      : node_(node), what_(std::move(what)), mistake_(mistake) {
    if (node.kind == config::Node::Kind::kMap) return;
    mistake_.Put(node.at, what_ + " is not a map", "it has members with names", "write name: value");
  }

  // Null if it is not there.
  const config::Node* Find(std::string_view name) {
    known_.emplace_back(name);
    for (const config::Node::Entry& entry : node_.entries) {
      if (entry.key == name) return &entry.value;
    }
    return nullptr;
  }

  // The text of a member; empty if it is not there.
  std::string_view Text(std::string_view name) {
    const config::Node* node = Find(name);
    return node == nullptr ? std::string_view() : TextOf(*node, name);
  }
  // The same, with another value where it is not there.
  std::string TextOr(std::string_view name, const std::string& fallback) {
    const std::string_view text = Text(name);
    return text.empty() ? fallback : std::string(text);
  }
  std::string_view TextOf(const config::Node& node, std::string_view name) {
    if (node.kind == config::Node::Kind::kText && !node.text.empty()) return node.text;
    mistake_.Put(node.at, std::string(name) + " is no single value", "one is expected here",
                 "write " + std::string(name) + ": value");
    return {};
  }

  // The items of a list; none if it is not there.
  const std::vector<config::Node>& List(std::string_view name) {
    static const std::vector<config::Node> kNone;
    const config::Node* node = Find(name);
    if (node == nullptr) return kNone;
    if (node->kind != config::Node::Kind::kList) {
      Wrong(*node, name, "several may stand here", "write " + std::string(name) + ": [a, b]");
    }
    return node->items;
  }

  // The members of a map of free names; none if it is not there.
  const std::vector<config::Node::Entry>& Map(std::string_view name) {
    static const std::vector<config::Node::Entry> kNone;
    const config::Node* node = Find(name);
    if (node == nullptr) return kNone;
    if (node->kind != config::Node::Kind::kMap) {
      Wrong(*node, name, "it has members with names", "write " + std::string(name) + ": { name: value }");
    }
    return node->entries;
  }

  // The members that were not asked for so far.
  std::vector<const config::Node::Entry*> Others() const {
    std::vector<const config::Node::Entry*> others;
    for (const config::Node::Entry& entry : node_.entries) {
      if (std::find(known_.begin(), known_.end(), entry.key) == known_.end()) others.push_back(&entry);
    }
    return others;
  }

  // Call last: a member that was not asked for is a mistake.
  void End() {
    for (const config::Node::Entry* entry : Others()) {
      const auto near = config::Nearest(entry->key, known_);
      std::string list;
      for (const std::string& name : known_) list += (list.empty() ? "" : " ") + name;
      mistake_.Put(entry->at, "unknown key " + config::Quote(entry->key),
                   "there is no such member of " + what_, near ? "write " + *near : "use one of: " + list);
    }
  }

  // A mistake in a member's value.
  void Wrong(const config::Node& node, std::string_view name, std::string why, std::string instead) {
    const std::string shown =
        node.kind == config::Node::Kind::kText ? " is " + config::Quote(node.text) : " is wrong";
    mistake_.Put(node.at, std::string(name) + shown, std::move(why), std::move(instead));
  }

  config::Position at() const { return node_.at; }
  const std::string& what() const { return what_; }
  Mistake& mistake() { return mistake_; }

 private:
  const config::Node& node_;
  const std::string what_;
  Mistake& mistake_;
  std::vector<std::string> known_;
};

}  // namespace pricing
