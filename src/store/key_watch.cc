#include "store/key_watch.h"

#include <utility>

#include "base/check.h"

namespace store {

base::Result<std::unique_ptr<KeyWatch>> KeyWatch::Start(std::unique_ptr<KeyStore> store,
                                                        KeyWatchOptions options) {
  CHECK(options.wait);
  const auto version = store->Version();  // before the load: a change in between is seen by the next look
  if (!version) return base::Fail(version.error());
  auto keys = store->LoadAll();
  if (!keys) return base::Fail(keys.error());
  auto table = std::make_shared<const KeyTable>(std::move(*keys));
  return std::unique_ptr<KeyWatch>(
      new KeyWatch(std::move(store), std::move(options), *version, std::move(table)));
}

KeyWatch::KeyWatch(std::unique_ptr<KeyStore> store, KeyWatchOptions options, std::uint64_t version,
                   std::shared_ptr<const KeyTable> table)
    : store_(std::move(store)),
      options_(std::move(options)),
      version_(version),
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

base::Result<> KeyWatch::Look() {
  const auto version = store_->Version();
  if (!version) return base::Fail(version.error());
  if (*version == version_) return {};
  auto keys = store_->LoadAll();
  if (!keys) return base::Fail(keys.error());
  table_.Store(std::make_shared<const KeyTable>(std::move(*keys)));
  version_ = *version;
  return {};
}

}  // namespace store
