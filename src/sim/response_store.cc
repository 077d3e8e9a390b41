#include "sim/response_store.h"

#include <algorithm>
#include <utility>

namespace sim {

void ResponseStore::Keep(const std::string& id, Conversation conversation) {
  if (const auto known = std::find(ids_.begin(), ids_.end(), id); known != ids_.end()) Drop(known);
  std::size_t tokens = 0;
  for (const auto& item : conversation) {
    tokens += item->tokens.size() + 1;
    if (!item->id.empty()) items_.insert_or_assign(item->id, item);
  }
  kept_.emplace(id, Kept{std::move(conversation), tokens});
  ids_.push_back(id);
  tokens_ += tokens;
  while (ids_.size() > limits_.responses_max || tokens_ > limits_.tokens_max) Drop(ids_.begin());
}

void ResponseStore::Drop(std::deque<std::string>::iterator place) {
  const auto kept = kept_.find(*place);
  Conversation conversation = std::move(kept->second.conversation);
  tokens_ -= kept->second.tokens;
  kept_.erase(kept);
  ids_.erase(place);
  for (auto& item : conversation) {
    const std::string id = item->id;
    item.reset();
    const auto known = items_.find(id);
    if (known != items_.end() && known->second.expired()) items_.erase(known);
  }
}

const Conversation* ResponseStore::Find(const std::string& id) const {
  const auto found = kept_.find(id);
  return found == kept_.end() ? nullptr : &found->second.conversation;
}

std::shared_ptr<const ResponseItem> ResponseStore::FindItem(const std::string& id) const {
  const auto found = items_.find(id);
  return found == items_.end() ? nullptr : found->second.lock();
}

void ResponseStore::Clear() {
  ids_.clear();
  kept_.clear();
  items_.clear();
  tokens_ = 0;
}

}  // namespace sim
