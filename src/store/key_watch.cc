#include "store/key_watch.h"

#include <utility>

#include "base/check.h"

namespace store {

base::Result<std::unique_ptr<KeyWatch>> KeyWatch::Start(std::unique_ptr<KeyStore> store,
                                                        KeyWatchOptions options) {
  CHECK(options.wait);
  const auto seen = LookAt(*store);  // before the load: a change in between is seen by the next look
  if (!seen) return base::Fail(seen.error());
  auto keys = store->LoadAll();
  if (!keys) return base::Fail(keys.error());
  auto table = std::make_shared<const KeyTable>(std::move(*keys));
  return std::unique_ptr<KeyWatch>(
      new KeyWatch(std::move(store), std::move(options), *seen, std::move(table)));
}

KeyWatch::KeyWatch(std::unique_ptr<KeyStore> store, KeyWatchOptions options, Seen seen,
                   std::shared_ptr<const KeyTable> table)
    : store_(std::move(store)),
      options_(std::move(options)),
      seen_(seen),
      table_(std::move(table)),
      thread_([this](std::stop_token stop) { Run(std::move(stop)); }) {}

KeyWatch::~KeyWatch() = default;

void KeyWatch::Run(std::stop_token stop) {
  while (options_.wait(stop)) {
    const auto looked = Look();
    if (!looked && !failing_ && options_.on_error) options_.on_error(looked.error());
    failing_ = !looked;
  }
}

base::Result<KeyWatch::Seen> KeyWatch::LookAt(KeyStore& store) {
  const auto change = store.LastChange();
  if (!change) return base::Fail(change.error());
  const auto version = store.Version();
  if (!version) return base::Fail(version.error());
  return Seen{.version = *version, .change = *change};
}

base::Result<> KeyWatch::Look() {
  const auto version = store_->Version();
  if (!version) return base::Fail(version.error());
  if (*version == seen_.version) return {};
  const auto now = LookAt(*store_);
  if (!now) return base::Fail(now.error());
  auto table = Load(*now);
  if (!table) return base::Fail(std::move(table).error());
  table_.Store(std::move(*table));
  seen_ = *now;
  return {};
}

base::Result<std::shared_ptr<const KeyTable>> KeyWatch::Load(const Seen& now) {
  const bool told = now.change != seen_.change;
  auto keys = told ? store_->LoadChanged(seen_.change) : store_->LoadAll();
  if (!keys) return base::Fail(std::move(keys).error());
  return told ? std::make_shared<const KeyTable>(*table_.Load(), std::move(*keys))
              : std::make_shared<const KeyTable>(std::move(*keys));
}

}  // namespace store
