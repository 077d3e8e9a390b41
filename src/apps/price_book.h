#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "pricing/book.h"

namespace apps {

// The prices that a gateway with this data directory and config would use. Imports that cannot be read are
// named on standard error and left out. Errors: those of Book::Make.
base::Result<std::shared_ptr<const pricing::Book>> BookOf(const std::filesystem::path& data,
                                                          const config::Settings& settings);

// The same with one import more.
base::Result<std::shared_ptr<const pricing::Book>> BookWith(const std::filesystem::path& data,
                                                            const config::Settings& settings,
                                                            pricing::Catalogue import, bool overrides);

// A sentence for each model of a ladder or a fallback that has no price at `now`, simulated providers apart,
// and for each setting `prices` that means nobody.
std::vector<std::string> UnpricedModels(const pricing::Book& book, const config::Settings& settings,
                                        base::WallTime now);

}  // namespace apps
