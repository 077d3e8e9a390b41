#include "config/problem.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/utf8.h"

namespace config {
namespace {

constexpr std::size_t kQuotedMax = 60;
constexpr std::size_t kWordMax = 64;  // longer words are never a slip of the finger

// Edits that turn one word into the other: insert, remove, replace, swap neighbours (Damerau-Levenshtein in
// its "optimal string alignment" form).
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace

std::string Print(const Problem& problem) {
  std::string out = problem.file;
  if (problem.at.line > 0) {
    out += ":" + std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column);
  }
  if (!out.empty()) out += ": ";
  out += problem.what;
  if (!problem.why.empty()) out += ", " + problem.why;
  if (!problem.instead.empty()) out += ", " + problem.instead;
  return out;
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  std::size_t at = 0;
  while (at < text.size() && at < kQuotedMax) {
    const std::size_t length = base::Utf8SequenceLength(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      out += "\\x" + base::Hex(text.substr(at, 1));
      at += 1;
    } else {
      out += text.substr(at, length);
      at += length;
    }
  }
  return out + (at < text.size() ? "...\"" : "\"");
}

std::optional<std::string> Nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::vector<std::string> nearest = NearestFew(word, candidates, 1);
  if (nearest.empty()) return std::nullopt;
  return std::move(nearest.front());
}

std::vector<std::string> NearestFew(std::string_view word, const std::vector<std::string>& candidates,
                                    std::size_t count) {
  if (word.empty() || word.size() > kWordMax) return {};
  const std::string lower = base::Lower(word);
  const std::size_t most = std::max<std::size_t>(1, word.size() / 3);
  std::vector<std::pair<std::size_t, const std::string*>> near;  // by how far they are
  std::size_t looks = 0;
  for (const std::string& candidate : candidates) {
    // Each letter that one of them has more is an edit.
    if (std::max(candidate.size(), word.size()) - std::min(candidate.size(), word.size()) > most) continue;
    if (++looks > kNearestLooks) break;
    const std::size_t distance = Distance(lower, base::Lower(candidate));
    if (distance <= most) near.emplace_back(distance, &candidate);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> found;
  for (std::size_t i = 0; i < near.size() && found.size() < count; ++i) {
    const std::string& candidate = *near[i].second;
    if (std::find(found.begin(), found.end(), candidate) == found.end()) found.push_back(candidate);
  }
  return found;
}

}  // namespace config
