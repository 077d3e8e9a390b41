#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/block_allocator.h"
#include "chat/endpoint.h"
#include "chat/rung.h"
#include "config/settings.h"
#include "routing/names.h"

namespace routing {

// One model of one provider that may answer, and why it stands where it does.
struct Candidate {
  config::ModelRef target;
  chat::Rung rung = chat::Rung::kStrong;
  std::string_view reason;  // one short sentence, of the program's own
  std::string rejected;     // why it is not tried now; empty: it may be
  std::string although;     // why it should not have been, where nobody else could be either
};

// What was decided for one request: who is asked, in this order. Rejected candidates stand at the end.
struct Plan {
  base::BlockVector<Candidate> candidates;  // never empty
  std::string_view reason;                  // why the first one is first, or why there is none

  // False when all are rejected: none of them takes requests of this kind.
  bool Answerable() const { return candidates.front().rejected.empty(); }
};

// Why a provider cannot be asked for a model at this moment ("its only key was refused"); empty when it can.
using Health = std::function<std::string(const config::ModelRef& target)>;

// Who may answer `asked`: the alias of that name (its default rung, then the stronger rungs, the weaker ones,
// the fallbacks), or what Resolve says of the name. A candidate whose provider neither speaks the dialect of
// `operation` nor can be asked by a translation is rejected. One whose provider is unhealthy is rejected too,
// unless all that are left are: then they are tried all the same, in order. nullopt: there is no such model.
std::optional<Plan> MakePlan(const config::Settings& settings, std::string_view asked,
                             chat::Operation operation, const Health& health, const Listed& listed);

}  // namespace routing
