#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/money.h"
#include "base/time_text.h"
#include "pricing/book.h"
#include "pricing/shipped.h"

// What tests ask a book in one line.

namespace pricing {

inline base::WallTime At(std::string_view text) {
  return base::ParseTime(text).value();
}

// The shipped catalogue alone, or with these settings.
inline std::shared_ptr<const Book> ShippedBook(const config::Settings& settings = {}) {
  BookSources sources;
  auto shipped = ShippedCatalogue();
  EXPECT_TRUE(shipped) << shipped.error().detail;
  if (shipped) sources.shipped = std::move(*shipped);
  auto book = Book::Make(std::move(sources), settings);
  EXPECT_TRUE(book) << book.error().detail;
  return book.value_or(nullptr);
}

// "0.15" for a rate per 1,000,000, "-" for none.
inline std::string PrintRate(const Rates& rates, chat::Meter meter) {
  return rates[meter] ? base::PrintPico(*rates[meter]) : "-";
}

// "cached / input / output phase" of the price in force, or why there is none.
inline std::string PriceAt(const Book& book, std::string_view provider, std::string_view model,
                           base::Currency currency, const Circumstances& circumstances) {
  std::string why;
  const PriceVersion* version =
      book.VersionAt(book.Find(provider, model, currency), currency, 0, circumstances, &why);
  if (version == nullptr) return why;
  std::string text = PrintRate(version->rates, chat::Meter::kCachedInput) + " / " +
                     PrintRate(version->rates, chat::Meter::kInput) + " / " +
                     PrintRate(version->rates, chat::Meter::kOutput);
  if (!version->phase.empty()) text += " " + version->phase;
  return text;
}

}  // namespace pricing
