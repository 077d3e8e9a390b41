#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "net/cancel.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "net/task.h"

namespace upstream {

class Provider;

// What a provider said when it was asked for its models. Immutable.
class ModelNames {
 public:
  ModelNames() = default;  // nobody has asked yet
  // Where nothing was said, the names `before` stay.
  ModelNames(base::Result<std::vector<std::string>> said, base::MonoTime at, const ModelNames& before = {});

  // The last list that came, in the provider's order; empty when none ever did.
  const std::vector<std::string>& ids() const { return ids_; }
  const std::string& missing() const { return missing_; }       // why no list came last time; empty: one did
  bool known() const { return asked_at_ && missing_.empty(); }  // the list came last time
  std::optional<base::MonoTime> asked_at() const { return asked_at_; }

  // Whether the list has a model of this name, as it is listed or as the undated name of a dated one:
  // providers answer to `claude-sonnet-4-5`, `claude-sonnet-4-0` and `claude-3-5-haiku-latest` and list what
  // these stand for, with its date.
  bool Has(std::string_view name) const;

 private:
  std::vector<std::string> ids_;
  std::vector<std::string> sorted_;
  std::string missing_;
  std::optional<base::MonoTime> asked_at_;
};

// The models of one provider, as it lists them itself: asked for when somebody needs them, once at a time in
// the whole process, and kept. Thread-safe.
class ModelList {
 public:
  std::shared_ptr<const ModelNames> Known() const { return known_.Load(); }

  // How old what is known may be.
  struct Age {
    std::chrono::nanoseconds names;    // a list
    std::chrono::nanoseconds failure;  // that there was none
  };

  // The list: what is known if it is young enough, otherwise what the provider says now, or is saying to
  // somebody else. Waits kPatience at most. Where `cancel` fires first: what was known before. `provider` is
  // whose list this is, and `pool` leads to it; the loop (on which this runs) and the cancel outlive the
  // task.
  net::Task<std::shared_ptr<const ModelNames>> Get(std::shared_ptr<Provider> provider,
                                                   std::shared_ptr<net::Pool> pool, net::Loop& loop,
                                                   net::Cancel& cancel, Age age_max);

  bool asking();  // the provider is being asked at this moment

  static constexpr std::chrono::seconds kPatience{3};

 private:
  // Somebody who waits for another's asking; its own loop has `event` and `told`.
  struct Waiter {
    explicit Waiter(net::Loop& its_loop) : loop(&its_loop) {}
    net::Loop* const loop;
    net::Event event;
    bool told = false;
  };
  struct State {
    bool asking = false;
    std::vector<std::shared_ptr<Waiter>> waiters;
  };
  class Turn;

  std::shared_ptr<Waiter> AskOrWait(net::Loop& loop);  // null: the caller asks
  void EndAsking();
  static void Tell(const std::shared_ptr<Waiter>& waiter);

  base::Snapshot<ModelNames> known_{std::make_shared<const ModelNames>()};
  base::Guarded<State> state_;
};

}  // namespace upstream
