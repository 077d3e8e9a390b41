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

// What a command may be given beside its options that have a value and are given once; dashes included.
struct ArgumentKinds {
  std::vector<std::string> flags{};       // without a value: --off-peak
  std::vector<std::string> repeatable{};  // with a value, as often as one likes
};

// The arguments behind a command: options with a value (`--team T`, `--team=T`, `-c FILE`), flags and words.
class Arguments {
 public:
  // `options` are the names that are known, dashes included. Errors: kInvalid, with the nearest known name.
  static base::Result<Arguments> Parse(const std::vector<std::string>& given,
                                       const std::vector<std::string>& options,
                                       const ArgumentKinds& more = {});

  std::optional<std::string> Find(std::string_view option) const;
  std::string Get(std::string_view option, std::string fallback) const;
  bool Has(std::string_view option) const { return values_.contains(option); }
  const std::vector<std::string>& All(std::string_view option) const;  // in the order given
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> words_;
};

// Whether what stands behind a command asks for its help, wherever it does: each command looks here first.
bool AsksForHelp(const std::vector<std::string>& given);

// Says on standard error what went wrong and gives back `code`.
int Complain(int code, std::string_view sentence);

// The same for what a part below says no to: kInvalid is wrong usage, kNotFound the answer no, and everything
// else the environment.
int Complain(const base::Error& error);

}  // namespace apps
