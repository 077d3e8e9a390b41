#pragma once

#include <string>
#include <vector>

namespace insight {

// A table before it is printed: for a person, or as CSV.
struct Sheet {
  std::vector<std::string> header{};
  std::vector<std::vector<std::string>> rows{};  // each as long as the header
  std::vector<std::size_t> right{};              // columns of numbers, which end under one another
};

// RFC 4180: quoted where need be, lines end in a line feed.
std::string CsvLine(const std::vector<std::string>& cells);

// Columns two blanks apart, numbers of a column below each other with their decimal points in one line.
std::string Print(const Sheet& sheet);
std::string PrintCsv(const Sheet& sheet);

}  // namespace insight
