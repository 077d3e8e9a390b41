#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

enum class Format { kTable, kJson, kCsv };
std::optional<Format> ParseFormat(std::string_view name);

// Rows for a person (columns padded) or as CSV (RFC 4180).
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void Print(std::ostream& out, Format format) const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the header first; all of the same length
};

}  // namespace apps
