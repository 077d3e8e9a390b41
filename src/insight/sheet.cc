#include "insight/sheet.h"

#include <algorithm>

#include "base/ascii.h"

namespace insight {
namespace {

// Characters, not bytes: names may be in any script.
std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::size_t Decimals(const std::string& text) {
  const std::size_t point = text.find('.');
  return point == std::string::npos ? 0 : text.size() - point;
}

// Blanks behind what has fewer decimals than its neighbours.
void AlignPoints(std::vector<std::vector<std::string>>& lines, std::size_t column) {
  std::size_t most = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) most = std::max(most, Decimals(lines[i][column]));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string& cell = lines[i][column];
    if (!cell.empty() && base::IsDigit(cell.back())) cell.append(most - Decimals(cell), ' ');
  }
}

}  // namespace

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != cells.data()) line += ',';
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line + '\n';
}

std::string Print(const Sheet& sheet) {
  std::vector<std::vector<std::string>> lines = {sheet.header};
  lines.insert(lines.end(), sheet.rows.begin(), sheet.rows.end());
  const auto is_right = [&sheet](std::size_t column) {
    return std::find(sheet.right.begin(), sheet.right.end(), column) != sheet.right.end();
  };
  std::vector<std::size_t> widths(sheet.header.size(), 0);
  for (std::size_t column = 0; column < widths.size(); ++column) {
    if (is_right(column)) AlignPoints(lines, column);
    for (const auto& line : lines) widths[column] = std::max(widths[column], Width(line[column]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string printed;
    for (std::size_t column = 0; column < line.size(); ++column) {
      const std::string fill(widths[column] - Width(line[column]), ' ');
      printed += (column > 0 ? "  " : "") + (is_right(column) ? fill + line[column] : line[column] + fill);
    }
    printed.erase(printed.find_last_not_of(' ') + 1);
    text += printed + '\n';
  }
  return text;
}

std::string PrintCsv(const Sheet& sheet) {
  std::string text = CsvLine(sheet.header);
  for (const auto& row : sheet.rows) text += CsvLine(row);
  return text;
}

}  // namespace insight
