#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "config/settings.h"
#include "pricing/book.h"

namespace pricing {

// A book as the files of a data directory and some settings have it.
struct LoadedBook {
  std::shared_ptr<const Book> book;
  std::string stamp;                  // of the imports in it, as ImportsStamp gives it
  std::vector<std::string> problems;  // imports that cannot be read and are left out, a sentence each
};

// Makes the book of the shipped catalogue, the imports of a data directory and these settings' providers and
// prices. Reads files. Errors: kInvalid: an import contradicts itself.
base::Result<LoadedBook> LoadBook(const std::filesystem::path& data_directory,
                                  const config::Settings& settings);

struct PriceWatchOptions {
  // Returns when it is time to look again; false: stop. Must return soon after a stop is requested.
  std::function<bool(std::stop_token)> wait;
  // Puts a book in force that was made because the imports changed. Called on the watch's thread.
  std::function<void(std::shared_ptr<const Book>)> put_in_force;
  // Told on the watch's thread, or by Use on the caller's, what could not be read: once for each change. The
  // prices that could be read are in force. May be empty.
  std::function<void(const base::Error&)> on_error;
};

// Keeps the book in force up to date with the imports of a data directory (those of other processes are seen
// within one wait) and with the settings. Whoever makes a book, the watch or a reload, has the turn until the
// book is in force, so that none made of older settings comes after. Thread-safe. Owns the thread that looks;
// what `options` call outlives it.
class PriceWatch {
 public:
  // Goes on from a book that is in force already, made with these settings; its `stamp` is looked at.
  static std::unique_ptr<PriceWatch> Start(std::shared_ptr<const config::Settings> settings,
                                           std::string stamp, std::filesystem::path data_directory,
                                           PriceWatchOptions options);
  ~PriceWatch();
  PriceWatch(const PriceWatch&) = delete;
  PriceWatch& operator=(const PriceWatch&) = delete;

  // Makes the book of other settings and lets `put_in_force` put both in force together. Waits for the watch
  // where that is making a book. Errors: those of LoadBook, when nobody is asked to put anything in force,
  // and those of `put_in_force`; the watch then goes on with the settings that it had.
  base::Result<> Use(std::shared_ptr<const config::Settings> settings,
                     const std::function<base::Result<>(std::shared_ptr<const Book>)>& put_in_force);

 private:
  struct InForce {
    std::shared_ptr<const config::Settings> settings;
    std::string stamp;  // of the imports that were looked at last
  };

  PriceWatch(InForce in_force, std::filesystem::path data_directory, PriceWatchOptions options);
  void Look(InForce& in_force);
  void Run(const std::stop_token& stop);
  void Tell(const LoadedBook& loaded) const;

  const std::filesystem::path data_directory_;
  const PriceWatchOptions options_;
  // The turn. Kept while files are read, which nobody waits for but the two who make books; no loop does.
  base::Guarded<InForce> in_force_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace pricing
