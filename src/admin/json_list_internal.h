#pragma once

#include <string>

namespace admin {

// A JSON array of what `print` makes of each element, in order.
template <class Elements, class Print>
std::string JsonList(const Elements& elements, Print&& print) {
  std::string list = "[";
  for (const auto& element : elements) {
    if (list.size() > 1) list += ',';
    list += print(element);
  }
  return list + "]";
}

}  // namespace admin
