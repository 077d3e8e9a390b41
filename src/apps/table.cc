#include "apps/table.h"

namespace apps {

std::optional<Format> ParseFormat(std::string_view name) {
  if (name == "table") return Format::kTable;
  if (name == "json") return Format::kJson;
  if (name == "csv") return Format::kCsv;
  return std::nullopt;
}

void Table::Print(std::ostream& out, Format format) const {
  out << (format == Format::kCsv ? insight::PrintCsv(sheet_) : insight::Print(sheet_));
}

}  // namespace apps
