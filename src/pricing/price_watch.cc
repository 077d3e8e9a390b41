#include "pricing/price_watch.h"

#include <utility>

#include "base/check.h"
#include "pricing/price_files.h"
#include "pricing/shipped.h"

namespace pricing {

base::Result<LoadedBook> LoadBook(const std::filesystem::path& data_directory,
                                  const config::Settings& settings) {
  LoadedBook loaded;
  loaded.stamp = ImportsStamp(data_directory);  // before the load: a change in between is seen later
  Imports imports = LoadImports(data_directory);
  auto shipped = ShippedCatalogue();
  if (!shipped) return base::Fail(std::move(shipped).error());
  auto book = Book::Make({.overrides = std::move(imports.overrides),
                          .shipped = std::move(*shipped),
                          .imports = std::move(imports.fills)},
                         settings);
  if (!book) return base::Fail(std::move(book).error());
  loaded.book = std::move(*book);
  loaded.problems = std::move(imports.problems);
  return loaded;
}

std::unique_ptr<PriceWatch> PriceWatch::Start(std::shared_ptr<const config::Settings> settings,
                                              std::string stamp, std::filesystem::path data_directory,
                                              PriceWatchOptions options) {
  CHECK(options.wait && options.put_in_force);
  std::unique_ptr<PriceWatch> watch(
      new PriceWatch({std::move(settings), std::move(stamp)}, std::move(data_directory), std::move(options)));
  watch->thread_ = std::jthread([raw = watch.get()](const std::stop_token& stop) { raw->Run(stop); });
  return watch;
}

PriceWatch::PriceWatch(InForce in_force, std::filesystem::path data_directory, PriceWatchOptions options)
    : data_directory_(std::move(data_directory)),
      options_(std::move(options)),
      in_force_(std::move(in_force)) {}

PriceWatch::~PriceWatch() = default;

base::Result<> PriceWatch::Use(
    std::shared_ptr<const config::Settings> settings,
    const std::function<base::Result<>(std::shared_ptr<const Book>)>& put_in_force) {
  return in_force_.With([&](InForce& in_force) -> base::Result<> {
    auto loaded = LoadBook(data_directory_, *settings);
    if (!loaded) return base::Fail(std::move(loaded).error());
    if (auto put = put_in_force(loaded->book); !put) return put;
    in_force = {std::move(settings), loaded->stamp};
    Tell(*loaded);
    return {};
  });
}

void PriceWatch::Look(InForce& in_force) {
  std::string stamp = ImportsStamp(data_directory_);
  if (stamp == in_force.stamp) return;
  const auto loaded = LoadBook(data_directory_, *in_force.settings);
  if (loaded) {
    options_.put_in_force(loaded->book);
    in_force.stamp = loaded->stamp;
    Tell(*loaded);
  } else {
    // An import that contradicts itself: told once, looked at again when it changes.
    in_force.stamp = std::move(stamp);
    if (options_.on_error) options_.on_error(loaded.error());
  }
}

void PriceWatch::Run(const std::stop_token& stop) {
  while (options_.wait(stop)) in_force_.With([this](InForce& in_force) { Look(in_force); });
}

void PriceWatch::Tell(const LoadedBook& loaded) const {
  if (!options_.on_error) return;
  for (const std::string& problem : loaded.problems) options_.on_error({base::Code::kInvalid, problem});
}

}  // namespace pricing
