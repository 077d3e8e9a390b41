#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace translate {

inline constexpr std::size_t kDroppedNamesMax =
    32;  // names that are told; of more there is only a sign: "..."
inline constexpr std::size_t kRefusedNamesMax = 8;  // names in the sentence of a refusal

// What a request says and the other dialect cannot. Each entry is a view into the body that was read; where
// it stands there gives its name ("messages[2].content[0].cache_control"), so nobody has to carry names
// along.
class Losses {
 public:
  // Cannot be said there. `why` completes the sentence "<name> cannot be said to <provider>: ..."; a literal.
  void Cannot(std::string_view where, std::string_view why = {}) { unsayable_.push_back({where, why}); }
  // The provider promises to ignore it, or it has no effect there: named, never refused.
  void Ignored(std::string_view where) { ignored_.push_back({where, {}}); }

  bool empty() const { return unsayable_.empty() && ignored_.empty(); }
  void Clear() {
    unsayable_.clear();
    ignored_.clear();
  }
  bool AnyUnsayable() const { return !unsayable_.empty(); }
  std::size_t Unsayable() const { return unsayable_.size(); }

  // kInvalid with a sentence that names the unsayable fields, at most kRefusedNamesMax of them, and says what
  // to do; `target` names the provider's API for people ("Anthropic Messages"). REQUIRES: AnyUnsayable().
  base::Error Refusal(std::string_view body, std::string_view target) const;

  // Whether something unsayable points to a part of the question that another provider keeps: without it the
  // question would be another one, so that it is refused also where what cannot be said is left out.
  bool AnyPartElsewhere(std::string_view body) const;
  // Where what is unsayable begins, in the order of the text.
  std::vector<const char*> UnsayablePlaces() const;
  std::string FirstName(std::string_view body) const;  // of the first unsayable one

  // The names of all entries, each once, at most kDroppedNamesMax.
  std::vector<std::string> Names(std::string_view body) const;

 private:
  struct Entry {
    std::string_view where;
    std::string_view why;
  };
  // What a refusal says of all but the first.
  std::string NorCan(std::string_view body) const;

  std::vector<Entry> unsayable_;
  std::vector<Entry> ignored_;
};

// Adds `name` unless it is there. At most kDroppedNamesMax stay, and "..." for more.
void AddName(std::string name, std::vector<std::string>& names);

// A name that somebody else has chosen, as it can stand in a header and a log line: its first 64 bytes.
std::string CleanName(std::string_view inside);

// The name of the innermost value of `body` that `where`, a view into it, lies in: member names joined by
// dots, elements as [n]. A member whose name is no plain word is cut to 64 bytes and cleaned of what a header
// or log line cannot hold. `$` for the whole text, or if `where` is not in it. Linear in the body.
std::string PathOf(std::string_view body, std::string_view where);

// The same for a sentence: the name in quotes, `the body` for the whole text.
std::string QuotedPath(std::string_view body, std::string_view where);

}  // namespace translate
