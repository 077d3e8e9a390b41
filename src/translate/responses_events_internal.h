#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "translate/form.h"
#include "translate/json_out.h"
#include "translate/responses_shell_internal.h"

namespace translate::internal {

// The events of one response and the items that they have told so far. An item is done when the next one
// begins or the response ends: only then is it known that it was not cut. The last event holds the whole
// response again, so all of it is kept until then. `between` outlives it.
class ResponseEvents {
 public:
  // What a part is counted as beside its texts, for what stands around them in memory and is said with them;
  // a citation, too.
  static constexpr std::size_t kPieceBytes = 512;

  explicit ResponseEvents(const Between& between) : shell_(between) {}

  struct Item {
    enum class Kind : std::uint8_t { kMessage, kThought, kCall } kind = Kind::kMessage;
    std::string id{};
    std::vector<std::string> contents{};  // of a message: its parts, each empty until it is whole
    std::string text{};                   // of a thought, or the arguments of a call
    std::string seal{};                   // of a thought
    std::string call_id{};                // of a call
    std::string name{};
    bool custom = false;
    std::size_t open = 0;  // parts of it that have not ended
    bool done = false;
  };

  // Where events are written from now on.
  void Into(std::string& out) { out_ = &out; }

  std::int64_t NextNumber() { return sequence_++; }

  // Opens the event `type` up to its own members, which follow; Close ends it.
  JsonOut Open(std::string_view type);
  JsonOut OpenAbout(std::string_view type, std::size_t item);
  void Close(JsonOut& json);

  // The whole response as an event, without output until told.ended.
  void Tell(std::string_view type, const Shell::Told& told);

  // Tells a new item, of which one part is open, and gives its place. Its id is made up unless it has one.
  std::size_t Add(Item item);
  Item& At(std::size_t place) { return items_[place]; }
  // The message at the end, if something can still be added to it.
  Item* LastMessage();
  std::size_t Last() const { return items_.size() - 1; }

  // Ends the response, with nothing open any more.
  void End(const Shell::Told& told);

 private:
  void FinishItems(bool cut);
  void WriteItem(const Item& item, std::string_view status, JsonOut& json) const;
  std::string_view StatusOf(std::size_t place, bool cut) const;

  const Shell shell_;
  std::string* out_ = nullptr;
  std::vector<Item> items_;
  std::vector<std::size_t> undone_;  // places of items, in order
  std::int64_t sequence_ = 0;
};

}  // namespace translate::internal
