#include "translate/losses.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "wire/json_scanner.h"
#include "wire/json_string.h"

namespace translate {
namespace {

constexpr std::size_t kNameBytesMax = 64;                    // of one member's name in a path
constexpr std::size_t kLookedForMax = 4 * kDroppedNamesMax;  // several may have the same name

bool Lies(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> before;
  return before(whole.data(), part.data()) && before(part.data(), whole.data() + whole.size());
}

// Members that point at what a provider keeps. Whoever lacks them cannot say more than that; this can.
struct KeptElsewhere {
  std::string_view member;
  std::string_view why;
  bool in_question;  // what is kept is a part of the question
};
constexpr KeptElsewhere kKeptElsewhere[] = {
    {"previous_response_id", "the turns before it are kept by the provider that answered; send them along",
     true},
    {"conversation", "its turns are kept by the provider that answered; send them along", true},
    {"prompt", "the template is kept by the provider it was written at; send what it says", true},
    {"background", "a translated answer is given when it is asked for, not fetched later", false},
    {"store", "a translated answer is kept nowhere", false},
};

const KeptElsewhere* FindKeptElsewhere(std::string_view name) {
  const auto one = std::find_if(std::begin(kKeptElsewhere), std::end(kKeptElsewhere),
                                [name](const KeptElsewhere& kept) { return kept.member == name; });
  return one == std::end(kKeptElsewhere) ? nullptr : one;
}

// Something in a body, and what it is called there once it has been found.
struct Wanted {
  std::string_view where;
  std::string name;
};

// Whether something wanted lies in `inner`, or before it where no value is.
bool Reaches(std::string_view inner, std::span<const Wanted> wanted) {
  return std::less<>()(wanted.front().where.data(), inner.data() + inner.size());
}

// Names what is wanted inside one member or element; `name` is that of the value it stands in. Answers what
// is wanted behind it.
std::span<Wanted> NameInside(std::string_view inner, std::string& name, std::span<Wanted> wanted);

// Names all of `wanted`, which lie in `value`, called `name`, in the order in which they stand there. Each
// byte is passed once for each value that it is in and that holds something wanted.
void NameAll(std::string_view value, std::string& name, std::span<Wanted> wanted) {
  for (Wanted& one : wanted) one.name = name.empty() ? "$" : name;
  // What begins where the value begins is the value itself.
  while (!wanted.empty() && wanted.front().where.data() == value.data()) wanted = wanted.subspan(1);
  const std::size_t size = name.size();
  wire::JsonCursor cursor(value);
  if (wanted.empty()) return;
  if (cursor.EnterObject()) {
    while (!wanted.empty() && cursor.NextMember()) {
      const std::string_view key = cursor.Key();
      const std::string_view inner = cursor.Take().raw;
      if (!Reaches(inner, wanted)) continue;
      if (size > 0) name += '.';
      name += CleanName(key);
      wanted = NameInside(inner, name, wanted);
      name.resize(size);
    }
  } else if (cursor.EnterArray()) {
    for (std::size_t i = 0; !wanted.empty() && cursor.NextElement(); ++i) {
      const std::string_view inner = cursor.Take().raw;
      if (!Reaches(inner, wanted)) continue;
      name += '[' + std::to_string(i) + ']';
      wanted = NameInside(inner, name, wanted);
      name.resize(size);
    }
  }
}

std::span<Wanted> NameInside(std::string_view inner, std::string& name, std::span<Wanted> wanted) {
  const auto within = std::partition_point(wanted.begin(), wanted.end(), [&](const Wanted& one) {
    return std::less<>()(one.where.data(), inner.data());
  });
  const auto behind = std::partition_point(within, wanted.end(), [&](const Wanted& one) {
    return std::less<>()(one.where.data(), inner.data() + inner.size());
  });
  if (within != behind) NameAll(inner, name, {within, behind});
  return {behind, wanted.end()};
}

// The names of what is wanted, in its order.
std::vector<std::string> NamesOf(std::string_view body, std::span<const std::string_view> all) {
  std::vector<Wanted> wanted;
  for (const std::string_view where : all) wanted.push_back({Lies(where, body) ? where : body, {}});
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::less<>()(wanted[a].where.data(), wanted[b].where.data());
  });
  std::vector<Wanted> sorted;
  for (const std::size_t i : order) sorted.push_back(std::move(wanted[i]));
  std::string name;
  NameAll(body, name, sorted);
  std::vector<std::string> names(all.size());
  for (std::size_t i = 0; i < order.size(); ++i) names[order[i]] = std::move(sorted[i].name);
  return names;
}

}  // namespace

