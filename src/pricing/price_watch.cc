#include "pricing/price_watch.h"

#include <utility>

#include "base/check.h"
#include "pricing/price_files.h"
#include "pricing/shipped.h"

namespace pricing {

base::Result<std::unique_ptr<PriceWatch>> PriceWatch::Start(std::shared_ptr<const config::Settings> settings,
                                                            std::filesystem::path data_directory,
                                                            PriceWatchOptions options) {
  CHECK(options.wait);
  std::unique_ptr<PriceWatch> watch(
      new PriceWatch(std::move(settings), std::move(data_directory), std::move(options)));
  if (auto made = watch->Remake(); !made) return base::Fail(made.error());
  watch->thread_ = std::jthread([raw = watch.get()](const std::stop_token& stop) { raw->Run(stop); });
  return watch;
}

PriceWatch::PriceWatch(std::shared_ptr<const config::Settings> settings, std::filesystem::path data_directory,
                       PriceWatchOptions options)
    : data_directory_(std::move(data_directory)), options_(std::move(options)) {
  state_.With([&settings](State& state) { state.settings = std::move(settings); });
}

PriceWatch::~PriceWatch() = default;

base::Result<> PriceWatch::Use(std::shared_ptr<const config::Settings> settings) {
  auto before = state_.With([&settings](State& state) {
    ++state.changes;
    return std::exchange(state.settings, settings);
  });
  auto made = Remake();
  if (made) return made;
  state_.With([&](State& state) {
    if (state.settings != settings) return;
    ++state.changes;
    state.settings = std::move(before);
  });
  return made;
}

base::Result<> PriceWatch::Remake() {
  while (true) {
    const auto [settings, changes] =
        state_.With([](const State& state) { return std::pair(state.settings, state.changes); });
    std::string stamp = ImportsStamp(data_directory_);  // before the load: a change in between is seen later
    Imports imports = LoadImports(data_directory_);
    auto shipped = ShippedCatalogue();
    if (!shipped) return base::Fail(shipped.error());
    auto book = Book::Make({.overrides = std::move(imports.overrides),
                            .shipped = std::move(*shipped),
                            .imports = std::move(imports.fills)},
                           *settings);
    if (!book) return base::Fail(book.error());
    // Whoever began with the newest settings has the last word. The snapshot's own lock is taken by nobody
    // who holds it and asks for this one.
    const bool newest = state_.With([&, began = changes](State& state) {
      if (state.changes != began) return false;
      state.stamp = std::move(stamp);
      book_.Store(std::move(*book));
      return true;
    });
    if (!newest) continue;
    for (const std::string& problem : imports.problems) {
      if (options_.on_error) options_.on_error({base::Code::kInvalid, problem});
    }
    return {};
  }
}

void PriceWatch::Run(const std::stop_token& stop) {
  while (options_.wait(stop)) {
    const std::string stamp = ImportsStamp(data_directory_);
    if (state_.With([&stamp](const State& state) { return state.stamp == stamp; })) continue;
    const auto made = Remake();
    if (made) continue;
    // An import that contradicts itself: told once, looked at again when it changes.
    state_.With([&stamp](State& state) { state.stamp = stamp; });
    if (options_.on_error) options_.on_error(made.error());
  }
}

}  // namespace pricing
