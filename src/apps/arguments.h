#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace apps {

// Exit codes of every command.
inline constexpr int kDone = 0;
inline constexpr int kNo = 1;           // a check failed
inline constexpr int kWrongUsage = 2;   // arguments
inline constexpr int kEnvironment = 3;  // port taken, disk full, file unreadable

// The arguments behind a command: options with a value (`--team T`, `--team=T`, `-c FILE`) and words.
class Arguments {
 public:
  // `options` are the names that are known, dashes included. Errors: kInvalid, with the nearest known name.
  static base::Result<Arguments> Parse(const std::vector<std::string>& given,
                                       const std::vector<std::string>& options);

  std::optional<std::string> Find(std::string_view option) const;
  std::string Get(std::string_view option, std::string fallback) const;
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> words_;
};

// Says on standard error what went wrong and gives back `code`.
int Complain(int code, std::string_view sentence);

}  // namespace apps
