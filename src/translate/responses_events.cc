#include "translate/responses_events_internal.h"

#include <utility>

namespace translate::internal {

namespace {

std::string_view Prefix(const ResponseEvents::Item& item) {
  switch (item.kind) {
    case ResponseEvents::Item::Kind::kMessage:
      return "msg_";
    case ResponseEvents::Item::Kind::kThought:
      return "rs_";
    case ResponseEvents::Item::Kind::kCall:
      break;
  }
  return CallPrefix(item.custom);
}

}  // namespace

JsonOut ResponseEvents::Open(std::string_view type) {
  out_->append("event: ").append(type).append("\ndata: ");
  JsonOut json(*out_);
  json.Open('{').Key("type").Text({type}).Key("sequence_number").Number(NextNumber());
  return json;
}

JsonOut ResponseEvents::OpenAbout(std::string_view type, std::size_t item) {
  JsonOut json = Open(type);
  json.Key("item_id").Plain(items_[item].id);
  json.Key("output_index").Number(static_cast<std::int64_t>(item));
  return json;
}

void ResponseEvents::Close(JsonOut& json) {
  json.Close('}');
  out_->append("\n\n");
}

void ResponseEvents::Tell(std::string_view type, const Shell::Told& told) {
  std::string output = " ";
  JsonOut list(output);
  if (told.ended) {
    const bool cut = Shell::StatusOf(told) != "completed";
    for (std::size_t i = 0; i < items_.size(); ++i) WriteItem(items_[i], StatusOf(i, cut), list);
    items_.clear();
  }
  JsonOut json = Open(type);
  json.Key("response");
  shell_.Write(told, std::string_view(output).substr(1), json);
  Close(json);
}

std::size_t ResponseEvents::Add(Item item) {
  FinishItems(false);
  const std::size_t place = items_.size();
  if (item.id.empty()) item.id = shell_.ItemId(Prefix(item), place);
  item.open = 1;
  items_.push_back(std::move(item));
  undone_.push_back(place);
  JsonOut json = Open("response.output_item.added");
  json.Key("output_index").Number(static_cast<std::int64_t>(place)).Key("item");
  WriteItem(items_[place], "in_progress", json);
  Close(json);
  return place;
}

ResponseEvents::Item* ResponseEvents::LastMessage() {
  if (items_.empty() || items_.back().kind != Item::Kind::kMessage || items_.back().done) return nullptr;
  return &items_.back();
}

void ResponseEvents::End(const Shell::Told& told) {
  const std::string_view status = Shell::StatusOf(told);
  FinishItems(status != "completed");
  Tell(status == "completed"    ? "response.completed"
       : status == "incomplete" ? "response.incomplete"
                                : "response.failed",
       told);
}

// What nothing is open of any more is done.
void ResponseEvents::FinishItems(bool cut) {
  std::erase_if(undone_, [this, cut](std::size_t place) {
    Item& item = items_[place];
    if (item.open > 0) return false;
    item.done = true;
    JsonOut json = Open("response.output_item.done");
    json.Key("output_index").Number(static_cast<std::int64_t>(place)).Key("item");
    WriteItem(item, StatusOf(place, cut), json);
    Close(json);
    return true;
  });
}

// Only the last item can have been cut.
std::string_view ResponseEvents::StatusOf(std::size_t place, bool cut) const {
  return cut && place + 1 == items_.size() ? "incomplete" : "completed";
}

void ResponseEvents::WriteItem(const Item& item, std::string_view status, JsonOut& json) const {
  switch (item.kind) {
    case Item::Kind::kMessage:
      OpenMessage(item.id, status, json);
      for (const std::string& part : item.contents) json.Raw(part);
      return CloseMessage(json);
    case Item::Kind::kThought:
      return WriteThought(item.id, status, {item.text}, item.seal, json);
    case Item::Kind::kCall:
      break;
  }
  Part call{.kind = Part::Kind::kToolCall};
  call.id = {item.call_id};
  call.name = {item.name};
  call.custom = item.custom;
  call.arguments = {item.text};
  WriteCallItem(item.id, status, call, json);
}

}  // namespace translate::internal
