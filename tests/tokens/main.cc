// The tokens of texts, for tools/token-vectors: `token_ids FILE.tokens`, where each line of the input is a
// text in hexadecimal and each line of the output its tokens.

#include <charconv>
#include <cstdint>
#include <iostream>
#include <string>

#include "engine/tokenizer.h"

namespace {

std::string FromHex(const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(line.data() + i, line.data() + i + 2, byte, 16);
    text.push_back(static_cast<char>(byte));
  }
  return text;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: token_ids FILE.tokens\n";
    return 2;
  }
  const auto tokenizer = engine::Tokenizer::FromFile(arguments[1]);
  if (!tokenizer) {
    std::cerr << tokenizer.error().detail << '\n';
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::string ids;
    for (const std::uint32_t id : (*tokenizer)->Encode(FromHex(line))) ids += std::to_string(id) + ' ';
    std::cout << ids << '\n';
  }
}
