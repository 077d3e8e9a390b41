#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "base/guarded.h"
#include "base/result.h"
#include "config/settings.h"
#include "pricing/book.h"

namespace pricing {

struct PriceWatchOptions {
  // Returns when it is time to look again; false: stop. Must return soon after a stop is requested.
  std::function<bool(std::stop_token)> wait;
  // Told on the watch's thread, or by Start and Use on the caller's, what could not be read: once for each
  // change. The prices that could be read are in force. May be empty.
  std::function<void(const base::Error&)> on_error;
};

// Keeps a Book up to date with the shipped catalogue, the imports of a data directory (those of other
// processes are seen within one wait) and the settings in force. Thread-safe. Owns the thread that looks.
class PriceWatch {
 public:
  // Makes the first book before it returns. Errors: kInvalid: the shipped catalogue contradicts itself.
  static base::Result<std::unique_ptr<PriceWatch>> Start(std::shared_ptr<const config::Settings> settings,
                                                         std::filesystem::path data_directory,
                                                         PriceWatchOptions options);
  ~PriceWatch();
  PriceWatch(const PriceWatch&) = delete;
  PriceWatch& operator=(const PriceWatch&) = delete;

  // The newest book. A request loads it once and keeps that one.
  std::shared_ptr<const Book> Prices() const { return book_.Load(); }
  const base::Snapshot<Book>& Books() const { return book_; }

  // Puts other settings in force (their providers and prices). Errors: as those of Start; the old book stays.
  base::Result<> Use(std::shared_ptr<const config::Settings> settings);

 private:
  struct State {
    std::shared_ptr<const config::Settings> settings;
    std::uint64_t changes = 0;  // of the settings
    std::string stamp;          // of the imports in the book
  };

  PriceWatch(std::shared_ptr<const config::Settings> settings, std::filesystem::path data_directory,
             PriceWatchOptions options);
  base::Result<> Remake();
  void Run(const std::stop_token& stop);

  const std::filesystem::path data_directory_;
  const PriceWatchOptions options_;
  base::Guarded<State> state_;
  base::Snapshot<Book> book_{nullptr};
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace pricing