std::string CleanName(std::string_view inside) {
  std::string plain;
  wire::AppendUnescaped(plain, inside);
  if (plain.size() > kNameBytesMax) plain.resize(kNameBytesMax);
  for (char& c : plain) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7f || c == ',' || c == '"' || c == '\\') c = '_';
  }
  return plain;
}

void AddName(std::string name, std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  if (names.size() < kDroppedNamesMax) {
    names.push_back(std::move(name));
  } else if (names.size() == kDroppedNamesMax) {
    names.emplace_back("...");
  }
}

std::string PathOf(std::string_view body, std::string_view where) {
  return NamesOf(body, {&where, 1}).front();
}

std::string QuotedPath(std::string_view body, std::string_view where) {
  const std::string path = PathOf(body, where);
  return path == "$" ? "the body" : "'" + path + "'";
}

base::Error Losses::Refusal(std::string_view body, std::string_view target) const {
  const Entry& first = unsayable_.front();
  const std::string name = PathOf(body, first.where);
  const KeptElsewhere* const kept = FindKeptElsewhere(name);
  const std::string_view why = kept == nullptr ? first.why : kept->why;
  std::string text = "'" + name + "' cannot be said to " + std::string(target);
  if (!why.empty()) text += ": " + std::string(why);
  text += NorCan(body);
  text += "; leave it out, or ask for a model of a provider that knows it";
  if (kept == nullptr) text += ", or let the gateway leave such fields out (translation.unsayable: drop)";
  return {base::Code::kInvalid, std::move(text)};
}

std::string Losses::NorCan(std::string_view body) const {
  std::vector<std::string_view> all;
  for (const Entry& entry : unsayable_) {
    if (all.size() < kLookedForMax) all.push_back(entry.where);
  }
  const std::size_t unread = unsayable_.size() - all.size();
  std::vector<std::string> names;
  for (std::string& name : NamesOf(body, all)) AddName(std::move(name), names);
  std::string text;
  for (std::size_t i = 1; i < std::min(names.size(), kRefusedNamesMax); ++i) {
    text += (text.empty() ? " (nor can '" : ", '") + names[i] + "'";
  }
  if (const std::size_t more = unread + names.size() - std::min(names.size(), kRefusedNamesMax); more > 0) {
    text += text.empty() ? " (nor can " : " and ";
    text += unread > 0 || names.back() == "..." ? "more" : std::to_string(more) + " more";
  }
  return text.empty() ? text : text + ")";
}

bool Losses::AnyPartElsewhere(std::string_view body) const {
  wire::JsonCursor cursor(body);
  if (!cursor.EnterObject()) return false;
  while (cursor.NextMember()) {
    const auto is_it = [&cursor](const KeptElsewhere& kept) {
      return kept.in_question && cursor.KeyIs(kept.member);
    };
    if (std::none_of(std::begin(kKeptElsewhere), std::end(kKeptElsewhere), is_it)) continue;
    const std::string_view value = cursor.Take().raw;
    const auto points = [value](const Entry& entry) { return Lies(entry.where, value); };
    if (std::any_of(unsayable_.begin(), unsayable_.end(), points)) return true;
  }
  return false;
}

std::vector<const char*> Losses::UnsayablePlaces() const {
  std::vector<const char*> places;
  places.reserve(unsayable_.size());
  for (const Entry& entry : unsayable_) places.push_back(entry.where.data());
  std::sort(places.begin(), places.end(), std::less<>());
  return places;
}

std::string Losses::FirstName(std::string_view body) const {
  return PathOf(body, unsayable_.front().where);
}

std::vector<std::string> Losses::Names(std::string_view body) const {
  std::vector<std::string_view> all;
  for (const auto* entries : {&unsayable_, &ignored_}) {
    for (const Entry& entry : *entries) {
      if (all.size() <= kLookedForMax) all.push_back(entry.where);
    }
  }
  const bool more = all.size() > kLookedForMax;
  if (more) all.pop_back();
  std::vector<std::string> names;
  for (std::string& name : NamesOf(body, all)) AddName(std::move(name), names);
  if (more && (names.empty() || names.back() != "...")) names.emplace_back("...");
  return names;
}

}  // namespace translate
