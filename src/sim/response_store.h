#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/prompt_cache.h"

namespace sim {

// One item of a conversation of /responses, as far as what comes later depends on it.
struct ResponseItem {
  enum class Kind : std::uint8_t { kMessage, kReasoning, kCall, kCallOutput, kOther };
  Kind kind = Kind::kMessage;
  std::string id{};       // empty: it has none
  std::string call_id{};  // of calls and their outputs
  std::string role{};     // of messages
  std::string text{};
  std::size_t images = 0;
  TokenHashes tokens{};  // what it adds to a prompt
};

using Conversation = std::vector<std::shared_ptr<const ResponseItem>>;

// The conversations that a provider keeps, each with the answer behind it, under the answer's id. Bounded:
// the oldest go first. Not thread-safe.
class ResponseStore {
 public:
  struct Limits {
    std::size_t responses_max = 1000;
    std::size_t tokens_max = 4'000'000;  // of all conversations, those that they share counted for each
  };
  ResponseStore() : ResponseStore(Limits{}) {}
  explicit ResponseStore(const Limits& limits) : limits_(limits) {}

  // In place of what is kept under that id, if there is something.
  void Keep(const std::string& id, Conversation conversation);
  const Conversation* Find(const std::string& id) const;  // null: not kept, or not any more
  std::shared_ptr<const ResponseItem> FindItem(const std::string& id) const;
  void Clear();

 private:
  struct Kept {
    Conversation conversation;
    std::size_t tokens = 0;
  };

  void Drop(std::deque<std::string>::iterator place);  // in ids_

  const Limits limits_;
  std::deque<std::string> ids_;  // the oldest first
  std::unordered_map<std::string, Kept> kept_;
  std::unordered_map<std::string, std::weak_ptr<const ResponseItem>> items_;
  std::size_t tokens_ = 0;
};

}  // namespace sim
