#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "insight/sheet.h"

namespace apps {

enum class Format { kTable, kJson, kCsv };
std::optional<Format> ParseFormat(std::string_view name);

// Rows for a person (columns padded) or as CSV (RFC 4180).
class Table {
 public:
  explicit Table(std::vector<std::string> header) { sheet_.header = std::move(header); }
  void Add(std::vector<std::string> row) { sheet_.rows.push_back(std::move(row)); }
  void Print(std::ostream& out, Format format) const;

 private:
  insight::Sheet sheet_;
};

}  // namespace apps
