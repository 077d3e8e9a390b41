#include "admin/desk.h"

#include <utility>

namespace admin {

net::Task<Reply> Desk::Do(net::Loop& loop, std::function<Reply()> work) {
  auto reply = co_await desk_.Do(loop, std::move(work));
  if (reply) co_return std::move(*reply);
  co_return Refuse(Trouble::kUnavailable, "too many requests wait to be answered; ask again in a moment");
}

}  // namespace admin
